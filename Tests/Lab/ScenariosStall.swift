/// Connected, and then nothing (catalogue section 17.3).
extension Scenario {
    static let stalls: [Scenario] = [
        pathMTUHealthy, pathMTUHole, pathMTUHoleOverTLS, slowServerStall, frozenServer, idleServer, stalledHalfway,
        nothingAfterHandshake, nothingAfterHandshakeOverTLS, requestTooLarge,
    ]

    /// A narrow link in the middle: neither end sees its MTU.
    private static func narrowMiddle(_ mtu: Int = 1400) -> [LabChange] {
        [.shell("r", "ip link set to-q mtu \(mtu)"), .shell("q", "ip link set to-r mtu \(mtu)")]
    }

    private static let silentRouters: [LabChange] = ["r", "q"].map {
        .filter($0, at: "output", rule: "icmp type destination-unreachable icmp code frag-needed counter drop")
    }

    private static let bigPage = """
          - {name: small, http: "http://198.18.3.2/ok"}
          - {name: big, http: "http://198.18.3.2/big/100000", timeout: 3s}
        """

    private static let pathMTUHealthy = Scenario(
        name: "stall: a narrow link whose routers say so is healthy",
        network: .chain, changes: narrowMiddle() + [.http()], checks: bigPage, expected: .healthy)

    private static let pathMTUHole = Scenario(
        name: "stall: a path MTU black hole, where small answers pass and large ones do not",
        network: .chain, changes: narrowMiddle() + silentRouters + [.http()], checks: bigPage,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], statuses: ["small": "passed", "big": "failed"],
            headline: "pmtu-black-hole",
            says: ["1400 bytes get there", "1401 do not", "198.18.1.1 (hop 1) and 198.18.2.2 (hop 2)", "“big” hangs"]))

    /// The server's certificates fill more than a packet.
    private static let pathMTUHoleOverTLS = Scenario(
        name: "stall: a path MTU black hole in the TLS handshake",
        network: .chain,
        changes: narrowMiddle(1000) + silentRouters + [.certificates, .hosts("198.18.3.2 shop.test"), .tls("good")],
        checks: """
              - {name: port, tcp: "198.18.3.2:443"}
              - {name: handshake, tls: "shop.test:443", ca: "{lab}/ca.pem", timeout: 3s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"],
            statuses: ["port": "passed", "handshake": "failed"], headline: "pmtu-black-hole",
            says: ["1000 bytes get there", "1001 do not", "“handshake” hangs"]))

    private static let slowServerStall = Scenario(
        name: "stall: a server that thinks for longer than the time-out",
        changes: [.http()],
        checks: """
              - {name: quick, http: "http://198.18.2.2/ok"}
              - {name: slow, http: "http://198.18.2.2/delay/5000"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["quick": "passed", "slow": "failed"],
            says: ["look alike"]))

    /// Its kernel accepts in its place, and nobody answers.
    private static let frozenServer = Scenario(
        name: "stall: a stopped server, whose kernel still accepts",
        changes: [.http(), .freeze("s")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: page, http: "http://198.18.2.2/ok"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["port": "passed", "page": "failed"],
            says: ["look alike"]))

    /// Waits to be spoken to, as an HTTP server does; a banner never comes.
    private static let idleServer = Scenario(
        name: "stall: a server that waits for the client to speak",
        changes: [.http()],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: banner, tcp: "198.18.2.2:80", expect: {banner: "^220"}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["port": "passed", "banner": "failed"]))

    private static let stalledHalfway = Scenario(
        name: "stall: half an answer",
        changes: [.http()],
        checks: """
              - {name: page, http: "http://198.18.2.2/stall"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-response-stalled"], statuses: ["page": "failed"]))

    /// The handshake's last packet and all after it vanish, as at a firewall that never saw the SYN-ACK.
    private static let handshakeOnly: [LabChange] = [
        .filter("r", at: "forward", rule: "tcp dport {80, 443} tcp flags & (syn|ack) == ack counter drop")
    ]

    private static let nothingAfterHandshake = Scenario(
        name: "stall: asymmetric-routing: not even the first bytes are acknowledged",
        changes: [.http()] + handshakeOnly,
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: page, http: "http://198.18.2.2/ok", timeout: 2s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["asymmetric-routing"], statuses: ["port": "passed", "page": "failed"],
            headline: "asymmetric-routing", says: ["nothing gets through", "nothing of ours was ever acknowledged"]))

    private static let nothingAfterHandshakeOverTLS = Scenario(
        name: "stall: asymmetric-routing: not even the ClientHello is acknowledged",
        changes: [.certificates, .hosts("198.18.2.2 shop.test"), .tls("good")] + handshakeOnly,
        checks: """
              - {name: handshake, tls: "shop.test:443", ca: "{lab}/ca.pem", timeout: 2s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["asymmetric-routing"], statuses: ["handshake": "failed"],
            headline: "asymmetric-routing", says: ["nothing gets through"]))

    /// The first packets of a long request are lost for their size, and no ICMP error says so.
    private static let requestTooLarge = Scenario(
        name: "stall: a request whose packets are too large for the way",
        network: .chain,
        changes: narrowMiddle(1000) + silentRouters + [.http()],
        checks: """
              - {name: page, http: "http://198.18.3.2/ok", headers: {X-Long: "\(String(repeating: "x", count: 3000))"}, timeout: 3s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], statuses: ["page": "failed"],
            headline: "pmtu-black-hole", says: ["1000 bytes get there"]))
}
