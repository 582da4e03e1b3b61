import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSHandshakeTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    @Test func plaintextAnswer_isNotTLS() async throws {
        let greeting = Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)
        let fact = try await world.handshake(with: .plaintext(greeting))
        #expect(fact.outcome == .failed(.notTLS(greeting)))
        #expect(fact.version == nil)
        #expect(fact.chain.isEmpty)
        #expect(fact.nameMatch == nil)
    }

    @Test func notTLS_showsAtMost64Bytes() async throws {
        let fact = try await world.handshake(with: .plaintext([UInt8](repeating: 0x48, count: 5000)))
        #expect(fact.outcome == .failed(.notTLS([UInt8](repeating: 0x48, count: 64))))
    }

    /// A handshake record of version 3.x whose content is no ServerHello.
    @Test func garbageInARecord_isAnErrorOfOpenSSL() async throws {
        let fact = try await world.handshake(with: .plaintext([22, 3, 3, 0, 8, 0x99, 0, 0, 4, 1, 2, 3, 4]))
        guard case .failed(.other(let reason)) = fact.outcome else {
            Issue.record("\(fact.outcome)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(fact.alerts.contains { !$0.isReceived && $0.isFatal })
    }

    @Test(arguments: bothLoopbacks) func silentServer_timesOut(address: IPAddress) async throws {
        let deadline = Instant.now + .milliseconds(200)
        let fact = try await world.handshake(with: .stall, on: address, patience: .milliseconds(200))
        #expect(fact.outcome == .timedOut)
        #expect(Instant.now >= deadline)
    }

    @Test(arguments: bothLoopbacks) func closingServer_isClosed(address: IPAddress) async throws {
        #expect(try await world.handshake(with: .close, on: address).outcome == .failed(.closed))
    }

    @Test(arguments: bothLoopbacks) func resettingServer_isATransportFailure(address: IPAddress) async throws {
        let fact = try await world.handshake(with: .reset, on: address)
        guard case .failed(.transport(let failure)) = fact.outcome else {
            Issue.record("\(fact.outcome)")
            return
        }
        #expect(failure.name == "ECONNRESET")
    }

    @Test(arguments: [(40, "handshake_failure"), (112, "unrecognized_name"), (48, "unknown_ca"), (200, "alert 200")])
    func alert_isTold(code: UInt8, name: String) async throws {
        let fact = try await world.handshake(with: .alert(code))
        #expect(fact.outcome == .failed(.alert(name)))
        #expect(fact.alerts == [TLSAlert(isReceived: true, isFatal: true, name: name, code: code)])
    }

    @Test func unknownServerName_isRefusedByAlert_butAKnownOneIsServed() async throws {
        let behaviour = try world.soundServer { $0.serverNames = ["shop.test"] }
        let refused = try await world.handshake(with: behaviour) { $0.serverName = "bank.test" }
        #expect(refused.outcome == .failed(.alert("unrecognized_name")))
        let without = try await world.handshake(with: behaviour) { $0.serverName = nil }
        #expect(without.outcome == .failed(.alert("unrecognized_name")))
        #expect(try await world.handshake(with: behaviour).outcome == .established)
    }

    @Test func versions_thatDoNotMeet_endWithProtocolVersion() async throws {
        let fact = try await world.handshake(with: try world.soundServer { $0.maxVersion = .tls12 }) {
            $0.minVersion = .tls13
        }
        #expect(fact.outcome == .failed(.alert("protocol_version")))
        #expect(fact.version == nil)
    }

    @Test func oldServer_isRefusedByDefault() async throws {
        let fact = try await world.handshake(with: try world.soundServer { $0.maxVersion = .tls11 })
        #expect(fact.outcome != .established)
    }

    @Test(arguments: [
        (TLSSettings.Version.tls10, "TLSv1"), (.tls11, "TLSv1.1"), (.tls12, "TLSv1.2"), (.tls13, "TLSv1.3"),
    ])
    func version_isTheOneAskedFor(version: TLSSettings.Version, name: String) async throws {
        let behaviour = try world.soundServer { $0.minVersion = .tls10 }
        let fact = try await world.handshake(with: behaviour) { settings in
            settings.minVersion = .tls10
            settings.maxVersion = version
        }
        #expect(fact.outcome == .established)
        #expect(fact.version == name)
        #expect(fact.chain.count == 2)
        #expect(fact.group == "x25519")
    }

    @Test func alpn_isTheServersChoice() async throws {
        let behaviour = try world.soundServer { $0.alpn = ["h2", "http/1.1"] }
        #expect(try await world.handshake(with: behaviour) { $0.alpn = ["http/1.1", "h2"] }.alpn == "h2")
        #expect(try await world.handshake(with: behaviour).alpn == nil)
        let other = try await world.handshake(with: behaviour) { $0.alpn = ["imap"] }
        #expect(other.outcome == .failed(.alert("no_application_protocol")))
    }

    @Test func handshake_throwsCancelled_whenItsTaskIsCancelled() async throws {
        let task = Task { [world] in
            await interruptionOfHandshake(with: .stall, in: world)
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    private func interruptionOfHandshake(
        with behaviour: TLSFaultServer.Behaviour, in world: TLSWorld
    ) async -> ProbeInterruption? {
        guard let server = try? await TLSFaultServer(on: bothLoopbacks[0], behaviour, reactor: world.reactor) else {
            return nil
        }
        let result = await interruption { () throws(ProbeInterruption) in
            let attempt = try await TCPConnector(reactor: world.reactor).connect(
                to: server.endpoint, source: nil, deadline: .now + .seconds(60))
            guard let stream = attempt.stream else { return }
            _ = try await world.transport.secure(
                stream, to: server.endpoint, settings: world.settings, deadline: .now + .seconds(60))
        }
        await server.stop()
        return result
    }
}
