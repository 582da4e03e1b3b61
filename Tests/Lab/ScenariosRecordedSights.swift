/// Captures that are easily misread: taken where packets are forwarded and seen twice, behind the place of a loss, of fragments, of
/// encrypted contents.
extension Scenario {
    static let recordedSights: [Scenario] = [
        fragments, forwardedTraffic, refusalByForwarder, resetByForwarder, fullQueueSeenTwice, circleFromInside,
        lossBehind, expiredCertificate, deniedMetadata,
    ]

    private static let fragments = recorded(
        "silence: large echoes and datagrams in fragments",
        [
            .shell(
                "s",
                """
                python3 -c '
                import socket
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(("", 7))
                while True:
                    data, peer = s.recvfrom(65536)
                    s.sendto(data, peer)
                ' > /dev/null 2>&1 &
                until ss -Hlun sport = 7 | grep -q :7; do sleep 0.01; done
                """)
        ],
        """
        ping -q -c 20 -i 0.01 -s 4000 198.18.2.2
        python3 -c '
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(2)
        for _ in range(20):
            s.sendto(b"x" * 20000, ("198.18.2.2", 7))
            s.recv(65536)
        '
        """, .healthy)

    /// Each packet comes and goes, over two interfaces, and with another hop limit.
    private static let forwardedTraffic = recorded(
        "silence: everything seen twice by the router", [.http(), .names("shop.test A 198.18.2.2")], at: "r",
        fromClient(
            "{client} get 198.18.2.2 80 /big/2000000", "{client} get fd00:18:2::2 80 /big/2000000",
            "{client} get 198.18.2.2 80 /slam", "{client} ask 198.18.2.2 shop.test 3",
            "ping -q -c 20 -i 0.01 -s 3000 198.18.2.2"), .healthy)

    private static func fromClient(_ commands: String...) -> String {
        commands.map { "nsenter --net=/run/netns/c \($0)" }.joined(separator: "\n")
    }

    private static let refusalByForwarder = recorded(
        "tcp-rejected: by ICMP, seen by the router itself",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 82 reject with icmpx type admin-prohibited")], at: "r",
        fromClient("{client} get 198.18.2.2 80 /ok", "{client} connect 198.18.2.2 82 1"),
        fails("tcp-rejected", says: ["198.18.1.1", "prohibited"]))

    private static let resetByForwarder = recorded(
        "tcp-reset-after-connect: the router itself resets, seen there",
        [.http(), .filter("r", at: "forward", rule: "tcp dport 80 tcp flags & psh == psh reject with tcp reset")],
        at: "r", fromClient("{client} get 198.18.2.2 80 /ok"),
        fails("tcp-reset-after-connect", says: ["by the host that this was captured on", "seen once"]))

    private static let fullQueueSeenTwice = recorded(
        "listen-backlog-overflow: seen by the router, each packet twice", [.shell("s", queue), .http(port: 80)],
        at: "r",
        fromClient("{client} get 198.18.2.2 80 /ok", "{client} hold 198.18.2.2 2000 3.5 6"),
        fails("listen-backlog-overflow", says: ["198.18.2.2:2000", "4 SYNs"]))

    private static let circleFromInside = Scenario(
        name: "pcap, routing-loop: seen by a router of the circle", network: .chain,
        changes: [
            .addRoute("r", "198.19.0.0/16 via 198.18.2.2"), .addRoute("q", "198.19.0.0/16 via 198.18.2.1"),
            .record("r", fromClient("{client} connect 198.19.0.1 80 2")),
        ],
        command: ["pcap", "{lab}/packets.pcap"], expected: fails("routing-loop", says: ["TTL 64"]))

    /// What is lost on the way to the capture is not in it; what comes in its place comes late, and early for tshark.
    private static let lossBehind = recorded(
        "packet-loss: each thirtieth segment is lost before it is seen",
        [.http(), .impair("c", "r", Impairment(delay: 10), back: Impairment(delay: 10, only: .tcp(80), every: 30))],
        "{client} get 198.18.2.2 80 /big/1500000", degrades("packet-loss", says: ["TCP segments"]))

    private static let expiredCertificate = recorded(
        "tls-cert-expired: shown in the clear before TLS 1.3",
        [
            .certificates,
            .server("s", .web, ["443", "{lab}/expired.pem", "{lab}/expired.key", "--max-version", "1.2"]),
        ],
        "openssl s_client -connect 198.18.2.2:443 -CAfile {lab}/ca.pem -verify_return_error < /dev/null || true",
        Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired"], headline: "tls-cert-expired",
            says: ["ended at", "a client refused it as expired"]))

    private static let deniedMetadata = recorded(
        "silence: the metadata service is kept from the client",
        [.http(), .filter("r", at: "forward", rule: "ip daddr 169.254.169.254 drop")],
        "{client} get 198.18.2.2 80 /ok; {client} connect 169.254.169.254 80 3.5", .healthy)
}
