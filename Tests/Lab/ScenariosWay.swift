/// Where packets end, and who refuses them, by soundings alone: ordinary sockets that no right stands in the way of. The client
/// is at 198.18.1.2, the routers at 198.18.1.1 and 198.18.2.2, the server three hops away.
extension Scenario {
    static let ways: [Scenario] = [
        droppedAtFirstRouter, droppedAtLastRouter, droppedAtHome, droppedBehindSilentRouters, droppedBehindRationing,
        nothingBehindARouter, resetByFirstRouter, resetByLastRouter, resetByLastRouterOverIPv6, resetByTarget,
        resetOverIPv6ByTarget, resetBehindTranslation, resetOfUnknownDistance, circle, circleOfSilentRouters,
        onlyOneSource, everySource,
    ]

    private static let dropOfOnePort = "tcp dport 81 counter drop"

    private static func dropped(_ name: String, _ changes: [LabChange], says: [String]) -> Scenario {
        Scenario(
            name: "way: \(name)", network: .chain, changes: [.http(), .http(port: 81)] + changes,
            checks: """
                  - {name: open, tcp: "198.18.3.2:80"}
                  - {name: silent, tcp: "198.18.3.2:81", timeout: 3s, samples: 1}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
                statuses: ["open": "passed", "silent": "failed"], headline: "tcp-filtered-drop",
                says: ["while the host is up"] + says))
    }

    private static let droppedAtFirstRouter = dropped(
        "SYNs are dropped at the first router", [.filter("r", at: "forward", rule: dropOfOnePort)],
        says: ["disappear after hop 1 (198.18.1.1)", "before 198.18.2.2, the next router", "3 hops away"])

    private static let droppedAtLastRouter = dropped(
        "SYNs are dropped at the last router", [.filter("q", at: "forward", rule: dropOfOnePort)],
        says: ["disappear after hop 2 (198.18.2.2)", "the last router before the target"])

    /// UDP to the same port leaves, so that nothing is refused here by EPERM.
    private static let droppedAtHome = dropped(
        "SYNs are dropped by the own output filter", [.filter("c", at: "output", rule: dropOfOnePort)],
        says: ["disappear before hop 1 (198.18.1.1)", "a filter of this host itself"])

    private static let droppedBehindSilentRouters = dropped(
        "routers that answer nothing show no place",
        [.filter("r", at: "forward", rule: dropOfOnePort)]
            + ["r", "q"].map { .filter($0, at: "output", rule: "icmp type time-exceeded counter drop") },
        says: ["disappear without an answer", "the target's own"])

    /// The second router answers once in an hour: to a datagram here, never to a SYN. That is no drop before it.
    private static let droppedBehindRationing = dropped(
        "a router that rations its answers is no place where packets end",
        [
            .filter("s", at: "input", rule: dropOfOnePort),
            .filter(
                "q", at: "output", rule: "icmp type time-exceeded limit rate over 1/hour burst 1 packets counter drop"),
        ],
        says: ["the target's own"])

    private static let nothingBehindARouter = Scenario(
        name: "way: nothing is heard from behind a router", network: .chain,
        changes: [.http(), .addRoute("q", "blackhole 198.18.3.2/32")],
        checks: """
              - {name: port, tcp: "198.18.3.2:80", timeout: 3s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], statuses: ["port": "failed"],
            says: ["after hop 1 (198.18.1.1), or the host is down", "the last that answers"]))

    private static func refusal(
        _ name: String, network: LabNetwork = .chain, _ changes: [LabChange], port: String = "198.18.3.2:81",
        finding: String, says: [String]
    ) -> Scenario {
        Scenario(
            name: "way: \(name)", network: network, changes: changes,
            checks: """
                  - {name: port, tcp: "\(port)", timeout: 2s, samples: 1}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: [finding], statuses: ["port": "failed"], headline: finding,
                says: says))
    }

    private static let reset = "tcp dport 81 reject with tcp reset"

    private static let resetByFirstRouter = refusal(
        "the first router resets in the target's name", [.filter("r", at: "forward", rule: reset)],
        finding: "tcp-rejected", says: ["1 hop away (198.18.1.1)"])

    private static let resetByLastRouter = refusal(
        "the last router resets in the target's name", [.filter("q", at: "forward", rule: reset)],
        finding: "tcp-rejected", says: ["2 hops away (198.18.2.2)"])

    private static let resetByLastRouterOverIPv6 = refusal(
        "the last router resets in the target's name, over IPv6", network: .clientRouterServer,
        [.impair("c", "r", Impairment()), .filter("r", at: "forward", rule: reset)], port: "[fd00:18:2::2]:81",
        finding: "tcp-rejected", says: ["1 hop away (fd00:18:1::1)"])

    private static let resetByTarget = refusal(
        "a closed port of the target", [], finding: "tcp-refused", says: ["The target itself answers"])

    private static let resetOverIPv6ByTarget = refusal(
        "a closed port of the target, over IPv6", network: .clientRouterServer, [.impair("c", "r", Impairment())],
        port: "[fd00:18:2::2]:81", finding: "tcp-refused", says: ["The target itself answers"])

    /// A load balancer's address, of which one port leads to a machine that is nearer than who has the address.
    private static let resetBehindTranslation = refusal(
        "a translated port whose machine refuses is no device that rejects",
        [
            .shell(
                "r",
                "nft 'table ip t { chain c { type nat hook prerouting priority dstnat; tcp dport 81 dnat to 198.18.2.2:9; }; }'"
            )
        ],
        finding: "tcp-refused", says: ["a load balancer, translator or proxy", "2 hops away"])

    /// Neither datagrams nor pings are answered: then nothing shows how far away the target is.
    private static let resetOfUnknownDistance = refusal(
        "a reset whose target is at no known distance stays a closed port",
        [
            .filter("r", at: "forward", rule: reset),
            .filter("q", at: "forward", rule: "meta l4proto {udp, icmp} counter drop"),
        ],
        finding: "tcp-refused", says: ["looks the same from here"])

    private static let circle = Scenario(
        name: "way: two routers that pass packets to each other", network: .chain, changes: [],
        checks: """
              - {name: port, tcp: "198.18.77.1:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["routing-loop"], statuses: ["port": "failed"],
            headline: "routing-loop", says: ["198.18.1.1 and 198.18.2.2"]))

    /// One of them never says that hops ran out, and the packet with the ordinary hop limit ends at that one.
    private static let circleOfSilentRouters = Scenario(
        name: "way: a circle in which one router is silent", network: .chain,
        changes: [.filter("q", at: "output", rule: "icmp type time-exceeded counter drop")],
        checks: """
              - {name: port, tcp: "198.18.77.1:80", timeout: 3s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["routing-loop"], statuses: ["port": "failed"],
            headline: "routing-loop", says: ["198.18.1.1"]))

    private static let bothSources = """
              - {name: first, tcp: "198.18.3.2:80", source: 198.18.1.2}
              - {name: second, tcp: "198.18.3.2:80", source: 198.18.1.3, timeout: 2s, samples: 1}
        """

    private static let secondAddress = LabChange.shell("c", "ip address add 198.18.1.3/24 dev to-r")

    private static let onlyOneSource = Scenario(
        name: "way: packets of one source address are dropped", network: .chain,
        changes: [
            .http(), secondAddress,
            .filter("q", at: "forward", rule: "ip saddr 198.18.1.3 tcp dport 80 counter drop"),
        ],
        checks: bothSources,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
            statuses: ["first": "passed", "second": "failed"], headline: "tcp-filtered-drop",
            says: ["from 198.18.1.2 it works, from 198.18.1.3 it does not", "after hop 2 (198.18.2.2)"]))

    private static let everySource = Scenario(
        name: "way: two source addresses that both work", network: .chain, changes: [.http(), secondAddress],
        checks: bothSources, expected: .healthy)
}
