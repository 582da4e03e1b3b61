import NetValues
import Observations
import Planning

/// A trace whose target was silent, where the plan does not say that it must answer: packets of this kind are often dropped on purpose, and
/// other traffic may get through.
struct UnreachedTrace {
    private let summary: PathSummary

    /// Nil where somebody says why, where the target answers now and then, and where the plan wants it to.
    init?(_ check: CheckEvidence) {
        let traces = check.samples.flatMap(\.facts).compactMap { if case .trace(let fact) = $0 { fact } else { nil } }
        let isDemanded = check.check.expectation.parameters.has("reaches")
        guard check.isAllFailing, !isDemanded, check.samples.allSatisfy({ $0.outcome == .failed(.path) }),
            let summary = PathSummary(traces), summary.end == nil
        else { return nil }
        self.summary = summary
    }

    var remedy: [String] {
        let address = summary.destination.address
        let others: [SoundingFact.Carrier] = [.tcp, .icmp, .udp].filter { $0 != summary.carrier }
        let methods = others.map { $0 == .tcp ? "--method tcp --port PORT" : "--method \($0.rawValue)" }
        return [
            "trace with what the application sends (leadsman trace \(address) \(methods.joined(separator: ", or "))): filters tell kinds of packets apart",
            "check the service itself (leadsman check HOST:PORT): a target that is silent here may still serve",
        ]
    }
}
