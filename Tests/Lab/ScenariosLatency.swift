/// Latency above its limit, and who is to blame: the way, a queue on it, the server, its handshake, lost packets. Short series, each
/// with what looks the same.
extension Scenario {
    static let latencies: [Scenario] = [
        farAway, farAwayAndKnown, queueOnTheWay, serverAndDistance, handshake, distanceOfHandshake, lostRequest,
        stages, stagesKept, sustained, crowdedQueue, lostSYNsOfAll,
    ]

    private static func warns(_ findings: String..., says: [String], headline: String? = nil) -> Expected {
        Expected(verdict: "degraded", exit: 0, must: findings, headline: headline ?? findings[0], says: says)
    }

    private static func page(_ path: String, _ rest: String) -> String {
        "  - {name: page, http: \"http://198.18.2.2\(path)\", timeout: 5s, \(rest)}"
    }

    // MARK: Distance and queues

    /// Neighbours that are known before the way gets long: the question for them would be delayed too.
    private static let known = LabChange.shell(
        "c", "python3 -c 'import socket; socket.create_connection((\"198.18.2.2\", 80), 2)'")

    private static let farAway = Scenario(
        name: "latency-cross-cloud-high: even the quickest round trip takes 520 ms",
        changes: [.http(), known, .impair("c", "r", Impairment(delay: 260))],
        checks: "  - {name: port, tcp: \"198.18.2.2:80\", timeout: 3s, samples: 3}",
        expected: warns("latency-cross-cloud-high", says: ["even the quickest of 3", "TCP handshakes"]))

    /// Whoever knows that it is far away says so.
    private static let farAwayAndKnown = Scenario(
        name: "silence: a round trip of 520 ms where the plan allows a second",
        changes: [.http(), known, .impair("c", "r", Impairment(delay: 260))],
        checks: "  - {name: port, tcp: \"198.18.2.2:80\", timeout: 3s, expect: {latency: {p95: 1s}}}",
        expected: .healthy)

    /// The queue of a narrow link, which a transfer of our own fills: the way is short at its best.
    private static let queueOnTheWay = Scenario(
        name: "latency-high-p95: a queue on the way is no distance",
        changes: [.impair("c", "r", Impairment(), back: Impairment(rate: 4, queue: 250)), .http(), .http(port: 81)],
        checks: """
              - {name: port, tcp: "198.18.2.2:81", samples: 16, interval: 50ms, expect: {latency: {p95: 100ms}}}
              - {name: page, http: "http://198.18.2.2/big/400000", timeout: 4s, samples: 1}
            """,
        isTimed: true,
        expected: warns("latency-high-p95", says: ["queues on the way", "no distance", "leadsman throughput"]))

    // MARK: The server, and more than one

    private static let serverAndDistance = Scenario(
        name: "server-slow: a slow server far away, both are told in order",
        changes: [.http(), known, .impair("c", "r", Impairment(delay: 80))],
        checks: page("/delay/600", "expect: {latency: {p95: 500ms}}"),
        expected: warns("server-slow", says: ["the server itself takes 60", "round trips (distance) take 32"]))

    private static let secure = """
          - {name: handshake, tls: "198.18.2.2:443", serverName: shop.test, ca: "{lab}/ca.pem", timeout: 3s, samples: 3, expect: {latency: {p95: 200ms}}}
        """

    private static let handshake = Scenario(
        name: "latency-high-p95: the server thinks before it shakes hands by TLS",
        changes: [
            .certificates,
            .server("s", .web, ["443", "{lab}/good.pem", "{lab}/good.key", "--tls-delay", "300"]),
        ],
        checks: secure,
        expected: warns("latency-high-p95", says: ["the TLS handshake beyond its round trips", "processor"]))

    private static let distanceOfHandshake = Scenario(
        name: "latency-high-p95: the TLS handshake waits for a long way",
        changes: [.certificates, .tls("good"), .impair("c", "r", Impairment(delay: 120))],
        checks: secure, expected: warns("latency-high-p95", says: ["round trips (distance)", "The way is long"]))

    /// The third segment towards the server is the request: SYN, ACK, request.
    private static let lostRequest = Scenario(
        name: "latency-high-p95: the request was lost and sent again, which is no slow server",
        changes: [.impair("c", "r", Impairment(only: .tcp(80), drop: 3...3), back: Impairment()), .http()],
        checks: page("/ok", "samples: 1, expect: {latency: {max: 100ms}}"),
        expected: warns("latency-high-p95", says: ["sending lost parts of the request again", "not the server"]))

    // MARK: Limits of stages and windows

    private static let limits = "firstByte: {p95: 200ms}, connect: {p95: 200ms}, resolve: {p95: 200ms}, p95: 2s"

    private static let stages = Scenario(
        name: "server-slow: of limits by stage only that of the first byte is broken",
        changes: [.http()],
        checks: page("/delay/300", "samples: 3, expect: {latency: {\(limits)}}"),
        expected: warns("server-slow", says: ["p95 of first byte", "acknowledged the request"]))

    private static let stagesKept = Scenario(
        name: "silence: a server within its limits, by stage and as a whole",
        changes: [.http()],
        checks: page("/delay/100", "samples: 3, expect: {latency: {\(limits), for: 5m}}"), expected: .healthy)

    private static let sustained = Scenario(
        name: "server-slow: above its limit for as long as the plan says",
        changes: [.http()],
        checks: page("/delay/60", "interval: 80ms, expect: {latency: {p95: 30ms, for: 1500ms}}"),
        options: ["--duration", "2s"], isTimed: true,
        expected: warns("server-slow", says: ["above it for", "at a stretch"]))

    // MARK: The queue of new connections

    /// Takes a client every 120 ms.
    private static let slowAcceptor = """
        python3 -c '
        import socket, time
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", 80))
        listener.listen(2)
        while True:
            listener.accept()[0].close()
            time.sleep(0.12)
        ' > /dev/null 2>&1 &
        until ss -Hltn sport = 80 | grep -q 80; do sleep 0.01; done
        """

    /// The other port first.
    private static func crowd(_ count: Int) -> String {
        "  - {name: other port, tcp: \"198.18.2.2:81\", samples: 6, interval: 5ms, timeout: 5s}\n"
            + (1...count).map { "  - {name: client \($0), tcp: \"198.18.2.2:80\", samples: 1, timeout: 5s}" }.joined(
                separator: "\n")
    }

    private static let crowdedQueue = Scenario(
        name: "listen-backlog-overflow: only possible, where twelve clients at once lose SYNs and another port none",
        changes: [.shell("s", slowAcceptor), .http(port: 81)], checks: crowd(12),
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["listen-backlog-overflow", "syn-retransmit-latency"],
            headline: "listen-backlog-overflow",
            says: ["may have too short a queue", "nstat -az TcpExtListenOverflows"]))

    /// The first nine are lost, that to the other port among them: the way, and no queue of one socket.
    private static let lostSYNsOfAll = Scenario(
        name: "syn-retransmit-latency: SYNs to all ports are lost on the way",
        changes: [
            .http(), .http(port: 81),
            .filter(
                "r", at: "forward", rule: "tcp flags syn / fin,syn,rst,ack quota until 540 bytes counter drop"),
        ],
        checks: crowd(12),
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["syn-retransmit-latency"],
            headline: "syn-retransmit-latency"))
}
