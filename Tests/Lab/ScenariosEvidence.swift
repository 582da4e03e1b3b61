/// The packets of a run's own checks (`--evidence`) decide what sockets cannot. Needs the right to capture: where there is none
/// the sockets' word stands.
extension Scenario {
    static let evidence: [Scenario] = [
        ordinaryChecks, droppedOnTheWay, droppedHere, unheardHere, refusedByTheTarget, refusedByARouter,
        stalledHandshake,
        resetOnTheWay, resetByTheTarget, lateSYNs, largeSegments,
    ]

    private static func captured(
        _ name: String, _ changes: [LabChange], _ checks: String, _ expected: Expected, without: String? = nil
    ) -> Scenario {
        var scenario = Scenario(
            name: "evidence, \(name)", changes: changes, checks: checks, options: ["--evidence"], expected: expected)
        // The findings of sockets alone; and the packets that were asked for could not be had.
        let verdict = without == nil ? "inconclusive" : "failing"
        scenario.expectedWithoutRights = Expected(
            verdict: verdict, exit: without == nil ? 3 : 1, must: without.map { [$0] } ?? [],
            may: ["probe-inconclusive", "latency-high-p95", "syn-retransmit-latency"])
        return scenario
    }

    private static let ordinaryChecks = captured(
        "silence: a port, a page, a large one, an echo and a name", [.http(), .names("shop.test A 198.18.2.2")],
        """
              - {name: port, tcp: "198.18.2.2:80", samples: 20}
              - {name: page, http: "http://198.18.2.2/big/500000"}
              - {name: over IPv6, http: "http://[fd00:18:2::2]/ok"}
              - {name: echo, icmp: 198.18.2.2, samples: 20}
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
        """, .healthy)

    private static let droppedOnTheWay = captured(
        "tcp-filtered-drop: the SYNs leave", [.http(), .filter("r", at: "forward", rule: "tcp dport 81 drop")],
        """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81", timeout: 2500ms}
        """, fails("tcp-filtered-drop", says: ["on the wire, no packet back"]), without: "tcp-filtered-drop")

    /// A UDP datagram to the same port is let out, so that only the missing packets show it.
    private static let droppedHere = captured(
        "local-egress-denied: the SYNs never leave", [.http(), .filter("c", at: "output", rule: "tcp dport 81 drop")],
        """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81", timeout: 2500ms}
        """, fails("local-egress-denied", says: ["not one SYN"]), without: "tcp-filtered-drop")

    private static let unheardHere = captured(
        "asymmetric-routing: the SYN-ACKs come and are not taken",
        [.http(), .filter("c", at: "input", rule: "tcp sport 80 drop")],
        """
              - {name: port, tcp: "198.18.2.2:80", timeout: 2500ms}
        """, fails("asymmetric-routing", says: ["rp_filter", "SYN-ACK"]), without: "tcp-filtered-drop")

    private static let refusedByTheTarget = captured(
        "tcp-refused: with the target's own TTL", [.http()],
        """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: closed, tcp: "198.18.2.2:82"}
        """, fails("tcp-refused", says: ["The target itself", "TTL 63"]), without: "tcp-refused")

    private static let refusedByARouter = captured(
        "tcp-rejected: by a reset with another TTL",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 82 reject with tcp reset")],
        """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: closed, tcp: "198.18.2.2:82"}
        """, fails("tcp-rejected", says: ["TTL 64", "TTL 63"]), without: "tcp-rejected")

    private static let stalledHandshake = captured(
        "asymmetric-routing: connected, and nothing gets through",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == ack drop")],
        """
              - {name: page, http: "http://198.18.2.2/ok", timeout: 4s}
        """, fails("asymmetric-routing", says: ["nothing gets through"]), without: "asymmetric-routing")

    private static let resetOnTheWay = captured(
        "tcp-reset-after-connect: by a device on the way",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & psh == psh reject with tcp reset")],
        """
              - {name: page, http: "http://198.18.2.2/ok"}
        """, fails("tcp-reset-after-connect", says: ["A device on the way resets", "TTL 64"]),
        without: "tcp-reset-after-connect")

    private static let resetByTheTarget = captured(
        "tcp-reset-after-connect: by the server itself", [.http()],
        """
              - {name: page, http: "http://198.18.2.2/reset"}
        """, fails("tcp-reset-after-connect", says: ["the server itself resets", "TTL 63"]),
        without: "tcp-reset-after-connect")

    private static let lateSYNs = captured(
        "syn-retransmit-latency: each first SYN is lost",
        [
            .http(),
            .filter(
                "r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == syn numgen inc mod 2 0 drop"),
        ],
        """
              - {name: port, tcp: "198.18.2.2:80", timeout: 3s}
        """, degrades("syn-retransmit-latency", says: ["2 of 2"]))

    /// Upwards: of what is lost on the way here nothing comes to this host's capture.
    private static let largeSegments = captured(
        "pmtu-black-hole: what is sent stalls",
        [
            .server("s", .web, ["25", "--at", "close-on-bytes"]), .http(),
            .shell("r", "ip link set to-s mtu 1300"),
            .filter("r", at: "output", rule: "icmp type destination-unreachable drop"),
        ],
        """
              - {name: small, http: "http://198.18.2.2/ok"}
              - {name: large, tcp: "198.18.2.2:25", send: "\(String(repeating: "x", count: 4000))", timeout: 4s, expect: {banner: "^220"}}
        """, fails("pmtu-black-hole", says: ["up to 1300 bytes get there", "no ICMP in the capture"]),
        without: "pmtu-black-hole")
}
