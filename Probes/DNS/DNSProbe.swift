import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// Asks DNS servers for a name: all servers at the same time, at each the names of the search list one after the other, for
/// each name all types at the same time.
package struct DNSProbe: Probe {
    private let questions: DNSQuestions
    private let expectations: DNSExpectations
    private let trials: DNSTrials

    package init(check: Check) throws(PlanProblem) {
        questions = try DNSQuestions(check)
        expectations = try DNSExpectations(check.expectation)
        trials = try DNSTrials(check.parameters)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let servers = questions.servers.isEmpty ? context.capabilities.resolver.servers : questions.servers
        guard !servers.isEmpty else { throw .unable(Self.noServers(context.capabilities.resolver)) }
        let candidates = questions.candidates(context.capabilities.resolver)
        let others = questions.otherForms(context.capabilities.resolver)
        let inquiries = servers.map { server in
            ServerInquiry(
                exchange: context.capabilities.dns, time: context.time, server: server, source: context.check.source)
        }
        try await context.eachSample { start throws(ProbeInterruption) in
            // Mostly there is one server, and `concurrently` is generic: it costs as much as all else that is done here.
            var answers =
                inquiries.count == 1
                ? [try await ask(inquiries[0], candidates, others, start.deadline, context.time)]
                : try await concurrently(inquiries) { inquiry throws(ProbeInterruption) in
                    try await ask(inquiry, candidates, others, start.deadline, context.time)
                }
            try await askFurther(&answers, inquiries, start)
            var further = try await context.reach(answers, port: questions.reachedPort, start)
            if trials.areAny, start.index == context.check.samples - 1, start.attempt == 0 {
                further += try await trials.run(at: answering(servers, answers), questions, in: context)
            }
            return sample(start, answers, also: further)
        }
    }

    private func askFurther(
        _ answers: inout [ServerAnswers], _ inquiries: [ServerInquiry], _ start: SampleStart
    ) async throws(ProbeInterruption) {
        let isFirst = start.index == 0 && start.attempt == 0
        let isDoubted = answers.contains(where: \.isNameMissing) && answers.contains(where: \.hasData)
        guard isDoubted || questions.mayAskFurther || answers.contains(where: \.isNameMissing) else { return }
        for index in answers.indices {
            let further = FurtherQuestions(
                questions: questions, inquiry: inquiries[index], deadline: start.deadline)
            answers[index].beside += try await further.ask(
                about: answers[index], isDoubted: isDoubted, isFirst: isFirst)
        }
    }

    private func ask(
        _ inquiry: ServerInquiry, _ candidates: [DomainName], _ others: [DomainName], _ deadline: Instant,
        _ time: any TimeSource
    ) async throws(ProbeInterruption) -> ServerAnswers {
        var answers = try await ask(inquiry, candidates, deadline, time)
        if answers.isNameMissing, !others.isEmpty {
            answers.beside = try await inquiry.contrast(
                others, questions.types, form: questions.form, deadline: deadline)
        }
        return answers
    }

    /// Servers that answered, and the name that each has, or else the last that it denied.
    private func answering(_ servers: [Endpoint], _ answers: [ServerAnswers]) -> [(server: Endpoint, name: DomainName)]
    {
        zip(servers, answers).compactMap { server, answers in
            answers.decisive(asWritten: questions.name).map { (server, $0.name) }
        }
    }

    private static func noServers(_ resolver: ResolverConfiguration) -> Inability {
        Inability(
            .noResolver, action: "ask a DNS server", reason: "\(resolver.source) names no server",
            fix: "name servers in the check (servers: [ADDRESS]) or in \(resolver.source)")
    }

    /// Stops at the first name with data, and at a name to which nothing was answered.
    private func ask(
        _ inquiry: ServerInquiry, _ candidates: [DomainName], _ deadline: Instant, _ time: any TimeSource
    ) async throws(ProbeInterruption) -> ServerAnswers {
        var answers = ServerAnswers(types: questions.types)
        for name in candidates where answers.candidates.isEmpty || time.now() < deadline {
            let exchanges =
                questions.types.count == 1
                ? [try await inquiry.ask(name, questions.types[0], form: questions.form, deadline: deadline)]
                : try await concurrently(questions.types) { type throws(ProbeInterruption) in
                    try await inquiry.ask(name, type, form: questions.form, deadline: deadline)
                }
            let candidate = ServerAnswers.Candidate(name: name, types: questions.types, exchanges: exchanges)
            answers.add(candidate)
            if candidate.isUnanswered || !candidate.records.isEmpty { break }
        }
        return answers
    }

    private func sample(_ start: SampleStart, _ servers: [ServerAnswers], also further: [Fact]) -> Sample {
        var facts: [Fact] = []
        for server in servers { server.append(to: &facts) }
        facts += further
        guard let first = servers.first(where: \.hasAnswered), let decisive = first.decisive(asWritten: questions.name)
        else {
            return Sample(
                index: start.index, startedAt: start.sinceRunStart, outcome: .failed(.query), latency: nil, facts: facts
            )
        }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: .answered,
            latency: decisive.conclusions.first?.elapsed, facts: facts,
            comparisons: expectations.comparisons(first, decisive))
    }
}
