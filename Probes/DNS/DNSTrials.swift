import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What a check does to name servers beyond asking its questions, because the plan says so: pairs of questions in four manners, and
/// questions at a rate. Both come after the last sample, at servers that answered it.
struct DNSTrials: Sendable {
    private let pairs: Int?
    private let rate: Int?
    private let span: Duration

    /// A trial that takes longer is a service, not a check.
    static let longestSpan = Duration.seconds(600)

    init(_ parameters: Parameters) throws(PlanProblem) {
        pairs = parameters.number("pairs")
        rate = parameters.number("rate")
        span = parameters.span("for") ?? .seconds(10)
        if parameters.has("for"), rate == nil {
            throw PlanProblem("for: is the span of a rate, and there is none", at: parameters.places["for"])
        }
        if span > Self.longestSpan { throw PlanProblem("for: at most 10m", at: parameters.places["for"]) }
        if parameters.text("transport") == "tcp", let key = ["pairs", "rate"].first(where: parameters.has) {
            throw PlanProblem("\(key): its questions go over UDP, not by transport: tcp", at: parameters.places[key])
        }
    }

    var areAny: Bool { pairs != nil || rate != nil }

    /// - Parameter answers: of the last sample, by server.
    func run(
        at answers: [(server: Endpoint, name: DomainName)], _ questions: DNSQuestions, in context: ProbeContext
    ) async throws(ProbeInterruption) -> [Fact] {
        // Of resolv.conf's servers the first is the one that programs ask.
        let chosen = questions.servers.isEmpty ? Array(answers.prefix(1)) : answers
        var facts: [Fact] = []
        for (server, name) in chosen {
            let source = context.check.source.flatMap { $0.family == server.address.family ? $0 : nil }
            if let pairs {
                let trial = PairTrial(
                    server: server, name: name, form: questions.form, source: source, trials: pairs,
                    patience: min(context.check.timeout, .seconds(2)))
                facts.append(.pairs(try await trial.run(in: context)))
            }
            if let rate {
                let type = questions.types.first ?? .a
                let trial = RateTrial(
                    server: server, question: DNSQuestion(name: name, type: type), form: questions.form, source: source,
                    rate: rate, span: span, patience: context.check.timeout)
                facts.append(.rate(try await trial.run(in: context)))
            }
        }
        return facts
    }
}
