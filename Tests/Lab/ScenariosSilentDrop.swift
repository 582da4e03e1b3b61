/// One silence with many causes (catalogue section 17.1): what the evidence tells apart, and what it does not.
extension Scenario {
    static let silentDrop: [Scenario] = [
        droppedAtTarget, blackholedHost, vanishedHost, deadNeighbourOnLink, localDropOfOnePort, fullBacklog, noWayBack,
        reversePathFilter, filteredPortOverIPv6, blackholedHostOverIPv6,
    ]

    private static let family = """
          - {name: open, tcp: "198.18.2.2:80"}
          - {name: silent, tcp: "198.18.2.2:81"}
          - {name: echo, icmp: 198.18.2.2}
        """

    /// One port is silent, the host lives: the filter's place cannot be seen from here, and the finding must not name one.
    private static func onePort(_ name: String, _ changes: [LabChange], says: [String] = []) -> Scenario {
        Scenario(
            name: "silent drop: \(name)", changes: [.http()] + changes, checks: family,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
                statuses: ["open": "passed", "silent": "failed", "echo": "passed"], headline: "tcp-filtered-drop",
                says: ["while the host is up"] + says))
    }

    private static let droppedAtTarget = onePort(
        "a port at the target's own input",
        [.http(port: 81), .filter("s", at: "input", rule: "tcp dport 81 counter drop")],
        says: ["the target's own"])

    /// Nobody accepts: the kernel takes two connections into a queue of one and drops the SYNs after that.
    private static let fullBacklog = onePort(
        "a server whose queue of new connections is full",
        [
            .shell(
                "s",
                """
                \(LabFiles.python) -c '
                import socket, time
                server = socket.create_server(("198.18.2.2", 81), backlog=1)
                held = []
                for number in range(2):
                    client = socket.create_connection(("198.18.2.2", 81))
                    held.append(client)
                print("full", flush=True)
                time.sleep(60)
                ' >{lab}/full 2>&1 & until grep -q . {lab}/full; do sleep 0.01; done
                """)
        ],
        says: ["queue"])

    private static func wholeHost(
        _ name: String, _ changes: [LabChange], network: LabNetwork = .clientRouterServer, says: [String] = []
    ) -> Scenario {
        Scenario(
            name: "silent drop: \(name)", network: network, changes: [.http()] + changes,
            checks: """
                  - {name: port, tcp: "198.18.2.2:80"}
                  - {name: echo, icmp: 198.18.2.2}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
                statuses: ["port": "failed", "echo": "failed"], headline: "tcp-filtered-drop",
                says: ["or the host is down", "way back"] + says, checksOf: ["tcp-filtered-drop": 2]))
    }

    private static let blackholedHost = wholeHost(
        "a blackhole route on the way", [.addRoute("r", "blackhole 198.18.2.2/32")])

    /// The last router would say so by ICMP, and is kept from it.
    private static let vanishedHost = wholeHost(
        "a host that is down, behind a router that says nothing",
        [
            .shell("s", "ip link set to-r down"),
            .filter("r", at: "output", rule: "icmp type destination-unreachable counter drop"),
        ])

    private static let noWayBack = wholeHost(
        "a server without a route for its answers", [.removeRoute("s", "default via 198.18.2.1")])

    /// SYNs arrive and are thrown away, since the server would send elsewhere: strict reverse path filtering.
    private static let reversePathFilter = wholeHost(
        "a server with strict reverse path filtering, and its route elsewhere",
        [
            .shell("s", "ip route add 198.18.1.0/24 dev lo"), .sysctl("s", "net.ipv4.conf.all.rp_filter=1"),
            .sysctl("s", "net.ipv4.conf.to-r.rp_filter=1"),
        ])

    private static let deadNeighbourOnLink = Scenario(
        name: "silent drop: a dead neighbour is told at once, by the own kernel",
        changes: [
            .sysctl("c", "net.ipv4.neigh.to-r.retrans_time_ms=100"),
            .sysctl("c", "net.ipv4.neigh.to-r.mcast_solicit=2"),
        ],
        checks: """
              - {name: port, tcp: "198.18.1.77:80"}
              - {name: router, icmp: 198.18.1.1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["next-hop-unresolved"],
            statuses: ["port": "failed", "router": "passed"], headline: "next-hop-unresolved"))

    /// The same silence for TCP; only the datagram beside it is refused at home.
    private static let localDropOfOnePort = Scenario(
        name: "silent drop: the own output filter drops what goes to one host",
        changes: [.http(), .filter("c", at: "output", rule: "ip daddr 198.18.2.2 counter drop")],
        checks: family,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"],
            statuses: ["open": "failed", "silent": "failed", "echo": "failed"], headline: "local-egress-denied",
            checksOf: ["local-egress-denied": 3]))

    private static let filteredPortOverIPv6 = Scenario(
        name: "silent drop over IPv6: one port is dropped on the way",
        changes: [.http(), .http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 counter drop")],
        checks: """
              - {name: open, tcp: "[fd00:18:2::2]:80"}
              - {name: silent, tcp: "[fd00:18:2::2]:81"}
              - {name: echo, icmp: "fd00:18:2::2"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
            statuses: ["open": "passed", "silent": "failed", "echo": "passed"], says: ["while the host is up"]))

    private static let blackholedHostOverIPv6 = Scenario(
        name: "silent drop over IPv6: a blackhole route on the way",
        changes: [.http(), .addRoute("r", "blackhole fd00:18:2::2/128")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80"}
              - {name: echo, icmp: "fd00:18:2::2"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], statuses: ["port": "failed", "echo": "failed"],
            says: ["or the host is down"], checksOf: ["tcp-filtered-drop": 2]))
}
