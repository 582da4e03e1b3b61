import FaultServers
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import StreamTransport
import Wire

/// A small network on 127.0.0.1 with known faults: a name server, web servers, certificates and ports, and the plan that a
/// team would have for it.
struct DemoNetwork: Sendable {
    /// What is wrong with it, in words.
    let faults: [String]
    let plan: Plan
    private let resolver: Endpoint
    private let parts: DemoParts

    /// Probes ask the demo's name server in place of the system's.
    var adjust: @Sendable (inout Capabilities) -> Void {
        { [resolver] in
            $0.resolver = ResolverConfiguration(
                servers: [resolver], timeout: .seconds(1), source: "the demo's own configuration")
            $0.hosts = HostsTable()
        }
    }

    static func start() async throws -> DemoNetwork {
        let parts = try await DemoParts.start()
        return DemoNetwork(
            faults: DemoPlan.faults, plan: Plan(vantage: VantageName(name: "demo"), checks: DemoPlan(parts).checks),
            resolver: parts.nameServer, parts: parts)
    }

    func stop() async {
        await parts.stop()
    }
}

/// The demo's servers.
struct DemoParts: Sendable {
    let reactor: Reactor
    let nameServer: Endpoint
    let web: Endpoint
    let shop: Endpoint
    let expired: Endpoint
    let misnamed: Endpoint
    let admin: Endpoint
    let closed: ClosedPort
    let deafNameServer: SilentNameServer
    let authority: MemoryFile
    private let servers: Servers

    private struct Servers: Sendable {
        let dns: DNSFaultServer
        let web: AcceptingServer
        let tls: [TLSFaultServer]
        let admin: TCPFaultServer
    }

    static let loopback = IPAddress.v4(IPv4Address(bits: 0x7f00_0001))

    static func start() async throws -> DemoParts {
        let reactor = try Instruments.startReactor()
        let handler = HTTPFaultHandler(routes: routes, time: SystemTime(reactor: reactor))
        let dns = DNSFaultServer(reactor: reactor, faults: names)
        let web = try await AcceptingServer(on: Endpoint(loopback, 0), reactor: reactor) { await handler.serve($0) }
        let certificates = try DemoCertificates()
        let tls = [certificates.shop, certificates.expired, certificates.misnamed]
        var servers: [TLSFaultServer] = []
        for certificate in tls {
            let settings = TLSServerSettings(chain: [certificate.certificate], key: certificate.key)
            servers.append(
                try await TLSFaultServer(on: loopback, .handshake(settings), reactor: reactor) {
                    await handler.serve($0)
                })
        }
        let admin = try await TCPFaultServer(on: loopback, .banner(Array("admin console\r\n".utf8)), reactor: reactor)
        return DemoParts(
            reactor: reactor, nameServer: try await dns.start(), web: web.endpoint,
            shop: servers[0].endpoint, expired: servers[1].endpoint, misnamed: servers[2].endpoint,
            admin: admin.endpoint,
            closed: try ClosedPort(on: loopback), deafNameServer: try SilentNameServer(on: loopback),
            authority: try MemoryFile(certificates.authority.certificatePEM, named: "demo-ca"),
            servers: Servers(dns: dns, web: web, tls: servers, admin: admin))
    }

    func stop() async {
        await servers.dns.stop()
        for server in servers.tls { await server.stop() }
        await servers.web.stop()
        await servers.admin.stop()
    }

    private static let names: [String: DNSFault] = {
        var names: [String: DNSFault] = ["partner.demo.test": .rcode(.servFail)]
        for host in ["shop", "orders", "pay", "reports", "stock", "login", "db", "admin"] {
            let record = DNSRecord(name: "\(host).demo.test.", type: .a, ttl: 30, data: .address(loopback))
            names["\(host).demo.test"] = .answer([record])
        }
        return names
    }()

    private static let routes: [String: HTTPFault] = [
        "/health": .status(200, "ok\n"),
        "/stock": .status(503, "no backend available\n"),
        "/report": .status(200, "ready\n").delayed(by: .milliseconds(600)),
        "/login": .redirect(to: "/start"),
        "/start": .redirect(to: "/login"),
    ]
}

/// A private authority and the certificates of the demo's servers.
private struct DemoCertificates {
    let authority: IssuedCertificate
    let shop: IssuedCertificate
    let expired: IssuedCertificate
    let misnamed: IssuedCertificate

    init() throws(Inability) {
        authority = try CertificateFactory.authority(named: "Demo CA")
        shop = try Self.issue("shop.demo.test", by: authority)
        expired = try Self.issue("orders.demo.test", by: authority, until: .now + .seconds(-3 * 86_400))
        misnamed = try Self.issue("internal.demo.test", by: authority)
    }

    private static func issue(
        _ name: String, by authority: IssuedCertificate, until notAfter: WallTime = .now + .seconds(60 * 86_400)
    ) throws(Inability) -> IssuedCertificate {
        var content = CertificateFactory.Content(commonName: name)
        content.dnsNames = [name]
        content.notBefore = .now + .seconds(-30 * 86_400)
        content.notAfter = notAfter
        return try CertificateFactory.issue(content, by: authority)
    }
}
