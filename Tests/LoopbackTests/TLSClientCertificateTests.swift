import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSClientCertificateTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    private func requiring(_ version: TLSSettings.Version) throws -> TLSFaultServer.Behaviour {
        try world.soundServer { settings in
            settings.maxVersion = version
            settings.clientCertificates = .required(authorities: [world.root.certificate])
        }
    }

    private func client(by issuer: IssuedCertificate, as name: String) throws -> (certificate: String, key: String) {
        try world.leaf(by: issuer) { $0.commonName = "client" }.write(to: world.directory, as: name)
    }

    @Test(arguments: [(TLSSettings.Version.tls12, "handshake_failure"), (.tls13, "certificate_required")])
    func missingCertificate_isRefused_andTheServersFactsAreKept(version: TLSSettings.Version, alert: String)
        async throws
    {
        let fact = try await world.handshake(with: try requiring(version))
        #expect(fact.outcome == .failed(.alert(alert)))
        #expect(fact.clientCertificate == ClientCertificateRequest(authorities: ["CN=Test Root"]))
        #expect(!fact.sentClientCertificate)
        #expect(fact.chain.count == 2)
        #expect(fact.nameMatch == true)
        #expect(fact.version == "TLSv\(version.rawValue)")
        #expect(fact.alerts.contains(where: { $0.isReceived && $0.name == alert }))
    }

    @Test(arguments: [TLSSettings.Version.tls12, .tls13])
    func certificate_isAccepted(version: TLSSettings.Version) async throws {
        let paths = try client(by: world.root, as: "client")
        let fact = try await world.handshake(with: try requiring(version)) { settings in
            settings.certificatePath = paths.certificate
            settings.keyPath = paths.key
        }
        #expect(fact.outcome == .established)
        #expect(fact.sentClientCertificate)
        #expect(fact.clientCertificate?.authorities == ["CN=Test Root"])
    }

    @Test func certificateOfAnotherAuthority_isRefused() async throws {
        let paths = try client(by: try CertificateFactory.authority(named: "Stranger"), as: "stranger")
        let fact = try await world.handshake(with: try requiring(.tls12)) { settings in
            settings.certificatePath = paths.certificate
            settings.keyPath = paths.key
        }
        #expect(fact.outcome == .failed(.alert("unknown_ca")))
        #expect(fact.sentClientCertificate)
    }

    /// The ticket proves consent, so that nobody waits for an alert that does not come.
    @Test func serverThatOnlyAsks_isEstablishedWithoutWaiting() async throws {
        let behaviour = try world.soundServer { $0.clientCertificates = .requested(authorities: []) }
        let begin = Instant.now
        let fact = try await world.handshake(with: behaviour) { $0.graceForLateAlert = .seconds(8) }
        #expect(fact.outcome == .established)
        #expect(fact.clientCertificate == ClientCertificateRequest(authorities: []))
        #expect(!fact.sentClientCertificate)
        #expect(Instant.now - begin < .seconds(7))
    }

    @Test func wordsOfTheServer_areKept_whileItsAlertIsWaitedFor() async throws {
        let behaviour = try world.soundServer { $0.clientCertificates = .requested(authorities: []) }
        let greeting = Array("220 ready\r\n".utf8)
        try await world.handshake(
            with: behaviour,
            serve: { stream in
                _ = try? await stream.write(greeting, deadline: .now + .seconds(5))
                await stream.drain()
            },
            use: { stream in
                var received: [UInt8] = []
                while received.count < greeting.count,
                    case .bytes(let bytes) = try await stream.read(upTo: 4, deadline: .now + .seconds(5))
                {
                    received += bytes
                }
                #expect(received == greeting)
            })
    }

    // MARK: Files

    private func inability(_ change: (inout TLSSettings) -> Void) async throws -> Inability? {
        let server = try await TLSFaultServer(on: bothLoopbacks[0], try world.soundServer(), reactor: world.reactor)
        var settings = world.settings
        change(&settings)
        let attempt = try await TCPConnector(reactor: world.reactor).connect(
            to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream)
        let thrown = await interruption { [settings] () throws(ProbeInterruption) in
            _ = try await world.transport.secure(
                stream, to: server.endpoint, settings: settings, deadline: .now + .seconds(5))
        }
        #expect(try await stream.read(upTo: 1, deadline: .now + .seconds(1)) == .end(.closed))
        await server.stop()
        if case .unable(let inability)? = thrown { return inability }
        return nil
    }

    @Test func unreadableFiles_areOurInability_andNamed() async throws {
        let paths = try client(by: world.root, as: "client")
        let missing = world.directory + "/nothing.pem"
        let ca = try #require(try await inability { $0.caPath = missing })
        #expect(ca.code == .badFile)
        #expect(ca.action.contains(missing))
        #expect(ca.reason.contains("ENOENT"))
        let notPEM = try #require(try await inability { $0.caPath = paths.key })
        #expect(notPEM.action.contains(paths.key) && notPEM.fix.contains("`ca`"))
        let certificate = try #require(try await inability { $0.certificatePath = missing })
        #expect(certificate.action.contains(missing) && certificate.fix.contains("`certificate`"))
        let device = try #require(try await inability { $0.caPath = "/dev/zero" })
        #expect(device.reason.contains("regular file"))
    }

    @Test func keyOfAnotherCertificate_isOurInability() async throws {
        let paths = try client(by: world.root, as: "client")
        let other = try client(by: world.root, as: "other")
        let inability = try #require(
            try await inability { settings in
                settings.certificatePath = paths.certificate
                settings.keyPath = other.key
            })
        #expect(inability.action.contains(other.key))
        #expect(inability.reason.contains("not the one of the certificate"))
    }

    @Test func keyIsMissing_whenTheCertificateFileHasNone() async throws {
        let paths = try client(by: world.root, as: "client")
        let inability = try #require(try await inability { $0.certificatePath = paths.certificate })
        #expect(inability.fix.contains("`key`"))
        #expect(inability.action.contains(paths.certificate))
    }
}
