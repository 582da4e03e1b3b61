import NetValues
import Observations
import Planning

/// What came back is no whole HTTP answer (catalogue section 21).
enum HTTPProtocolError: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-protocol-error", severity: .error, title: "The answer is no valid HTTP",
        signals: [
            "bytes that do not parse as HTTP/1.1, or a body that ends before its declared length",
            "an orderly end (FIN) without any answer",
        ],
        lookalikes: [
            "http-response-stalled: the connection stays open and silent",
            "tcp-reset-after-connect: a reset in place of an orderly end",
            "a TLS record on a plain port: the evidence shows its first bytes",
        ],
        remedy: ["look at what listens there: another protocol, a crashing handler, a proxy that cuts answers"])

    static func findings(in evidence: Evidence) -> [Finding] {
        let broken = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing && check.exchanges.contains(where: isBroken)
        }
        return grouped(broken, by: \.check.target.description).map { target, members in
            let exchanges = members.flatMap(\.exchanges).filter(isBroken)
            let isEmpty = exchanges.allSatisfy(hasNothing)
            return finding(
                target, checks: members.map(\.name), confidence: .certain,
                summary: isEmpty
                    ? "\(target) closes the connection without an answer."
                    : "\(target) answers with something that is no whole HTTP answer.",
                evidence: evidenceLines(exchanges.flatMap { Fact.http($0).failureWords }),
                cause: isEmpty
                    ? "The connection ends in good order and without a byte: a handler that crashes, a proxy or load balancer without a backend, or a server of another protocol."
                    : "Another protocol, a broken server, or a device on the way that cuts the answer.")
        }
    }

    private static func hasNothing(_ exchange: HTTPFact) -> Bool {
        if case .incomplete(_, let partial) = exchange.outcome { partial.bytes == 0 } else { false }
    }

    private static func isBroken(_ exchange: HTTPFact) -> Bool {
        switch exchange.outcome {
        case .malformed: true
        case .incomplete(.closed, _): true
        // The kernel's word for a write after the peer's FIN.
        case .incomplete(.failed(let failure), let partial):
            failure.name == "EPIPE" || (partial.bytes > 0 && !failure.isReset)
        case .incomplete(.tlsFailed(let reason), let partial):
            partial.bytes > 0 || reason == HTTPFact.endWithoutCloseNotify
        case .responded, .incomplete: false
        }
    }
}
