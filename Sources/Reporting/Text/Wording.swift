import Diagnosis
import NetValues
import Planning

/// `1 check`, `9,988 checks`
func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// With a comma between thousands.
func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    var text = count < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text += "," }
        text.append(digit)
    }
    return text
}

/// The first few, and how many more there are.
func listed(_ items: [String], limit: Int) -> String {
    guard items.count > limit + 1 else { return items.joined(separator: ", ") }
    return items.prefix(limit).joined(separator: ", ") + " and \(grouped(items.count - limit)) more"
}

extension Severity {
    var paint: Paint {
        switch self {
        case .critical, .error: .bad
        case .warning: .doubtful
        case .info: .notice
        }
    }

    var word: String { rawValue.uppercased() }
}

extension Finding.Confidence {
    /// For somebody who must decide whether to act on it.
    var words: String {
        switch self {
        case .certain: "certain: what was seen leaves no doubt"
        case .likely: "likely: other explanations are improbable"
        case .possible: "possible: it fits what was seen, and so may something else"
        }
    }
}

extension Judgement.Verdict {
    var paint: Paint {
        switch self {
        case .healthy: .good
        case .degraded, .inconclusive: .doubtful
        case .failing: .bad
        }
    }

    var word: String { rawValue.uppercased() }
}

extension CheckJudgement.Status {
    /// Told apart without colour: capitals are what needs a look.
    var word: String {
        switch self {
        case .passed: "ok"
        case .warned: "warn"
        case .failed: "FAIL"
        case .skipped: "skip"
        case .unmeasured: "????"
        }
    }

    var paint: Paint {
        switch self {
        case .passed: .good
        case .warned, .unmeasured: .doubtful
        case .failed: .bad
        case .skipped: .dim
        }
    }
}
