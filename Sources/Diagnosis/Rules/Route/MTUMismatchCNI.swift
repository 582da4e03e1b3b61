import NetValues
import Observations
import Planning

/// The two ends of one link, or the ports of one bridge, have different MTUs (catalogue section 6).
enum MTUMismatchCNI: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "mtu-mismatch-cni", severity: .warning, title: "The ends of a link have different MTUs",
        signals: [
            "packets above a size vanish without a word before the first hop, while small ones come to it (leadsman mtu): a veth end drops frames that are larger than its own MTU by more than 4 bytes",
            "ports of one bridge of this host have different MTUs",
        ],
        lookalikes: [
            "pmtu-black-hole: large packets come to the first hop, and vanish behind it",
            "pmtu-reduced: somebody says that they are too large",
        ],
        traps: ["TCP survives through the segment size of the smaller end; large datagrams do not"],
        remedy: [
            "give both ends of the link, and all ports of the bridge, one MTU (ip link set DEVICE mtu N)",
            "in Kubernetes: set one MTU in the CNI's configuration (Calico veth_mtu, Cilium MTU, Flannel by its backend) and restart pods that have the old one",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        PathLimit.all(in: evidence).compactMap { firstHop($0, evidence) } + bridges(evidence.vantage.latest)
    }

    // MARK: The own link

    private static func firstHop(_ limit: PathLimit, _ evidence: Evidence) -> Finding? {
        guard let fact = limit.silent.first(where: { $0.isFirstHop && !$0.hasLargeErrors }),
            let passed = fact.largestPassed,
            let lost = fact.smallestLost
        else { return nil }
        let own = interface(towards: limit.address, evidence)
        let name = own?.name ?? "the own interface"
        let hanging = limit.checks.filter { $0.check.kind != "mtu" && $0.isFailing }
        let isSaved = limit.agreedSize.map { $0 <= passed } ?? false
        let next = fact.beyond?.responder(towards: limit.address)?.description ?? "the next hop"
        return finding(
            name, checks: limit.checks.map(\.name), severity: hanging.isEmpty || isSaved ? .warning : .error,
            confidence: fact.ending == .found ? .likely : .possible,
            summary:
                "\(passed) bytes get from \(name) to \(next), the first hop; \(lost) do not, and nobody says so: the other end of the link takes less.",
            evidence: limit.facts.map(\.words)
                + [
                    own.map { "\($0.name)\($0.kind.map { " (\($0))" } ?? "") has mtu \($0.mtu)" },
                    limit.agreedSize.map {
                        "TCP connections agree on packets of up to \($0) bytes\(isSaved ? ", which get through" : "")"
                    }, OverlayArithmetic.words(passed, link: own?.mtu),
                ].compactMap(\.self),
            cause: own?.kind == "veth"
                ? "The other end of the veth pair has a smaller MTU, very likely \(passed - 4) (frames pass up to 4 bytes more), and drops what is larger without a word."
                : "A device on the own link (a switch, bridge or tunnel that is no router) takes less than the interface's MTU, and drops what is larger without a word."
        )
    }

    private static func interface(towards address: IPAddress, _ evidence: Evidence) -> NetworkInterfaceState? {
        let state = evidence.vantage.latest
        guard case .route(let route)? = Routing(state)?.decide(Routing.Packet(destination: address))?.way,
            let name = route.hops.first?.interface
        else { return nil }
        return state.interfaces.first { $0.name == name }
    }

    // MARK: Bridges of this host

    private static func bridges(_ state: VantageState) -> [Finding] {
        state.interfaces.filter { $0.kind == "bridge" && $0.isUp }.compactMap { bridge in
            let ports = state.interfaces.filter { $0.master == bridge.name && $0.isUp }
            let sizes = Set(ports.map(\.mtu)).sorted()
            guard let least = sizes.first, let most = sizes.last, sizes.count > 1 else { return nil }
            let small = ports.filter { $0.mtu == least }.map(\.name)
            let large = ports.filter { $0.mtu == most }.map(\.name)
            return finding(
                bridge.name, checks: [], confidence: .likely,
                summary:
                    "Ports of the bridge \(bridge.name) have different MTUs: what is larger than \(least) bytes vanishes between them.",
                evidence: [
                    "mtu \(least): \(listed(small))", "mtu \(most): \(listed(large))",
                    "\(bridge.name) itself: mtu \(bridge.mtu)",
                ],
                cause:
                    "A bridge is no router: what is too large for the port that it leaves by is dropped without a word."
            )
        }
    }
}
