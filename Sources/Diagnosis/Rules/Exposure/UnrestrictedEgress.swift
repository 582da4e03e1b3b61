import NetValues
import Observations
import Planning
import Wire

/// Hosts reach whatever they like on the internet (catalogue section 13).
enum UnrestrictedEgress: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "unrestricted-egress", severity: .warning, title: "Outgoing traffic is not restricted",
        signals: [
            "three and more undeclared endpoints on three ports (doctor --egress-ports) answer in their own protocol, and an address that is nobody's does not",
            "in a capture: one private address exchanges data with at least three addresses of the internet on three ports that are none of the usual ones (web, names, time, mail)",
        ],
        lookalikes: [
            "a proxy that accepts every connection: no answer of the real protocol comes",
            "a client of one unusual service: one port",
        ],
        traps: [
            "a capture shows what was used, not what is allowed: it may all be meant",
            "video calls and peer-to-peer software use many ports",
        ],
        remedy: [
            "see in the egress table which destinations are meant",
            "deny outgoing traffic by default, and allow the destinations that are needed (NetworkPolicy, firewall, egress gateway)",
        ])

    /// Web, DNS and DNS over TLS, NTP, mail, VPN.
    private static let usual: Set<UInt16> = [
        22, 25, 53, 80, 123, 143, 443, 465, 500, 587, 853, 993, 995, 3478, 4500, 5228, 8080, 8443, 51820,
    ]

    static func findings(in evidence: Evidence) -> [Finding] {
        probed(evidence) + (evidence.packets.map(captured) ?? [])
    }

    /// Endpoints that nobody declared as needed, asked on request.
    private static func probed(_ evidence: Evidence) -> [Finding] {
        let undeclared = evidence.measured.filter { $0.check.outbound == .undeclared }
        let answering = undeclared.filter { check in
            check.banners.contains { !$0.bytes.isEmpty } || check.handshakes.contains { !$0.chain.isEmpty }
                || check.exchanges.contains { $0.response != nil }
        }
        let places = answering.map(\.check.target.description).unique()
        guard places.count >= 3, Set(answering.compactMap(\.check.target.port)).count >= 3 else { return [] }
        let nowhere = evidence.measured.filter { $0.check.outbound == .nowhere }
        // What accepts there accepts everything: then no connection says anything.
        guard !nowhere.contains(where: { $0.connects.contains { $0.outcome == .connected } }) else { return [] }
        return [
            finding(
                "outgoing traffic", checks: answering.map(\.name), confidence: nowhere.isEmpty ? .possible : .likely,
                summary:
                    "\(places.count) of \(counted(undeclared.count, "undeclared endpoint")) answer: nothing limits what leaves here.",
                evidence: places.prefix(8).map { "answered in its own protocol: \($0)" }
                    + nowhere.prefix(1).map {
                        "\($0.check.target), which is nobody's, does not accept: no proxy stands in for them"
                    },
                cause: "No policy or firewall limits where this vantage connects to.")
        ]
    }

    private static func captured(_ summary: PacketSummary) -> [Finding] {
        let odd = summary.flows.filter { flow in
            !flow.a.address.isInternet && !flow.a.address.isLoopback && flow.b.address.isInternet
                && flow.tcp?.isEstablished == true && flow.fromA.payloadBytes > 0 && flow.fromB.payloadBytes > 0
                && !usual.contains(flow.b.port)
        }
        return grouped(odd, by: \.a.address).compactMap { source, flows in
            let places = flows.map(\.b).unique()
            guard Set(places.map(\.address)).count >= 3, Set(places.map(\.port)).count >= 3 else { return nil }
            return finding(
                source.description, checks: [], confidence: .possible,
                summary: "\(source) reaches \(counted(places.count, "endpoint")) of the internet on unusual ports.",
                evidence: places.prefix(6).map { "answered: TCP \($0)" }
                    + (places.count > 6 ? ["… and \(places.count - 6) more"] : []),
                cause: "No policy or firewall limits where this host connects to, or these destinations are allowed.")
        }
    }
}
