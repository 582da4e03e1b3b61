import NetValues
import Planning
import ProbeKit

/// What a plan asks about idle connections.
struct IdleSettings: Sendable {
    static let longest = Duration.seconds(60)
    /// No device keeps a silent connection for longer than its administrator remembers.
    static let longestOfAll = Duration.seconds(86_400)

    let target: HostPort
    /// The longest idle time that is tried.
    let longest: Duration
    /// For all rounds together.
    let budget: Duration
    let words: OpeningWords
    /// The idle time that connections must survive; nil asks for none.
    let wanted: Duration?

    init(_ check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("idle needs \(Target.Form.hostPort.syntax)")
        }
        let parameters = check.parameters
        self.target = target
        wanted = check.expectation.parameters.span("survives")
        longest = parameters.span("longest") ?? max(Self.longest, wanted ?? .zero)
        budget = parameters.span("budget") ?? longest * 3
        guard budget >= longest else {
            throw PlanProblem(
                "budget: \(budget.spoken) is less than the longest idle time (\(longest.spoken))",
                at: parameters.places["budget"])
        }
        if let wanted, wanted > longest {
            throw PlanProblem(
                "survives: \(wanted.spoken) is longer than the longest idle time that is tried (\(longest.spoken))",
                at: check.expectation.parameters.places["survives"])
        }
        guard let words = OpeningWords(parameters.text("send"), to: target) else {
            throw PlanProblem("send: \(SendText.expected)", at: parameters.places["send"])
        }
        guard !words.bytes.isEmpty else {
            throw PlanProblem(
                "send: which text is harmless on port \(target.port)? Only on ports 80 and 8080 is one known (an HTTP HEAD)",
                at: parameters.places["send"])
        }
        self.words = words
    }
}
