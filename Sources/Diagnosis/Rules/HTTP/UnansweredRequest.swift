import NetValues
import Observations

/// A connection that stands while not one byte of an answer comes (catalogue section 17.3). One end alone does not see whether
/// the request or the answer was lost, or is still being thought about.
extension CheckEvidence {
    /// Every failure of this check is such a silence, of an HTTP request or in a TLS handshake.
    var isUnanswered: Bool {
        let failed = samples.filter { !meetsExpectation($0) }
        return !failed.isEmpty && failed.allSatisfy { $0.facts.contains { !$0.isContrast && $0.isUnanswered } }
    }
}

extension Fact {
    fileprivate var isUnanswered: Bool {
        switch self {
        case .http(let fact):
            if case .incomplete(.deadline, let partial) = fact.outcome { partial.bytes == 0 } else { false }
        case .tls(let fact): if case .timedOut = fact.outcome { true } else { false }
        default: false
        }
    }
}

extension CheckEvidence {
    /// Endpoints from which anything came after the handshake.
    var answeredEndpoints: [Endpoint] {
        exchanges.filter { $0.response != nil }.map(\.endpoint)
            + handshakes.filter { $0.receivedBytes > 0 }.map(\.endpoint)
            + banners.filter { !$0.bytes.isEmpty }.map(\.endpoint)
    }
}
