import NetValues
import Observations
import Planning

/// What came back is no whole HTTP answer (catalogue section 21).
enum HTTPProtocolError: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-protocol-error", severity: .error, title: "The answer is no valid HTTP",
        signals: ["bytes that do not parse as HTTP/1.1, or a body that ends before its declared length"],
        lookalikes: [
            "http-response-stalled: the connection stays open and silent",
            "mtls-required: a reset right after a plaintext request, without any byte",
            "a TLS record on a plain port: the evidence shows its first bytes",
        ],
        remedy: ["look at what listens there: another protocol, a crashing handler, a proxy that cuts answers"])

    static func findings(in evidence: Evidence) -> [Finding] {
        let broken = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing && check.exchanges.contains(where: isBroken)
        }
        return grouped(broken, by: \.check.target.description).map { target, members in
            let exchanges = members.flatMap(\.exchanges).filter(isBroken)
            return finding(
                target, checks: members.map(\.name), confidence: .certain,
                summary: "\(target) answers with something that is no whole HTTP answer.",
                evidence: evidenceLines(exchanges.flatMap { Fact.http($0).failureWords }),
                cause: "Another protocol, a broken server, or a device on the way that cuts the answer.")
        }
    }

    private static func isBroken(_ exchange: HTTPFact) -> Bool {
        switch exchange.outcome {
        case .malformed: true
        case .incomplete(.closed, let partial), .incomplete(.failed, let partial), .incomplete(.tlsFailed, let partial):
            partial.bytes > 0
        case .responded, .incomplete: false
        }
    }
}
