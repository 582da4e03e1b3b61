import Diagnosis
import JSON
import NetValues
import Planning

extension [CheckReport] {
    func of(_ part: VantagePart) -> [CheckReport] {
        filter { $0.labels[VantagePart.label] == part.rawValue }
    }
}

extension CheckReport {
    /// What came of it, in a few words.
    var outcomeWords: String {
        switch status {
        case .unmeasured, .skipped: "not measured: \(reason ?? "no reason is known")"
        case .passed, .warned, .failed: answers ? "answers\(time)" : "\(silence)\(reason.map { " (\($0))" } ?? "")"
        }
    }

    var wasMeasured: Bool { samples > 0 && status != .unmeasured && status != .skipped }

    /// Something came back from the target, whatever was expected of it.
    var answers: Bool {
        wasMeasured && (isExpectingNothing ? facts.contains(where: Self.isAnswer) : failures == 0)
    }

    /// Of a check that takes any outcome for right only its facts tell what came.
    private var isExpectingNothing: Bool { failures == 0 && latency == nil }

    private var time: String { latency?["p50"].map { " in \(Milliseconds.spoken($0))" } ?? "" }

    private var silence: String {
        let line = facts.lazy.reversed().compactMap(FactLine.line).first ?? ""
        return line.isEmpty ? "no answer" : "no answer: \(line)"
    }

    private static func isAnswer(_ fact: JSONValue) -> Bool {
        let outcome = fact["outcome"]?.string
        return switch fact["type"]?.string {
        case "echo": outcome == "replied"
        case "connect": outcome == "connected" || fact["failure"]?["name"]?.string == "ECONNREFUSED"
        case "http": outcome == "responded"
        case "dns": outcome == "answered"
        default: false
        }
    }

    /// The first status of an HTTP answer.
    var httpStatus: Int? { facts.lazy.compactMap { $0["response"]?["status"]?.int }.first }
}
