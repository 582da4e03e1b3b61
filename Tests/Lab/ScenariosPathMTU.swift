/// How large packets may be (catalogue section 6).
extension Scenario {
    static let pathMTUs: [Scenario] = [
        wideWay, toldLimit, silentLimit, vethMismatch, largeEchoesFiltered, clampedTCP, lossyWay, silentDownload,
        silentDownloadByTLS,
        serverThinksOnAWideWay, silentUpload, muteServerOnAWideWay,
    ]

    private static func narrow(_ mtu: Int) -> [LabChange] {
        [.shell("r", "ip link set to-q mtu \(mtu)"), .shell("q", "ip link set to-r mtu \(mtu)")]
    }

    private static let muteRouters: [LabChange] = ["r", "q"].map {
        .filter($0, at: "output", rule: "icmp type destination-unreachable icmp code frag-needed counter drop")
    }

    private static let wideWay = Scenario(
        name: "mtu: a way that takes all that the own link takes is healthy",
        network: .chain, changes: [.http()], command: ["mtu", "198.18.3.2:80"], expected: .healthy)

    private static let toldLimit = Scenario(
        name: "mtu: a narrow link whose router says so",
        network: .chain, changes: narrow(1450) + [.http()], command: ["mtu", "198.18.3.2:80"],
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["pmtu-reduced"], headline: "pmtu-reduced",
            says: ["may have 1450 bytes", "198.18.1.1", "1450 = 1500 − 50", "VXLAN"]))

    private static let silentLimit = Scenario(
        name: "mtu: a black hole, to the byte and the hop",
        network: .chain, changes: narrow(1420) + muteRouters + [.http()], command: ["mtu", "198.18.3.2:80"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], headline: "pmtu-black-hole",
            says: ["1420 bytes get there", "1421 do not", "198.18.1.1 (hop 1) and 198.18.2.2 (hop 2)", "WireGuard"]))

    /// The other end of the own veth drops what is larger than its MTU and four bytes.
    private static let vethMismatch = Scenario(
        name: "mtu: the other end of the own link takes less",
        changes: [.shell("r", "ip link set to-c mtu 1400")], command: ["mtu", "198.18.2.2"],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["mtu-mismatch-cni"], may: ["interface-drops"],
            headline: "mtu-mismatch-cni",
            says: ["1404 bytes get", "to-r (veth) has mtu 1500", "very likely 1400"]))

    private static let largeEchoesFiltered = Scenario(
        name: "mtu: a filter of large echoes is no path MTU",
        network: .chain,
        changes: [.filter("q", at: "forward", rule: "icmp type echo-request meta length > 600 counter drop"), .http()],
        command: ["mtu", "198.18.3.2:80"],
        expected: Expected(verdict: "healthy", exit: 0, may: ["pmtu-black-hole"]))

    private static let clampedTCP = Scenario(
        name: "mtu: a black hole that a clamp of the segment size hides from TCP",
        network: .chain,
        changes: narrow(1400) + muteRouters + [
            .filter("r", at: "forward", rule: "tcp flags & (syn|rst) == syn tcp option maxseg size set 1360"), .http(),
        ], command: ["mtu", "198.18.3.2:80"],
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["pmtu-black-hole"], headline: "pmtu-black-hole",
            says: ["TCP is saved", "1400 bytes get there"]))

    /// One of ten, whatever its size.
    private static let lossyWay = Scenario(
        name: "mtu: loss of packets of every size is no path MTU",
        network: .chain, changes: [.filter("q", at: "forward", rule: "numgen inc mod 10 == 0 counter drop"), .http()],
        command: ["mtu", "198.18.3.2:80"], expected: .healthy)

    /// Only what comes back is too large for the way; nothing of it shows on the way out.
    private static let silentDownload = Scenario(
        name: "mtu: check finds a black hole on the way back alone",
        network: .chain,
        changes: muteRouters + [.shell("q", "ip route replace 198.18.1.0/24 via 198.18.2.1 mtu 1400")] + [
            .shell("q", "ip route flush cache"), .http(),
        ], command: ["check", "http://198.18.3.2/big/100000", "--timeout", "4s"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], headline: "pmtu-black-hole",
            says: ["Packets from 198.18.3.2 of up to 1400 bytes get there", "1401 do not", "hangs"]))

    /// The certificates get through and the pages do not; two checks hang, and one of them has tried the sizes.
    private static let silentDownloadByTLS = Scenario(
        name: "mtu: a black hole on the way back behind https is one finding",
        network: .chain,
        changes: muteRouters + [
            .shell("q", "ip route replace 198.18.1.0/24 via 198.18.2.1 mtu 1400"), .certificates, .tls("good"),
            .hosts("198.18.3.2 shop.test"),
        ],
        checks: """
              - {name: page, http: "https://shop.test/big/100000", ca: "{lab}/ca.pem", timeout: 3s}
              - {name: other, http: "https://shop.test/big/9000", ca: "{lab}/ca.pem", timeout: 3s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], headline: "pmtu-black-hole",
            says: ["Packets from 198.18.3.2 of up to 1400 bytes", "“page”", "“other”"],
            checksOf: ["pmtu-black-hole": 2]))

    private static let serverThinksOnAWideWay = Scenario(
        name: "mtu: a server that thinks for too long, on a way that takes all",
        network: .chain, changes: [.http()],
        command: ["check", "http://198.18.3.2/delay/9000", "--timeout", "3s"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], headline: "expectation-unmet"))

    /// `tcp` with so much to say that it fills two segments.
    private static func conversation(_ page: String) -> String {
        let words = "GET \(page) HTTP/1.1\\r\\nHost: 198.18.3.2\\r\\nX-Padding: " + String(repeating: "x", count: 3000)
        return """
              - {name: said, tcp: "198.18.3.2:80", send: "\(words)\\r\\n\\r\\n", timeout: 3s, expect: {banner: "HTTP"}}
            """
    }

    private static let silentUpload = Scenario(
        name: "mtu: what a tcp check sends vanishes for its size",
        network: .chain, changes: narrow(1420) + muteRouters + [.http()], checks: conversation("/"),
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], headline: "pmtu-black-hole",
            says: ["1420 bytes", "198.18.1.1 (hop 1) and 198.18.2.2 (hop 2)"]))

    private static let muteServerOnAWideWay = Scenario(
        name: "mtu: a server that takes what a tcp check sends and says nothing",
        network: .chain, changes: [.http()], checks: conversation("/delay/9000"),
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], headline: "expectation-unmet"))
}
