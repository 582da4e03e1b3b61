import Diagnosis
import FaultServers
import HTTPProbe
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import StreamTransport
import TLSProbe
import Testing

/// Peers that do what no sound server does, and what is made of them.
struct HostilePeers {
    let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    /// What one check came to, and how long it took.
    struct Outcome {
        let sample: Sample
        let findings: [Finding]
        let elapsed: Duration

        var ids: [String] { findings.map(\.id) }
        var http: HTTPFact? { sample.facts.lazy.compactMap { if case .http(let fact) = $0 { fact } else { nil } }.last }
        var tls: TLSFact? { sample.facts.lazy.compactMap { if case .tls(let fact) = $0 { fact } else { nil } }.last }
        var connects: [ConnectFact] {
            sample.facts.compactMap { if case .connect(let fact) = $0 { fact } else { nil } }
        }
    }

    /// Whoever connects gets this done to it; the connection is closed afterwards.
    func server(_ serve: @escaping @Sendable (TCPStream) async -> Void) async throws -> AcceptingServer {
        try await AcceptingServer(on: Endpoint(bothLoopbacks[0], 0), reactor: world.reactor, serve: serve)
    }

    /// Reads a request and answers with these bytes, whole or in pieces, then ends the connection in this way.
    func answering(_ pieces: [[UInt8]], _ end: End = .close) async throws -> AcceptingServer {
        try await server { stream in
            _ = try? await stream.read(upTo: 65_536, deadline: .now + .seconds(10))
            for piece in pieces {
                guard (try? await stream.write(piece, deadline: .now + .seconds(10))) == .some(nil) else { return }
            }
            await end.meet(stream)
        }
    }

    enum End: Sendable {
        case close, reset, silence

        func meet(_ stream: TCPStream) async {
            switch self {
            case .close: break
            case .reset: await stream.reset()
            case .silence: await stream.drain()
            }
        }
    }

    func http(
        _ port: UInt16, path: String = "/", scheme: String = "http", timeout: Duration = .seconds(20),
        parameters: [String: ParameterValue] = [:], expected: [String: ParameterValue] = [:]
    ) async throws -> Outcome {
        let url = try #require(HTTPURL("\(scheme)://127.0.0.1:\(port)\(path)"))
        let check = Check(
            name: "page", kind: "http", target: .url(url), timeout: timeout,
            expectation: Expectation(parameters: Parameters(expected)), parameters: Parameters(parameters))
        return try await outcome(of: try HTTPProbe(check: check), check)
    }

    func tls(_ port: UInt16, timeout: Duration = .seconds(20)) async throws -> Outcome {
        let target = HostPort(host: .address(bothLoopbacks[0]), port: port)
        let check = Check(
            name: "tls", kind: "tls", target: .hostPort(target), timeout: timeout,
            parameters: Parameters(["ca": .text(world.rootPath), "serverName": .text("shop.test")]))
        return try await outcome(of: try TLSProbe(check: check), check)
    }

    private func outcome(of probe: some Probe, _ check: Check) async throws -> Outcome {
        let capabilities = Capabilities.scripted(
            streams: TCPConnector(reactor: world.reactor), tls: world.transport)
        let start = Instant.now
        let samples = try await runProbe(
            probe, check: check, capabilities: capabilities, time: SystemTime(reactor: world.reactor))
        let elapsed = Instant.now - start
        let record = CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero)
        let judgement = Judge(resolver: capabilities.resolver, now: .now).judge([record])
        return Outcome(sample: try #require(samples.first), findings: judgement.findings, elapsed: elapsed)
    }
}

/// What a finding about a server that misbehaves may be called: none of these blames the network alone.
let serversFault: Set = [
    "http-protocol-error", "http-response-stalled", "http-status-unexpected", "http-redirect-loop",
    "tcp-reset-after-connect", "tls-plaintext-on-tls-port", "tls-version-mismatch", "mtls-required",
    "expectation-unmet", "tls-chain-untrusted", "tls-name-mismatch", "tls-cert-expired",
]
