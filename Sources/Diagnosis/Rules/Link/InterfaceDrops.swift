import NetValues
import Observations
import Planning

/// This host itself dropped packets while the run or the capture went on (catalogue section 6).
enum InterfaceDrops: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "interface-drops", severity: .warning, title: "An interface of this host drops packets",
        signals: [
            "the interface's own count of dropped packets rose during the capture",
            "without a capture: drops or errors of an interface rose during the run by at least ten and by one percent of its packets, or the queues of the machine's processors overflowed",
            "as a note: datagrams that did not fit in the receive or send buffer of a socket here (UDP RcvbufErrors, SndbufErrors)",
        ],
        lookalikes: [
            "drops of the capture itself (its buffer was full): our own limit, told with the capture and not a fault",
            "packet-loss: on the way, while interfaces here drop nothing",
        ],
        traps: [
            "counts since the machine started say nothing: only what rose during the run counts",
            "frames of protocols that nobody here speaks count as dropped too: a few are ordinary",
            "softnet_stat is of the whole machine, buffers of sockets are of this network namespace, this program's own included",
        ],
        remedy: [
            "look at ip -s link and ethtool -S for which counter rises, and at /proc/net/softnet_stat",
            "raise the receive ring (ethtool -G) or net.core.netdev_max_backlog, or give the machine more processor time",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        [captured(evidence) ?? counted(evidence), buffers(evidence)].compactMap(\.self)
    }

    private static func captured(_ evidence: Evidence) -> Finding? {
        // Of a run, each check tells the same counts so far.
        let worst = evidence.captures.filter { $0.drops.isKnown && $0.drops.interface > 0 }.max {
            $0.drops.interface < $1.drops.interface
        }
        guard let worst else { return nil }
        let place = worst.check?.packets.map { "the interfaces of \($0.place)" } ?? "the captured interface"
        return finding(
            place, checks: [], confidence: .certain,
            summary:
                "\(Diagnosis.counted(worst.drops.interface, "packet")) dropped by \(place) while this was captured.",
            evidence: [
                "interface drops \(worst.drops.interface), drops of the capture itself \(worst.drops.kernel)"
            ],
            cause:
                "More came than the card, its driver or the kernel's queues took: bursts, or too little processor time."
        )
    }

    // MARK: Counters

    private static func counted(_ evidence: Evidence) -> Finding? {
        let growth = evidence.vantage.growth
        let names = evidence.vantage.start.interfaces.filter { !$0.isLoopback }.map(\.name)
        let losses = names.flatMap { InterfaceLoss.all(of: $0, growth) }
        let backlog = growth["softnet.dropped"] ?? 0
        guard !losses.isEmpty || backlog > 0 else { return nil }
        let hurt = evidence.measured.contains { $0.failures > 0 }
        let place = losses.first.map { "the interface \($0.interface)" } ?? "the processors' queues of this machine"
        return finding(
            place, checks: [], severity: hurt ? .warning : .info, confidence: losses.isEmpty ? .likely : .certain,
            summary:
                "\(losses.first.map { "\(Diagnosis.counted(Int(clamping: $0.count), "packet")) lost" } ?? "\(backlog) packets dropped") by \(place) during the run.",
            evidence: losses.prefix(6).map(\.words)
                + (backlog > 0
                    ? [
                        "softnet_stat: \(backlog) packets dropped, of the whole machine, this network namespace or another"
                    ] : []),
            cause: losses.contains(where: \.isError)
                ? "Frames are damaged or cannot be sent: a cable, a card, its driver, or two ends that disagree."
                : "More came than the card, its driver or the kernel's queues took: bursts, or too little processor time."
        )
    }

    /// Not the network's: a program here did not fetch in time, and this one may be it.
    private static func buffers(_ evidence: Evidence) -> Finding? {
        let growth = evidence.vantage.growth
        let names = ["Udp.RcvbufErrors", "Udp.SndbufErrors", "Udp6.RcvbufErrors", "Udp6.SndbufErrors"]
        let grown = names.compactMap { name in growth[name].map { (name: name, count: $0) } }
        guard !grown.isEmpty else { return nil }
        let isStalled = evidence.strain.stalledTime > .milliseconds(50)
        return finding(
            "UDP buffers of this network namespace", checks: [], severity: .info,
            confidence: isStalled ? .possible : .likely,
            summary:
                "Datagrams were dropped on this host since a socket's buffer was full: the network had delivered them.",
            evidence: grown.map { "\($0.name) rose by \($0.count) during the run" }
                + (isStalled
                    ? ["this process itself stood still for \(evidence.strain.stalledTime.spoken): they may be its own"]
                    : []),
            cause:
                "A program of this network namespace does not fetch its datagrams as fast as they come; this program's own sockets count too.",
            remedy: [
                "look for the socket with drops: ss -uamp (d), /proc/net/udp (drops)",
                "raise its receive buffer (SO_RCVBUF, net.core.rmem_max), or give the program more processor time",
            ])
    }
}

/// What an interface lost in one direction during the run.
private struct InterfaceLoss {
    let interface: String
    let direction: String
    let count: UInt64
    let isError: Bool
    private let packets: UInt64
    private let kinds: [String]

    var words: String {
        "\(interface): \(kinds.joined(separator: ", ")) beside \(packets) packets \(direction == "rx" ? "received" : "sent")"
    }

    static func all(of interface: String, _ growth: KernelCounters) -> [InterfaceLoss] {
        ["rx", "tx"].compactMap { direction in
            func grown(_ field: String) -> UInt64 { growth["interface.\(interface).\(direction)_\(field)"] ?? 0 }
            let (errors, drops, packets) = (grown("errors"), grown("dropped"), grown("packets"))
            let count = errors.addingClamped(drops)
            // Frames that nobody here speaks count as dropped: a few every second on many networks.
            guard count >= 10, count >= packets / 100 else { return nil }
            return InterfaceLoss(
                interface: interface, direction: direction, count: count, isError: errors >= drops, packets: packets,
                kinds: [errors > 0 ? "\(errors) errors" : nil, drops > 0 ? "\(drops) dropped" : nil].compactMap(\.self))
        }
    }
}

extension UInt64 {
    fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
