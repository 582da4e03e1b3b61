import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

/// An HTTP check on a scripted network.
struct HTTPScenario {
    var url = "http://shop.example/health"
    var parameters: [String: ParameterValue] = [:]
    var expected: [String: ParameterValue] = [:]
    var hosts = ["shop.example": ["192.0.2.1"]]
    var family = FamilyChoice.any
    var source: IPAddress?
    var samples = 1
    var timeout = Duration.seconds(5)
    var change: @Sendable (inout TLSFact) -> Void = { _ in }

    struct Run {
        let samples: [Sample]
        let interruption: ProbeInterruption?
        let connections: [ScriptedConnection]
        let handshakes: [ScriptedTLS.Handshake]

        var sample: Sample? { samples.first }
        var hops: [HTTPFact] { exchanges.filter { !$0.isContrast } }
        /// With another Host, to compare.
        var contrasts: [HTTPFact] { exchanges.filter(\.isContrast) }
        private var exchanges: [HTTPFact] {
            samples.flatMap(\.facts).compactMap { if case .http(let fact) = $0 { fact } else { nil } }
        }
        var connects: [ConnectFact] {
            samples.flatMap(\.facts).compactMap {
                if case .connect(let fact) = $0, !fact.isContrast { fact } else { nil }
            }
        }
        func comparison(_ key: String) -> Comparison? { sample?.comparisons.first { $0.key == key } }
    }

    func check() throws -> Check {
        let target = try #require(Target(url, form: .url))
        return Check(
            name: "shop", kind: "http", target: target, samples: samples, timeout: timeout, family: family,
            source: source,
            expectation: Expectation(parameters: Parameters(expected)), parameters: Parameters(parameters))
    }

    func run(_ scripts: KeyValuePairs<String, [StreamScript]>) async throws -> Run {
        let time = ManualTime()
        let streams = ScriptedStreams(scripts, time: time)
        let tls = ScriptedTLS(time: time, change: change)
        let check = try check()
        let result = await recordProbe(
            try HTTPProbe(check: check), check: check,
            capabilities: .scripted(
                streams: streams, tls: tls, datagrams: ScriptedDatagrams(time: time), hosts: hosts), time: time)
        return Run(
            samples: result.samples, interruption: result.interruption, connections: streams.connections,
            handshakes: tls.handshakes)
    }
}

extension StreamScript {
    static func response(_ status: Int, _ body: String = "", headers: String...) -> StreamScript {
        .saying(
            "HTTP/1.1 \(status) Reason\r\n" + headers.map { $0 + "\r\n" }.joined()
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static func redirect(_ location: String, _ status: Int = 302) -> StreamScript {
        .response(status, headers: "Location: \(location)")
    }
}

extension Phases {
    var sum: Duration {
        [resolve, connect, tls, firstByte, transfer].reduce(.zero) { $0 + ($1 ?? .zero) }
    }
}
