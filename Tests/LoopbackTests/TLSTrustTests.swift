import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSTrustTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    private func fact(_ places: TrustPlaces, ca: String? = nil) async throws -> TLSFact {
        let server = try await TLSFaultServer(on: bothLoopbacks[0], try world.soundServer(), reactor: world.reactor)
        var settings = world.settings
        settings.caPath = ca
        let attempt = try await TCPConnector(reactor: world.reactor).connect(
            to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let handshake = try await OpenSSLTransport(reactor: world.reactor, places: places).secure(
            try #require(attempt.stream), to: server.endpoint, settings: settings, deadline: .now + .seconds(5))
        await handshake.stream?.close()
        await server.stop()
        return handshake.fact
    }

    @Test func environmentFile_isTrusted_insteadOfKnownPlaces() async throws {
        let fact = try await fact(TrustPlaces(file: world.rootPath, directories: []))
        #expect(fact.verification.isEmpty)
        #expect(fact.trustStore == world.rootPath)
    }

    @Test func directoryOfPlainFiles_isTrusted() async throws {
        #expect(try await fact(TrustPlaces(file: nil, directories: [world.directory])).verification.isEmpty)
        let given = try await fact(TrustPlaces(file: nil, directories: []), ca: world.directory)
        #expect(given.verification.isEmpty)
        #expect(given.trustStore == world.directory)
    }

    @Test func firstKnownPlaceThatExists_isTaken() async throws {
        let places = TrustPlaces(
            file: nil, directories: [], knownFiles: ["/nonexistent.pem", world.rootPath], knownDirectories: [])
        #expect(try await fact(places).trustStore == world.rootPath)
    }

    @Test func machineWithoutAuthorities_trustsNobody_andSaysSo() async throws {
        let fact = try await fact(
            TrustPlaces(file: nil, directories: [], knownFiles: [], knownDirectories: ["/nonexistent"]))
        #expect(fact.outcome == .established)
        #expect(fact.trustStore == "none")
        #expect(fact.verification.contains { $0.kind == .unknownIssuer })
    }

    @Test func intermediateInTheStore_isEnough() async throws {
        let paths = try world.intermediate.write(to: world.directory, as: "other")
        #expect(try await fact(TrustPlaces(file: nil, directories: []), ca: paths.certificate).verification.isEmpty)
    }
}
