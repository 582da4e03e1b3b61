/// What is wrong at the vantage itself: named from its own routes, rules, neighbours and counters, with and without rights.
extension Scenario {
    static let vantage: [Scenario] = [
        prohibitedByPolicy, prohibitedByRule, prohibitedOverIPv6, policyForOthers, noDefaultRoute, interfaceDown,
        unreachableHere, deadGateway, deadGatewayOfNames, deadGatewayOverIPv6, deadHostOnLink,
        missingContainer,
        overlappingBridge,
        hiddenByBridge, hiddenByEmptyBridge, supernetRoute, strictFilterHere, looseFilterHere, plainDropBesideStrict,
        oldTotals, nearlyFullTracking, foreignServerInPod, nodesFileInPod, missingNameInPod, tidyPod,
    ]

    private static let port = """
              - {name: port, tcp: "198.18.2.2:80"}
        """

    private static func fault(
        _ name: String, _ changes: [LabChange], checks: String = port, found id: String, says: [String] = []
    ) -> Scenario {
        Scenario(
            name: "vantage, \(name)", changes: [.http(port: 80)] + changes, checks: checks,
            expected: Expected(verdict: "failing", exit: 1, must: [id], headline: id, says: says))
    }

    // MARK: Routes and rules that forbid

    private static let prohibitedByPolicy = fault(
        "local-egress-denied: a route of another table, by a rule for this source",
        [
            .shell(
                "c",
                "ip route add prohibit 198.18.2.2/32 table 100; ip rule add from 198.18.1.2 lookup 100 pref 100")
        ], found: "local-egress-denied",
        says: ["prohibit 198.18.2.2/32 table 100", "100: from 198.18.1.2/32 lookup 100"])

    private static let prohibitedByRule = fault(
        "local-egress-denied: a rule that asks no table",
        [.shell("c", "ip rule add to 198.18.2.0/24 prohibit pref 90")], found: "local-egress-denied",
        says: ["90: from all to 198.18.2.0/24 prohibit"])

    private static let prohibitedOverIPv6 = fault(
        "local-egress-denied over IPv6", [.shell("c", "ip -6 route add prohibit fd00:18:2::2/128")],
        checks: """
                  - {name: port, tcp: "[fd00:18:2::2]:80"}
            """, found: "local-egress-denied", says: ["prohibit fd00:18:2::2/128"])

    private static let policyForOthers = Scenario(
        name: "vantage, silence: rules for other sources, marks and interfaces",
        changes: [
            .http(port: 80),
            .shell(
                "c",
                """
                ip rule add from 198.18.77.0/24 prohibit pref 90; ip rule add fwmark 0x10/0xff blackhole pref 91
                ip rule add iif to-r prohibit pref 92; ip rule add table main suppress_prefixlength 0 pref 93
                """),
        ], checks: port, expected: .healthy)

    // MARK: No route

    private static let noDefaultRoute = fault(
        "no-route-local: no default route", [.removeRoute("c", "default via 198.18.1.1")], found: "no-route-local",
        says: ["there is no default route", "198.18.1.0/24"])

    private static let interfaceDown = fault(
        "no-route-local: the interface is down", [.shell("c", "ip link set to-r down")], found: "no-route-local",
        says: ["to-r is down"])

    private static let unreachableHere = fault(
        "no-route-local: a route of type unreachable", [.addRoute("c", "unreachable 198.18.2.0/24")],
        found: "no-route-local", says: ["unreachable 198.18.2.0/24"])

    // MARK: Next hops

    /// With the kernel's own times: three seconds until it gives up, and a time-out of one.
    private static let deadGateway = fault(
        "next-hop-unresolved: the gateway does not answer ARP",
        [
            .shell("c", "ip route replace default via 198.18.1.9")
        ],
        checks: """
                  - {name: port, tcp: "198.18.2.2:80", timeout: 1500ms, samples: 1}
            """, found: "next-hop-unresolved", says: ["The gateway 198.18.1.9 does not answer on to-r"])

    private static let deadGatewayOfNames = fault(
        "next-hop-unresolved: the gateway of the name servers",
        [
            .resolver("nameserver 198.18.2.2", "options timeout:1 attempts:2"),
            .names("shop.test A 198.18.2.2"), .shell("c", "ip route replace default via 198.18.1.9"),
        ],
        checks: """
                  - {name: shop, tcp: "shop.test:80", timeout: 2500ms, samples: 1}
            """, found: "next-hop-unresolved", says: ["198.18.1.9"])

    private static let deadGatewayOverIPv6 = fault(
        "next-hop-unresolved over IPv6: the gateway does not answer neighbour discovery",
        [.shell("c", "ip -6 route replace default via fe80::9 dev to-r")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80", timeout: 1500ms, samples: 1}
            """, found: "next-hop-unresolved", says: ["The gateway fe80::9 does not answer on to-r"])

    private static let deadHostOnLink = fault(
        "next-hop-unresolved: a host of the own link, before the kernel gives up", [],
        checks: """
                  - {name: port, tcp: "198.18.1.77:80", timeout: 1500ms, samples: 1}
                  - {name: router, icmp: 198.18.1.1}
            """, found: "next-hop-unresolved", says: ["Nobody on to-r answers for 198.18.1.77"])

    // MARK: Overlaps

    private static func bridge(_ network: String) -> LabChange {
        .shell(
            "c",
            """
            ip link add docker0 type bridge; ip link add pod0 type veth peer name pod1
            ip link set pod1 master docker0; ip link set pod0 up; ip link set pod1 up; ip link set docker0 up
            ip addr add \(network) dev docker0
            """)
    }

    private static let missingContainer = fault(
        "next-hop-unresolved: a container that is not there", [bridge("198.19.5.1/24")],
        checks: """
                  - {name: container, tcp: "198.19.5.9:80", timeout: 1500ms, samples: 1}
            """, found: "next-hop-unresolved", says: ["Nobody on docker0", "the ranges overlap"])

    private static let overlappingBridge = Scenario(
        name: "vantage, cidr-overlap: a bridge within the network of the card",
        changes: [.http(port: 80), bridge("198.18.1.129/25")], checks: port,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["cidr-overlap"], statuses: ["port": "passed"],
            says: ["198.18.1.128/25", "198.18.1.0/24"]))

    private static let hiddenByBridge = fault(
        "cidr-overlap: a bridge hides what a route would carry elsewhere",
        [.addRoute("c", "198.19.0.0/16 via 198.18.1.1"), bridge("198.19.5.1/24")],
        checks: """
                  - {name: db, tcp: "198.19.5.9:80", timeout: 1500ms, samples: 1}
            """, found: "cidr-overlap", says: ["docker0", "198.19.0.0/16 via 198.18.1.1"])

    private static let hiddenByEmptyBridge = fault(
        "cidr-overlap: a bridge without containers hides a target",
        [
            .shell(
                "c",
                "ip link add docker0 type bridge; ip link set docker0 up; ip addr add 198.19.5.1/24 dev docker0")
        ],
        checks: """
                  - {name: db, tcp: "198.19.5.9:80", timeout: 1500ms, samples: 1}
            """, found: "cidr-overlap", says: ["nothing is attached"])

    private static let supernetRoute = Scenario(
        name: "vantage, silence: a wide route over narrower networks, single addresses, disjoint bridges",
        changes: [
            .http(port: 80), .addRoute("c", "198.18.0.0/15 via 198.18.1.1"), bridge("198.19.5.1/24"),
            .shell("c", "ip link add d0 type bridge; ip link set d0 up; ip addr add 198.18.1.200/32 dev d0"),
        ], checks: port, expected: .healthy)

    // MARK: Reverse path filter

    /// The server answers straight into a second link of the client, past the router.
    private static func secondWay(strict: Int) -> [LabChange] {
        [
            .shell(
                "c",
                """
                ip link add side type veth peer name far; ip link set far netns s; ip link set side up
                ip addr add 198.18.3.2/24 dev side
                """),
            // It asks for the client in the name of the far link, as a router would.
            .sysctl("s", "net.ipv4.conf.all.arp_announce=2"),
            .shell("s", "ip link set far up; ip addr add 198.18.3.1/24 dev far; ip route add 198.18.1.0/24 dev far"),
            .sysctl("c", "net.ipv4.conf.side.rp_filter=\(strict)"),
            .sysctl("c", "net.ipv4.conf.to-r.rp_filter=\(strict)"),
        ]
    }

    private static let strictFilterHere = fault(
        "asymmetric-routing: answers by another interface, and strict rp_filter", secondWay(strict: 1),
        found: "asymmetric-routing", says: ["rp_filter", "IPReversePathFilter"])

    private static let looseFilterHere = Scenario(
        name: "vantage, silence: answers by another interface, and loose rp_filter",
        changes: [.http(port: 80)] + secondWay(strict: 2), checks: port, expected: .healthy)

    private static let plainDropBesideStrict = fault(
        "tcp-filtered-drop: a drop on the way, beside strict rp_filter and a second interface",
        [
            .shell(
                "c",
                "ip link add side type veth peer name far; ip link set side up; ip link set far up; ip addr add 198.18.3.2/24 dev side"
            ),
            .sysctl("c", "net.ipv4.conf.to-r.rp_filter=1"),
            .filter("r", at: "forward", rule: "tcp dport 80 counter drop"),
        ],
        checks: """
                  - {name: port, tcp: "198.18.2.2:80", timeout: 1500ms}
                  - {name: echo, icmp: 198.18.2.2}
            """, found: "tcp-filtered-drop")

    // MARK: Counters

    /// Drops of rp_filter, of UDP ports and of buffers from before the run.
    private static let oldTotals = Scenario(
        name: "vantage, silence: old totals of counters",
        changes: [
            .http(port: 80),
            .shell(
                "c",
                """
                python3 - <<'END'
                import socket
                receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                receiver.bind(("127.0.0.1", 0))
                sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                for _ in range(200):
                    sender.sendto(bytes(1000), receiver.getsockname())
                END
                """),
        ], checks: port, expected: .healthy)

    private static let nearlyFullTracking = Scenario(
        name: "vantage, silence: a table of connections with much room",
        changes: [.http(port: 80), .filter("c", at: "output", rule: "ct state new counter accept")], checks: port,
        expected: .healthy)

    // MARK: A pod's resolv.conf

    /// KUBERNETES_SERVICE_HOST makes a pod of the client, and says where the cluster's services are.
    private static func pod(_ scenario: Scenario, api: String) -> Scenario {
        var scenario = scenario
        scenario.environment = ["KUBERNETES_SERVICE_HOST=\(api)", "KUBERNETES_SERVICE_PORT=443"]
        return scenario
    }

    private static let clusterFirst = LabChange.resolver(
        "search shop.svc.cluster.local svc.cluster.local cluster.local", "nameserver 198.18.2.2", "options ndots:5")
    private static let clusterApi = """
              - {name: api, tcp: "api.shop.svc.cluster.local:80"}
        """

    private static let foreignServerInPod = pod(
        fault(
            "dns-resolvconf-invalid: the cluster's search list and a server that is not the cluster's",
            [clusterFirst, .names("shop.test A 198.18.2.2")], checks: clusterApi, found: "dns-resolvconf-invalid",
            says: ["198.18.2.2", "does not know the cluster's names"]), api: "10.96.0.1")

    private static let nodesFileInPod = pod(
        fault(
            "dns-resolvconf-invalid: the node's file in a pod",
            [.resolver("nameserver 198.18.2.2"), .names("shop.test A 198.18.2.2")], checks: clusterApi,
            found: "dns-resolvconf-invalid", says: ["its node's", "ClusterFirstWithHostNet"]), api: "10.96.0.1")

    private static let missingNameInPod = pod(
        fault(
            "dns-name-not-found: the cluster's own DNS does not know it",
            [clusterFirst, .names("shop.test A 198.18.2.2")], checks: clusterApi, found: "dns-name-not-found"),
        api: "198.18.2.1")

    private static let tidyPod = pod(
        Scenario(
            name: "vantage, silence: a pod with the cluster's own DNS",
            changes: [
                .http(port: 80), clusterFirst, .names("api.shop.svc.cluster.local A 198.18.2.2"),
            ],
            checks: """
                      - {name: api, tcp: "api:80"}
                """, expected: .healthy), api: "198.18.2.1")
}
