import NetValues
import Observations
import Wire

/// What a capture shows above and beside TCP, for `SamplePackets`.
enum SampleTransactions {
    private static let start = SamplePackets.start
    private static let client = SamplePackets.end("198.18.0.1:53001")
    private static let server = SamplePackets.end("198.18.0.53:53")
    private static let spread = LatencySpread(
        count: 228, min: .microseconds(300), p50: .milliseconds(1), p95: .milliseconds(30), max: .milliseconds(250))

    static var answered: DNSTransaction {
        DNSTransaction(
            frame: 17, at: start, client: client, server: server, transport: .udp, id: 4711, name: "shop.example.com",
            type: "A", rcode: "NOERROR", latency: .microseconds(900), answers: ["198.18.0.2", "198.18.0.3"])
    }

    static var dns: DNSTally {
        var dns = DNSTally()
        dns.queries = 230
        dns.responses = 228
        dns.unanswered = 2
        dns.retransmitted = 3
        dns.truncated = 1
        dns.rcodes = ["NOERROR": 200, "NXDOMAIN": 28]
        dns.latency = spread
        var tally = DNSServerTally(server)
        tally.queries = 200
        tally.latency = spread
        var other = DNSServerTally(SamplePackets.end("[fd00:18::53]:53"))
        other.queries = 30
        other.unanswered = 2
        other.failures = 28
        dns.servers = [tally, other]
        var silent = DNSTransaction(
            frame: 20, at: start + .seconds(1), client: client, server: server, transport: .tcp, id: 1,
            name: "old.example.com", type: "AAAA")
        silent.repeats = 2
        dns.transactions = [answered, silent]
        dns.multicastQueries = 4
        dns.multicastResponses = 1
        return dns
    }

    static var hello: TLSHandshakeRecord {
        var hello = TLSHandshakeRecord(
            frame: 30, at: start, client: SamplePackets.end("198.18.0.1:40000"),
            server: SamplePackets.end("198.18.0.2:443"))
        hello.serverName = "shop.example.com"
        hello.offeredVersions = ["1.3", "1.2"]
        hello.offeredALPN = ["h2", "http/1.1"]
        return hello
    }

    static var tls: TLSTally {
        var tls = TLSTally()
        tls.clientHellos = 3
        tls.serverHellos = 2
        tls.unanswered = 1
        tls.versions = ["1.3": 1, "1.2": 1]
        tls.alerts = ["handshake_failure": 1]
        tls.quicInitials = 1
        var old = hello
        old.chosenVersion = "1.2"
        old.chosenALPN = "h2"
        old.cipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        old.latency = .milliseconds(3)
        old.alerts = ["fatal handshake_failure from the server"]
        old.certificate = CertificateSummary(
            subject: "CN=shop.example.com", issuer: "CN=Example CA", notBefore: WallTime(seconds: 1_700_000_000),
            notAfter: WallTime(seconds: 1_800_000_000), names: ["shop.example.com", "www.example.com"], chainLength: 2)
        var quic = hello
        quic.isQUIC = true
        tls.handshakes = [old, hello, quic]
        return tls
    }

    static var http: HTTPTally {
        var http = HTTPTally()
        http.requests = 30
        http.responses = 29
        http.unanswered = 1
        http.statuses = [200: 25, 404: 4]
        http.latency = spread
        let (client, server) = (SamplePackets.end("[fd00:18::1]:40000"), SamplePackets.end("[fd00:18::2]:8080"))
        http.exchanges = [
            HTTPTransaction(
                frame: 40, at: start, client: client, server: server, method: "GET", host: "api.example.com",
                path: "/v1/orders", status: 404, latency: .milliseconds(12), carriesCredentials: true),
            HTTPTransaction(
                frame: 41, at: start, client: client, server: server, method: "POST", host: nil, path: "/"),
        ]
        return http
    }

    static var quoted: QuotedError {
        QuotedError(
            frame: 50, at: start, sender: SamplePackets.address("198.18.0.254"), type: 3, code: 4, mtu: 1400,
            hopLimit: 63)
    }

    static var icmp: ICMPTally {
        var icmp = ICMPTally()
        icmp.echoRequests = 10
        icmp.echoReplies = 9
        icmp.unanswered = 1
        icmp.echoLatency = spread
        icmp.errors = ["fragmentation needed": 1]
        icmp.quotes = [
            ICMPErrorRecord(
                error: quoted, name: "fragmentation needed", protocolNumber: 17, source: client, destination: server)
        ]
        var series = EchoSeriesRecord(
            source: SamplePackets.address("198.18.0.1"), destination: SamplePackets.address("198.18.0.2"),
            identifier: 99)
        series.requests = 10
        series.replies = 9
        series.duplicates = 1
        icmp.series = [series]
        return icmp
    }

    static var neighbours: NeighbourTally {
        var neighbours = NeighbourTally()
        neighbours.arpRequests = 5
        neighbours.arpReplies = 2
        neighbours.gratuitous = 1
        neighbours.solicitations = 1
        let owners = [0x0200_0000_0001, 0x0200_0000_0066].map { bits in
            NeighbourClaim.Owner(
                link: LinkAddress(bits: bits), claims: 2, firstFrame: 3, firstAt: start, lastAt: start + .seconds(2))
        }
        neighbours.claims = [
            NeighbourClaim(address: SamplePackets.address("198.18.0.2"), owners: owners, gratuitous: 1, changes: 3)
        ]
        neighbours.unanswered = [
            UnansweredNeighbour(
                address: SamplePackets.address("198.18.0.77"), asker: SamplePackets.address("198.18.0.1"), requests: 3,
                firstAt: start)
        ]
        return neighbours
    }

    static var dhcp: DHCPTally {
        var dhcp = DHCPTally()
        dhcp.messages = ["DISCOVER": 1, "OFFER": 1, "REQUEST": 1, "ACK": 1]
        dhcp.servers = [SamplePackets.address("198.18.0.254")]
        dhcp.leases = [
            DHCPLease(
                client: LinkAddress(bits: 0x0200_0000_0001), address: SamplePackets.address("198.18.0.1"),
                server: SamplePackets.address("198.18.0.254"), lease: .seconds(86_400))
        ]
        dhcp.unansweredClients = [LinkAddress(bits: 0x0200_0000_0009)]
        return dhcp
    }

    static var egress: EgressTally {
        var egress = EgressTally()
        egress.classes[.private] = entry(3, 400_000, 9_300_000)
        egress.classes[.metadata] = entry(1, 300, 2000)
        egress.rangesSource = "given"
        egress.talkers = [
            EgressTally.Talker(
                source: SamplePackets.address("198.18.0.1"), destination: SamplePackets.address("198.18.0.2"),
                port: 443, protocolNumber: 6, destinationClass: .private, flows: 1, bytesOut: 400_000,
                bytesIn: 9_300_000, name: "shop.example.com"),
            EgressTally.Talker(
                source: SamplePackets.address("198.18.0.1"), destination: SamplePackets.address("169.254.169.254"),
                port: 80, protocolNumber: 6, destinationClass: .metadata, flows: 1, bytesOut: 300, bytesIn: 2000),
        ]
        return egress
    }

    private static func entry(_ flows: Int, _ bytesOut: Int, _ bytesIn: Int) -> EgressTally.Entry {
        var entry = EgressTally.Entry()
        entry.flows = flows
        entry.bytesOut = bytesOut
        entry.bytesIn = bytesIn
        return entry
    }
}
