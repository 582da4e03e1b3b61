/// Captures of what happens on the way and above it: loss, order, size, the link, names, and contents.
extension Scenario {
    static let recordedPaths: [Scenario] = [
        lostSegments, fewLostSegments, reorderedSegments, doubledPackets, blackHole, toldMTU, duplicateAddress,
        loop, silentResolver, closedResolver, failingResolver, plainCredentials, plainReading, plainAbroad, freeEgress,
        usualEgress, metadata,
        failingServer, slowServer,
    ]

    private static func between(_ impairment: Impairment, back: Impairment? = nil) -> LabChange {
        .impair("c", "r", impairment, back: back)
    }

    private static let download = "{client} get 198.18.2.2 80 /big/1500000"

    private static let lostSegments = recorded(
        "packet-loss: each thirtieth segment of the server is lost, recorded there",
        [.http(), between(Impairment(), back: Impairment(only: .tcp(80), every: 30))], at: "s", serverSide,
        degrades("packet-loss", says: ["TCP segments"]))

    /// From the client: what is lost on the way to it is not in its capture, and comes again.
    private static let serverSide = "nsenter --net=/run/netns/c \(download)"

    private static let fewLostSegments = recorded(
        "silence: one segment in three hundred is lost",
        [.http(), between(Impairment(), back: Impairment(only: .tcp(80), every: 300))], at: "s",
        // In pieces: the relay's own buffers overflow under one long burst.
        """
        for piece in 1 2 3 4 5 6 7 8 9 10; do
        nsenter --net=/run/netns/c {client} get 198.18.2.2 80 /big/150000
        done
        """, .healthy)

    private static let reorderedSegments = recorded(
        "packet-reordering: one segment in ten is overtaken",
        [
            .http(),
            between(Impairment(delay: 10), back: Impairment(delay: 10, only: .tcp(80), reorder: 10, reorderBy: 3)),
        ],
        // TCP itself may take them for lost.
        download,
        Expected(verdict: "degraded", exit: 0, must: ["packet-reordering"], may: ["packet-loss"]))

    private static let doubledPackets = recorded(
        "packet-duplication: one packet in ten comes twice",
        [.http(), between(Impairment(), back: Impairment(only: .tcp(80), duplicate: 10))], download,
        degrades("packet-duplication"))

    private static let blackHole = recorded(
        "pmtu-black-hole: a narrow link behind the router, and its ICMP is dropped",
        [
            .http(), .shell("r", "ip link set to-c mtu 1300"),
            .filter("r", at: "output", rule: "icmp type destination-unreachable drop"),
        ],
        at: "s", "timeout 4 nsenter --net=/run/netns/c \(download) || true",
        fails("pmtu-black-hole", says: ["198.18.2.2:80 vanish", "no ICMP"]))

    private static let toldMTU = recorded(
        "silence: the same narrow link, and the router says so",
        [.http(), .shell("r", "ip link set to-c mtu 1300")], at: "s", serverSide, .healthy)

    private static let duplicateAddress = recorded(
        "arp-duplicate-ip: two machines answer for one address",
        [
            .http(),
            .server(
                "r", .client, ["claim", "to-c", "198.18.1.9", "02:00:00:00:00:0a", "02:00:00:00:00:0b"]),
        ],
        "{client} connect 198.18.1.9 80 1; {client} get 198.18.2.2 80 /ok",
        Expected(
            verdict: "failing", exit: 1, must: ["arp-duplicate-ip"], may: ["tcp-filtered-drop"],
            headline: "arp-duplicate-ip", says: ["02:00:00:00:00:0a", "02:00:00:00:00:0b"]))

    private static let loop = Scenario(
        name: "pcap, routing-loop: two routers send a destination to each other", network: .chain,
        changes: [
            .addRoute("r", "198.19.0.0/16 via 198.18.2.2"), .addRoute("q", "198.19.0.0/16 via 198.18.2.1"),
            .record("c", "{client} connect 198.19.0.1 80 2"),
        ],
        command: ["pcap", "{lab}/packets.pcap"], expected: fails("routing-loop", says: ["TTL 64"]))

    private static let silentResolver = recorded(
        "dns-server-unreachable: questions without an answer",
        [.http(), .filter("r", at: "forward", rule: "udp dport 53 drop")],
        "{client} get 198.18.2.2 80 /ok; {client} ask 198.18.2.2 shop.test 3",
        fails("dns-server-unreachable", says: ["198.18.2.2:53"]))

    private static let closedResolver = recorded(
        "dns-server-port-closed: ICMP says that nobody listens", [.http()],
        "{client} get 198.18.2.2 80 /ok; {client} ask 198.18.2.2 shop.test 3", fails("dns-server-port-closed"))

    private static let failingResolver = recorded(
        "dns-servfail-upstream: a server that only fails", [.names("shop.test rcode 2")],
        "{client} ask 198.18.2.2 shop.test 3", fails("dns-servfail-upstream", says: ["shop.test"]))

    private static let plainCredentials = recorded(
        "plaintext-service: a password in the clear, between private addresses", [.http()],
        "{client} get fd00:18:2::2 80 /ok 'Authorization: Basic bGFiOmxhYg=='",
        degrades("plaintext-service", says: ["credentials in the clear"]))

    private static let plainReading = recorded(
        "silence: plain HTTP that only reads", [.http()],
        "{client} get fd00:18:2::2 80 /ok; {client} get 198.18.2.2 80 /redirect/2", .healthy)

    private static let plainAbroad = recorded(
        "cross-cloud-unencrypted: a password in the clear, to an address that is not private",
        // Of a network for documentation: the lab's own addresses count as private.
        [.shell("s", "ip addr add 192.0.2.9/32 dev lo"), .addRoute("r", "192.0.2.9/32 via 198.18.2.2"), .http()],
        "{client} get 192.0.2.9 80 /ok 'Authorization: Basic bGFiOmxhYg=='",
        fails("cross-cloud-unencrypted", says: ["with credentials"]))

    /// Three networks for documentation stand for the internet.
    private static let abroad: [LabChange] = [
        .shell("s", "for address in 192.0.2.9 198.51.100.9 203.0.113.9; do ip addr add $address/32 dev lo; done"),
        .addRoute("r", "192.0.2.9/32 via 198.18.2.2"), .addRoute("r", "198.51.100.9/32 via 198.18.2.2"),
        .addRoute("r", "203.0.113.9/32 via 198.18.2.2"), .http(), .http(port: 6881), .http(port: 9001),
        .http(port: 4444),
    ]

    private static let freeEgress = recorded(
        "unrestricted-egress: three hosts of the internet answer on three unusual ports", abroad,
        "{client} get 192.0.2.9 6881 /ok; {client} get 198.51.100.9 9001 /ok; {client} get 203.0.113.9 4444 /ok",
        degrades("unrestricted-egress", says: ["198.18.1.2", "203.0.113.9:4444"]))

    private static let usualEgress = recorded(
        "silence: three hosts of the internet answer on the usual port, one on another", abroad,
        "{client} get 192.0.2.9 80 /ok; {client} get 198.51.100.9 80 /ok; {client} get 203.0.113.9 4444 /ok", .healthy)

    private static let metadata = recorded(
        "metadata-endpoint-exposed: 169.254.169.254 answers",
        [
            .shell("s", "ip addr add 169.254.169.254/32 dev lo"), .addRoute("r", "169.254.169.254/32 via 198.18.2.2"),
            .http(),
        ],
        "{client} get 169.254.169.254 80 /status/401", degrades("metadata-endpoint-exposed", says: ["status 401"]))

    private static let failingServer = recorded(
        "http-status-unexpected: a server that fails", [.http()],
        "{client} get 198.18.2.2 80 /status/503; {client} get 198.18.2.2 80 /status/503",
        fails("http-status-unexpected", says: ["503 (2)"]))

    private static let slowServer = recorded(
        "server-slow: an answer after three seconds over a quick network", [.http()],
        "{client} get 198.18.2.2 80 /delay/3000", degrades("server-slow", says: ["3.0 s"]))
}
