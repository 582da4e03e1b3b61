/// "Connection refused" from the target, from a device on the way, and from the own host (catalogue section 17.2).
extension Scenario {
    static let refusedFamily: [Scenario] = [
        refusedByTarget, refusedOverIPv6, refusedByRouterReset, refusedByDeviceICMP, refusedByTargetICMP, refusedAtHome,
        resetAtHome,
    ]

    private static let pair = """
          - {name: open, tcp: "198.18.2.2:80"}
          - {name: shut, tcp: "198.18.2.2:81"}
        """

    private static func family(
        _ name: String, _ changes: [LabChange], _ finding: String, says: [String], checks: String = pair
    ) -> Scenario {
        Scenario(
            name: "refused: \(name)", changes: [.http()] + changes, checks: checks,
            expected: Expected(
                verdict: "failing", exit: 1, must: [finding], statuses: ["open": "passed", "shut": "failed"],
                headline: finding, says: says))
    }

    private static let refusedByTarget = family("a closed port of the target", [], "tcp-refused", says: ["listens"])

    private static let refusedOverIPv6 = family(
        "a closed port of the target, over IPv6", [], "tcp-refused", says: ["listens"],
        checks: """
              - {name: open, tcp: "[fd00:18:2::2]:80"}
              - {name: shut, tcp: "[fd00:18:2::2]:81"}
            """)

    /// No evidence of one vantage tells this from a closed port: the finding must not be certain, and must name the other cause.
    private static let refusedByRouterReset = family(
        "a reset by a router, which its hop limit tells",
        [
            .http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 reject with tcp reset"),
        ], "tcp-rejected", says: ["1 hop away (198.18.1.1)"])

    private static let refusedByDeviceICMP = family(
        "ICMP port unreachable by a router",
        [
            .http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 reject with icmpx type port-unreachable"),
        ], "tcp-rejected", says: ["198.18.1.1"])

    private static let refusedByTargetICMP = family(
        "ICMP port unreachable by the target's own filter",
        [
            .http(port: 81), .filter("s", at: "input", rule: "tcp dport 81 reject with icmpx type port-unreachable"),
        ], "tcp-rejected", says: ["198.18.2.2 rejects"])

    private static let refusedAtHome = family(
        "ICMP port unreachable by the own output filter",
        [
            .http(port: 81), .filter("c", at: "output", rule: "tcp dport 81 reject with icmpx type port-unreachable"),
        ], "local-egress-denied", says: ["own"])

    private static let resetAtHome = family(
        "a reset by the own output filter",
        [
            .http(port: 81), .filter("c", at: "output", rule: "tcp dport 81 reject with tcp reset"),
        ], "tcp-refused", says: ["not by the machine that has the address", "before the first router"])
}
