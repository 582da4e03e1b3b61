import Diagnosis
import NetValues
import Observations
import Planning
import Reporting
import Wire

/// Captures as the analysis would tell of them, small enough to be read whole in a snapshot.
enum SamplePackets {
    static let start = WallTime(nanoseconds: 1_769_860_800_123_456_789)

    static let all: [(name: String, report: PacketReport)] = [
        ("busy", busy), ("hostile", hostile), ("empty", report(PacketSummary(), .inconclusive)), ("huge", huge),
    ]

    static func report(
        _ summary: PacketSummary, _ verdict: Judgement.Verdict = .healthy, _ findings: [Finding] = [],
        isInterrupted: Bool = false
    ) -> PacketReport {
        PacketReport(
            summary: summary,
            judgement: Judgement(verdict: verdict, checks: [], findings: findings, isIncomplete: false),
            toolVersion: "0.1.0", isInterrupted: isInterrupted)
    }

    static func address(_ text: String) -> PacketAddress { PacketAddress(known(IPAddress(text))) }
    /// Without a port it is 0, as of protocols that have none.
    static func end(_ text: String) -> PacketEndpoint {
        Endpoint(text).map(PacketEndpoint.init) ?? PacketEndpoint(address(text), 0)
    }

    static let finding = Finding(
        id: "tcp-filtered-drop", severity: .error, confidence: .likely, subject: "198.18.0.9:5432", checks: [],
        summary: "Nothing answers on TCP 5432 of 198.18.0.9.",
        evidence: ["3 SYNs from 198.18.0.1:40001 in 3.0 s, and no packet came back"],
        cause: "A firewall or a policy drops packets to this port without a word.",
        remedy: ["Allow TCP 5432 from 198.18.0.1 to 198.18.0.9."])

    static var busy: PacketReport { report(busySummary, .failing, [finding]) }

    static var busySummary: PacketSummary {
        var summary = PacketSummary()
        summary.files = ["web.pcap", "dns.pcapng.gz"]
        summary.packets = 12_345
        summary.bytes = 9_876_543
        summary.capturedBytes = 9_800_000
        summary.firstAt = start
        summary.lastAt = start + .milliseconds(12_345)
        summary.linkTypes = [.ethernet, .linuxCooked2]
        summary.isTruncated = true
        summary.problems = ["dns.pcapng.gz: ends within a record at byte 4711"]
        summary.drops = CaptureDrops(kernel: 12, interface: 3, isKnown: true)
        summary.backwardSteps = 1
        summary.protocols.entries = [
            .init(name: "IPv4", packets: 12_000, bytes: 9_800_000), .init(name: "ARP", packets: 6, bytes: 360),
            .init(name: "TCP", packets: 11_000, bytes: 9_700_000), .init(name: "UDP", packets: 1000, bytes: 100_000),
            .init(name: "DNS", packets: 458, bytes: 50_000),
        ]
        summary.endpoints = ["198.18.0.1", "198.18.0.2"].enumerated().map { index, text in
            var endpoint = EndpointTally(address(text))
            endpoint.packetsSent = 6000 + index
            endpoint.packetsReceived = 6001 - index
            endpoint.bytesSent = 1_000_000
            endpoint.bytesReceived = 8_000_000
            return endpoint
        }
        summary.flows = SampleFlows.all
        summary.tcp = SampleFlows.tally
        summary.dns = SampleTransactions.dns
        summary.tls = SampleTransactions.tls
        summary.http = SampleTransactions.http
        summary.icmp = SampleTransactions.icmp
        summary.neighbours = SampleTransactions.neighbours
        summary.dhcp = SampleTransactions.dhcp
        summary.egress = SampleTransactions.egress
        summary.limits.evictedFlows = 7
        summary.limits.unlistedTransactions = 42
        summary.limits.abandonedDatagrams = 1
        return summary
    }

    /// Names as an enemy would choose them.
    static let evil = "=cmd|'/c calc'!A1\u{1b}[31m\u{202e}\"a,b\"\r\n\u{9b}2J" + String(repeating: "数", count: 60)

    static var hostile: PacketReport {
        var summary = PacketSummary()
        summary.files = [evil]
        summary.problems = [evil]
        summary.packets = 3
        summary.bytes = 300
        summary.firstAt = start
        summary.lastAt = start
        var flow = SampleFlows.web
        flow.name = evil
        summary.flows = [flow]
        var dns = SampleTransactions.answered
        dns.answers = [evil, "-1", "+1", "@SUM(A1)", "\tx"]
        summary.dns.transactions = [
            DNSTransaction(
                frame: 1, at: start, client: end("198.18.0.1:40000"), server: end("198.18.0.53:53"), transport: .udp,
                id: 7, name: evil, type: "A"), dns,
        ]
        summary.dns.queries = 2
        summary.dns.rcodes = [evil: 1]
        var hello = SampleTransactions.hello
        hello.serverName = evil
        hello.chosenALPN = evil
        hello.alerts = [evil]
        hello.certificate = CertificateSummary(
            subject: evil, issuer: evil, notBefore: nil, notAfter: nil, names: [evil], chainLength: 1)
        summary.tls.handshakes = [hello]
        summary.tls.clientHellos = 1
        summary.http.exchanges = [
            HTTPTransaction(
                frame: 3, at: start, client: end("198.18.0.1:1"), server: end("198.18.0.2:80"), method: evil,
                host: evil, path: evil)
        ]
        summary.http.requests = 1
        return report(summary, .degraded, [evilFinding])
    }

    private static let evilFinding = Finding(
        id: "plaintext-service", severity: .warning, confidence: .certain, subject: evil, checks: [], summary: evil,
        evidence: [evil], cause: evil, remedy: [evil])

    /// Numbers as large as they get.
    static var huge: PacketReport {
        var summary = PacketSummary()
        summary.files = ["huge.pcap"]
        summary.packets = .max
        summary.bytes = .max
        summary.capturedBytes = .max
        summary.firstAt = WallTime(nanoseconds: .min)
        summary.lastAt = WallTime(nanoseconds: .max)
        summary.protocols.entries = [.init(name: "IPv6", packets: .max, bytes: .max)]
        var flow = FlowRecord(
            protocolNumber: 6, a: end("[2001:db8:1111:2222:3333:4444:5555:6666]:65535"),
            b: end("[2001:db8:7777:8888:9999:aaaa:bbbb:cccc]:65535"), firstAt: WallTime(nanoseconds: .min),
            lastAt: WallTime(nanoseconds: .max))
        flow.fromA.packets = .max / 2
        flow.fromA.bytes = .max / 2
        flow.fromB.packets = .max / 2
        flow.fromB.bytes = .max / 2
        flow.name = "a-very-long-name.of-some-service.in-some-namespace.svc.cluster.local"
        summary.flows = [flow]
        summary.drops = CaptureDrops(kernel: .max, interface: .max, isKnown: true)
        summary.tcp.flows = .max
        summary.tcp.segments = .max
        summary.tcp.counters.retransmission = .max
        return report(summary)
    }
}
