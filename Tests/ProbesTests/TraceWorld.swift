import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import TraceProbe

/// A scripted way with a clock that stands still while anything can still happen, and then goes to the next instant that somebody waits for.
struct TraceWorld {
    static let target = IPAddress.v4(IPv4Address(bits: 0xc612_0963))

    static func router(_ number: Int) -> IPAddress { .v4(IPv4Address(bits: 0xc612_0000 + UInt32(number))) }

    static var portUnreachable: SoundingFact.Hop.Outcome { error(type: 3, code: 3, from: target) }

    static func error(type: UInt8, code: UInt8, from sender: IPAddress) -> SoundingFact.Hop.Outcome {
        let report = ICMPErrorReport(origin: .icmp, type: type, code: code, offender: sender)
        return .failed(SocketFailure(code: 111, name: "ECONNREFUSED", icmp: report))
    }

    let time = ManualTime(jumps: false)
    let paths: ScriptedPaths

    /// - Parameter answer: nil for silence.
    init(_ answer: @escaping @Sendable (ScriptedPaths.Departure) -> ScriptedPaths.Arrival?) {
        paths = ScriptedPaths(time: time, answer)
    }

    /// Routers 1 … and behind them the target, each a millisecond from the one before.
    static func chain(
        of routers: Int, silent: Set<Int> = [], end: SoundingFact.Hop.Outcome = portUnreachable
    ) -> @Sendable (ScriptedPaths.Departure) -> ScriptedPaths.Arrival? {
        { departure in
            let limit = departure.packet.limit ?? 64
            guard !silent.contains(limit) else { return nil }
            if limit > routers { return ScriptedPaths.Arrival(end, after: .milliseconds(routers + 1)) }
            return ScriptedPaths.Arrival(.expired(router(limit)), after: .milliseconds(limit))
        }
    }

    static func check(
        samples: Int = 1, interval: Duration = .seconds(1), timeout: Duration = .seconds(5),
        _ parameters: [String: ParameterValue] = [:], expecting expected: [String: ParameterValue] = [:]
    ) -> Check {
        Check(
            name: "way", kind: "trace", target: .host(.address(target)), samples: samples, interval: interval,
            timeout: timeout, expectation: Expectation(parameters: Parameters(expected)),
            parameters: Parameters(parameters))
    }

    func run(_ check: Check) async throws -> [Sample] {
        let probe = try TraceProbe(check: check)
        let capabilities = Capabilities.scripted(paths: paths)
        let clock = Task { [time] in
            while !Task.isCancelled { await time.goOn() }
        }
        defer { clock.cancel() }
        return try await runProbe(probe, check: check, capabilities: capabilities, time: time)
    }
}

extension [Sample] {
    var traces: [TraceFact] {
        flatMap(\.facts).compactMap { if case .trace(let fact) = $0 { fact } else { nil } }
    }
}
