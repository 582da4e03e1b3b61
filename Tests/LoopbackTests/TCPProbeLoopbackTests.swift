import FaultServers
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import StreamTransport
import TCPProbe
import TLSProbe
import Testing

/// The probes over real sockets.
@Suite(.onReactor) struct TCPProbeLoopbackTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    private var capabilities: Capabilities {
        .scripted(
            streams: TCPConnector(reactor: world.reactor), tls: world.transport,
            datagrams: UDPProber(reactor: world.reactor),
            hosts: ["shop.test": bothLoopbacks.map(\.description)])
    }

    private func check(_ kind: String, _ host: String, _ port: UInt16, timeout: Duration = .seconds(5)) throws -> Check
    {
        let host = try #require(Host(host))
        return Check(name: kind, kind: kind, target: .hostPort(HostPort(host: host, port: port)), timeout: timeout)
    }

    private func run(_ probe: some Probe, _ check: Check) async throws -> Sample {
        let time = SystemTime(reactor: world.reactor)
        return try #require(try await runProbe(probe, check: check, capabilities: capabilities, time: time).first)
    }

    @Test func tcp_tellsTheFamiliesApart() async throws {
        let server = try await TCPFaultServer(
            on: bothLoopbacks[1], .banner(Array("220 hi\r\n".utf8)), reactor: world.reactor)
        var check = try check("tcp", "shop.test", server.endpoint.port)
        check.expectation.parameters = Parameters(["banner": .text("^220")])
        let sample = try await run(try TCPProbe(check: check), check)
        #expect(sample.outcome == .answered)
        #expect(sample.isGood)
        let connects = sample.facts.compactMap { if case .connect(let fact) = $0 { fact } else { nil } }
        #expect(connects.map(\.endpoint.address) == bothLoopbacks)
        #expect(connects.map { $0.outcome == .connected } == [false, true])
        #expect(sample.latency == connects.last?.elapsed)
        await server.stop()
    }

    @Test(arguments: bothLoopbacks) func tcp_showsALivingHost_besideASilentPort(address: IPAddress) async throws {
        let port = try SilentPort(on: address)
        let check = try check("tcp", address.description, port.endpoint.port, timeout: .milliseconds(300))
        let sample = try await run(try TCPProbe(check: check), check)
        #expect(sample.outcome == .failed(.connect))
        let contrasts = sample.facts.compactMap { if case .datagram(let fact) = $0 { fact } else { nil } }
        guard case .failed(let failure)? = contrasts.first?.outcome else {
            Issue.record("\(contrasts)")
            return
        }
        #expect(failure.name == "ECONNREFUSED")
        #expect(failure.icmp?.offender == address)
    }

    @Test func tls_shakesHandsWithTheAddressThatAccepts() async throws {
        let server = try await TLSFaultServer(on: bothLoopbacks[1], try world.soundServer(), reactor: world.reactor)
        var check = try check("tls", "shop.test", server.endpoint.port)
        check.parameters = Parameters(["ca": .text(world.rootPath)])
        check.expectation.parameters = Parameters(["validFor": .span(.seconds(86_400)), "version": .list(["1.3"])])
        let sample = try await run(try TLSProbe(check: check), check)
        #expect(sample.outcome == .answered)
        #expect(sample.comparisons.map(\.key) == ["certificate", "validFor", "version"])
        #expect(sample.isGood)
        #expect((sample.latency ?? .zero) > .zero)
        await server.stop()
    }
}
