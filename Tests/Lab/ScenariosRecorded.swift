/// What a capture alone shows, written by `leadsman capture` at the client (or where it says) and read by `leadsman pcap`: reach,
/// handshakes and resets. Reading needs no right; recording is done with the rights of the lab.
extension Scenario {
    static let recorded: [Scenario] = [
        ordinaryTraffic, silentPort, silentHost, closedPort, forgedRefusal, rejection, unheardAnswer, halfOpen,
        fullQueue, lateConnections, oneLateConnection, resetByServer, resetByRouter, resetAfterAnswer,
        forgottenConnection, keptConnection,
    ]

    /// A transfer through the relay runs alone: a relay that is kept waiting loses more than it was told to.
    static func recorded(
        _ name: String, _ changes: [LabChange], at node: String = "c", _ traffic: String, _ expected: Expected
    ) -> Scenario {
        let isRelayed = changes.contains { if case .impair = $0 { true } else { false } }
        return Scenario(
            name: "pcap, \(name)", changes: changes + [.record(node, traffic)],
            command: ["pcap", "{lab}/packets.pcap"], isTimed: isRelayed, expected: expected)
    }

    static func fails(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    static func degrades(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "degraded", exit: 0, must: [finding], headline: finding, says: says)
    }

    private static let ordinaryTraffic = recorded(
        "silence: pages, a large one, an echo and a name",
        [.http(), .names("shop.test A 198.18.2.2")],
        """
        {client} get 198.18.2.2 80 /ok; {client} get fd00:18:2::2 80 /ok; {client} get 198.18.2.2 80 /big/2000000
        {client} get 198.18.2.2 80 /status/404; {client} ask 198.18.2.2 shop.test 2; {client} ask 198.18.2.2 none.test
        ping -q -c 5 -i 0.01 198.18.2.2
        """, .healthy)

    private static let silentPort = recorded(
        "tcp-filtered-drop: one port is dropped on the way, another works",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 81 drop")],
        "{client} get 198.18.2.2 80 /ok; {client} connect 198.18.2.2 81 3.5",
        fails("tcp-filtered-drop", says: ["198.18.2.2:81", "while the host is up", "4 SYNs", "no packet back"]))

    private static let silentHost = recorded(
        "tcp-filtered-drop: the whole host is silent",
        [.http(), .addRoute("r", "blackhole 198.18.2.9/32")],
        "{client} get 198.18.2.2 80 /ok; {client} connect 198.18.2.9 81 3.5",
        fails("tcp-filtered-drop", says: ["or the host is down"]))

    private static let closedPort = recorded(
        "tcp-refused: nobody listens, and the target's TTL says that it is its own word",
        [.http()], "{client} get 198.18.2.2 80 /ok; {client} connect 198.18.2.2 82 1",
        fails(
            "tcp-refused", says: ["RST from 198.18.2.2:82, TTL 63", "other packets of 198.18.2.2 come with TTL 63"]))

    private static let forgedRefusal = recorded(
        "tcp-rejected: a router resets in the target's name",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 82 reject with tcp reset")],
        "{client} get 198.18.2.2 80 /ok; {client} connect 198.18.2.2 82 1",
        fails("tcp-rejected", says: ["RST from 198.18.2.2:82, TTL 64", "TTL 63"]))

    private static let rejection = recorded(
        "tcp-rejected: a router says by ICMP that it is prohibited",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 82 reject with icmpx type admin-prohibited")],
        "{client} get 198.18.2.2 80 /ok; {client} connect 198.18.2.2 82 1",
        fails("tcp-rejected", says: ["198.18.1.1", "prohibited"]))

    /// The capture stands before the filter: it sees what the socket does not.
    private static let unheardAnswer = recorded(
        "asymmetric-routing: SYN-ACKs that the client's kernel does not take",
        [.http(), .filter("c", at: "input", rule: "tcp sport 80 tcp flags & (syn|ack) == syn|ack drop")],
        "{client} connect 198.18.2.2 80 3.5",
        fails("asymmetric-routing", says: ["the client does not take"]))

    private static let halfOpen = recorded(
        "asymmetric-routing: a device drops all but the SYN",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == ack drop")],
        "{client} say 198.18.2.2 80 3.5; {client} say 198.18.2.2 80 3.5",
        fails("asymmetric-routing", says: ["nothing gets through", "SYN-ACK came"]))

    private static let fullQueue = recorded(
        "listen-backlog-overflow: some connections work, the others get no answer",
        [.shell("s", queue), .http(port: 80)],
        "{client} get 198.18.2.2 80 /ok; {client} hold 198.18.2.2 2000 3.5 6",
        fails("listen-backlog-overflow", says: ["198.18.2.2:2000"]))

    /// Listens with a queue of one and never accepts.
    static let queue = """
        python3 -c '
        import socket, time
        listener = socket.socket()
        listener.bind(("", 2000))
        listener.listen(1)
        time.sleep(60)
        ' > /dev/null 2>&1 &
        until ss -Hltn sport = 2000 | grep -q 2000; do sleep 0.01; done
        """

    private static let lateConnections = recorded(
        "syn-retransmit-latency: each connection's first SYN is lost",
        [
            .http(),
            .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == syn numgen inc mod 2 0 drop"),
        ],
        "{client} get 198.18.2.2 80 /ok; {client} get 198.18.2.2 80 /ok",
        degrades("syn-retransmit-latency", says: ["2 of 2 connections", "1.0 s"]))

    private static let oneLateConnection = recorded(
        "silence: one lost SYN among many connections",
        [
            .http(),
            .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == syn numgen inc mod 30 0 drop"),
        ],
        "{client} connect 198.18.2.2 80 3 20", .healthy)

    private static let resetByServer = recorded(
        "tcp-reset-after-connect: the server resets what it is asked",
        [.http()], "{client} get 198.18.2.2 80 /reset",
        fails("tcp-reset-after-connect", says: ["TTL 63", "the server itself"]))

    private static let resetByRouter = recorded(
        "tcp-reset-after-connect: a router resets at the first bytes",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & psh == psh reject with tcp reset")],
        "{client} get 198.18.2.2 80 /ok",
        fails("tcp-reset-after-connect", says: ["by a device on the way", "TTL 64", "TTL 63"]))

    private static let resetAfterAnswer = recorded(
        "silence: a server that ends by a reset when it has answered",
        [.http()], "{client} get 198.18.2.2 80 /slam; {client} get 198.18.2.2 80 /ok", .healthy)

    private static func forgetful(_ seconds: Int) -> [LabChange] {
        [
            .http(),
            .filter("r", at: "forward", rule: "ct state invalid drop"),
            .filter("r", at: "forward", rule: "ct state established accept"),
            .sysctl("r", "net.netfilter.nf_conntrack_tcp_timeout_established=\(seconds)"),
            .sysctl("r", "net.netfilter.nf_conntrack_tcp_loose=0"),
        ]
    }

    private static let forgottenConnection = recorded(
        "nat-idle-timeout: a router forgets a connection after two seconds", forgetful(2),
        "{client} idle 198.18.2.2 80 5", degrades("nat-idle-timeout", says: ["not acknowledged any more"]))

    private static let keptConnection = recorded(
        "silence: an idle connection that is not forgotten", forgetful(60),
        "{client} idle 198.18.2.2 80 4", .healthy)
}
