import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

/// A root, an intermediate authority and a directory for PEM files, on one reactor. The root is what the client trusts.
final class TLSWorld: Sendable {
    let reactor: Reactor
    let root: IssuedCertificate
    let intermediate: IssuedCertificate
    let directory: String
    let rootPath: String
    let transport: OpenSSLTransport

    init() throws {
        reactor = try Reactor()
        transport = OpenSSLTransport(reactor: reactor)
        root = try CertificateFactory.authority(named: "Test Root")
        var content = CertificateFactory.Content(commonName: "Test Intermediate")
        content.isAuthority = true
        intermediate = try CertificateFactory.issue(content, by: root)
        var template = Array("/tmp/leadsman-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp") }
        directory = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        rootPath = try root.write(to: directory, as: "root").certificate
    }

    deinit {
        for name in ["root", "client", "other", "stranger"] {
            unlink("\(directory)/\(name).crt")
            unlink("\(directory)/\(name).key")
        }
        rmdir(directory)
    }

    /// A leaf for shop.test and both loopback addresses.
    func leaf(
        by issuer: IssuedCertificate?, _ change: (inout CertificateFactory.Content) -> Void = { _ in }
    ) throws -> IssuedCertificate {
        var content = CertificateFactory.Content(commonName: "shop.test")
        content.dnsNames = ["shop.test", "*.shop.test"]
        content.ipAddresses = bothLoopbacks
        change(&content)
        return try CertificateFactory.issue(content, by: issuer)
    }

    /// What a sound server presents: its leaf and the intermediate.
    func soundServer(_ change: (inout TLSServerSettings) -> Void = { _ in }) throws -> TLSFaultServer.Behaviour {
        let leaf = try leaf(by: intermediate)
        var settings = TLSServerSettings(chain: [leaf.certificate, intermediate.certificate], key: leaf.key)
        change(&settings)
        return .handshake(settings)
    }

    func server(presenting leaf: IssuedCertificate, above: [IssuedCertificate] = []) -> TLSFaultServer.Behaviour {
        .handshake(TLSServerSettings(chain: [leaf.certificate] + above.map(\.certificate), key: leaf.key))
    }

    var settings: TLSSettings {
        var settings = TLSSettings(
            serverName: "shop.test", expectedName: Host("shop.test") ?? .address(bothLoopbacks[0]))
        settings.caPath = rootPath
        return settings
    }

    /// One handshake with such a server; the body gets the secured stream if there is one.
    @discardableResult
    func handshake(
        with behaviour: TLSFaultServer.Behaviour, on address: IPAddress = bothLoopbacks[0],
        patience: Duration = .seconds(10),
        settings change: (inout TLSSettings) -> Void = { _ in },
        serve: @escaping @Sendable (any ByteStream) async -> Void = { await $0.drain() },
        use: (any ByteStream) async throws -> Void = { _ in }
    ) async throws -> TLSFact {
        let server = try await TLSFaultServer(on: address, behaviour, reactor: reactor, serve: serve)
        var settings = settings
        change(&settings)
        let attempt = try await TCPConnector(reactor: reactor).connect(
            to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream)
        let handshake = try await transport.secure(
            stream, to: server.endpoint, settings: settings, deadline: .now + patience)
        #expect((handshake.stream != nil) == (handshake.fact.outcome == .established))
        if let stream = handshake.stream {
            try await use(stream)
            await stream.close()
        }
        // The transport owns the stream from the handshake on, whatever came of it.
        #expect(try await stream.read(upTo: 1, deadline: .now + .seconds(1)) == .end(.closed))
        await server.stop()
        return handshake.fact
    }

    /// A handshake that must succeed, and what is done with its stream.
    func converse(
        with behaviour: TLSFaultServer.Behaviour,
        serve: @escaping @Sendable (any ByteStream) async -> Void = { await $0.drain() },
        use: (any ByteStream) async throws -> Void
    ) async throws {
        let fact = try await handshake(with: behaviour, serve: serve, use: use)
        #expect(fact.outcome == .established)
    }
}
