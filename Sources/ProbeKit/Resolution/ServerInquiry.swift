import NetValues
import Observations
import Wire

/// One question to one server until it is answered, refused, or the deadline is there. Every step is a fact of its own:
/// the question, once more after silence, TCP after truncation, and TCP beside a silent UDP.
package struct ServerInquiry: Sendable {
    private let exchange: any DNSExchanging
    private let time: any TimeSource
    private let server: Endpoint
    private let source: IPAddress?

    /// - Parameter source: used where it is of the server's family.
    package init(exchange: any DNSExchanging, time: any TimeSource, server: Endpoint, source: IPAddress?) {
        self.exchange = exchange
        self.time = time
        self.server = server
        self.source = source.flatMap { $0.family == server.address.family ? $0 : nil }
    }

    /// - Returns: at least one fact, in order.
    package func ask(
        _ name: DomainName, _ type: DNSType, form: DNSQueryForm = DNSQueryForm(), deadline: Instant
    ) async throws(ProbeInterruption) -> [DNSFact] {
        let question = Question(name: name, type: type, form: form)
        var facts = try await ask(question, deadline)
        // A server or middlebox older than EDNS (RFC 6891 section 7) says FORMERR, and a broken one BADVERS to version 0; asked
        // without, they may well answer.
        let refusal = facts.last?.message?.rcode
        if form.payloadSize != nil, refusal == .formErr || refusal == .badVers, time.now() < deadline {
            facts += try await ask(Question(name: name, type: type, form: form.withoutEDNS), deadline)
        }
        return facts
    }

    /// Whether other forms of a name exist that does not exist as asked: one question for each, all at the same time.
    package func contrast(
        _ names: [DomainName], _ types: [DNSType], form: DNSQueryForm = DNSQueryForm(), deadline: Instant
    ) async throws(ProbeInterruption) -> [DNSFact] {
        let questions = names.flatMap { name in types.map { Question(name: name, type: $0, form: form) } }
        let facts = try await concurrently(questions) { question throws(ProbeInterruption) in
            try await step(.contrast, question, form.transport, deadline)
        }
        let siblings = facts.filter(\.hasData).compactMap { fact in
            fact.name.randomSibling.map { Question(name: $0, type: fact.type, form: form) }
        }
        return facts
            + (try await concurrently(siblings) { question throws(ProbeInterruption) in
                try await step(.wildcard, question, form.transport, deadline)
            })
    }

    /// One question for each name and type, each put once, all at the same time: beside the questions proper.
    package func put(
        _ step: DNSFact.Step, _ names: [DomainName], _ types: [DNSType], form: DNSQueryForm = DNSQueryForm(),
        deadline: Instant
    ) async throws(ProbeInterruption) -> [DNSFact] {
        let questions = names.flatMap { name in types.map { Question(name: name, type: $0, form: form) } }
        guard !questions.isEmpty, time.now() < deadline else { return [] }
        return try await concurrently(questions) { question throws(ProbeInterruption) in
            try await self.step(step, question, form.transport, deadline)
        }
    }

    private struct Question: Sendable {
        let name: DomainName
        let type: DNSType
        let form: DNSQueryForm

        func with(_ form: DNSQueryForm) -> Question { Question(name: name, type: type, form: form) }
    }

    private func ask(_ question: Question, _ deadline: Instant) async throws(ProbeInterruption) -> [DNSFact] {
        if question.form.transport == .tcp { return [try await step(.query, question, .tcp, deadline)] }
        let start = time.now()
        let half = start + (deadline - start) / 2
        let first = try await step(.query, question, .udp, half)
        if case .timedOut = first.outcome { return [first] + (try await askAgain(question, deadline)) }
        return [first] + (try await askOverTCP(ifTruncated: first, question, deadline))
    }

    private func askOverTCP(
        ifTruncated fact: DNSFact, _ question: Question, _ deadline: Instant
    ) async throws(ProbeInterruption) -> [DNSFact] {
        guard fact.message?.isTruncated == true else { return [] }
        return [try await step(.truncated, question, .tcp, deadline)]
    }

    /// The same question once more, beside it over TCP, since silence on UDP alone is another fault than a dead server, and with
    /// less EDNS: boxes that drop questions with an OPT record or the fragments of large answers are silent in the same way.
    private func askAgain(_ question: Question, _ deadline: Instant) async throws(ProbeInterruption) -> [DNSFact] {
        let ways: [(DNSFact.Step, DNSFact.Transport, Question)] =
            [(.again, .udp, question), (.contrast, .tcp, question)]
            + (question.form.smaller.map { [(.plain, .udp, question.with($0))] } ?? [])
        let results = await withTaskGroup(of: (DNSFact.Step, Result<DNSFact, ProbeInterruption>).self) { group in
            for (kind, transport, question) in ways {
                group.addTask { (kind, await result(kind, question, transport, deadline)) }
            }
            var results: [DNSFact.Step: Result<DNSFact, ProbeInterruption>] = [:]
            for await (kind, result) in group {
                results[kind] = result
                guard case .success(let fact) = result, let message = fact.message else { continue }
                // UDP answered after all: the others have nothing to add.
                if kind == .again { group.cancelAll() }
                if kind == .plain, message.isTruncated {
                    group.addTask { (.truncated, await self.result(.truncated, question, .tcp, deadline)) }
                }
            }
            return results
        }
        guard let again = try results[.again]?.get(), let contrast = results[.contrast] else { return [] }
        guard again.message != nil else {
            let others = [results[.plain], contrast, results[.truncated]].compactMap(\.self)
            var facts = [again]
            for other in others { facts.append(try other.get()) }
            return facts
        }
        // Then the others were cancelled, unless they were done before.
        let beside = [results[.plain], contrast].compactMap { try? $0?.get() }
        return beside + [again] + (try await askOverTCP(ifTruncated: again, question, deadline))
    }

    private func result(
        _ kind: DNSFact.Step, _ question: Question, _ transport: DNSFact.Transport, _ deadline: Instant
    ) async -> Result<DNSFact, ProbeInterruption> {
        do throws(ProbeInterruption) {
            return .success(try await step(kind, question, transport, deadline))
        } catch { return .failure(error) }
    }

    private func step(
        _ kind: DNSFact.Step, _ question: Question, _ transport: DNSFact.Transport, _ deadline: Instant
    ) async throws(ProbeInterruption) -> DNSFact {
        let query = question.form.query(question.name, question.type)
        let reply = try await exchange.exchange(
            query, with: server, over: transport, source: source, deadline: deadline)
        var outcome = reply.outcome
        // That the connection was accepted says something only beside what UDP gave; else the answer is what counts.
        if kind != .contrast, kind != .truncated, case .connected = outcome { outcome = .timedOut }
        return DNSFact(
            server: server, transport: transport, step: kind, name: question.name, type: question.type,
            elapsed: reply.elapsed, outcome: outcome, source: reply.source, id: reply.id,
            offeredSize: question.form.payloadSize)
    }
}

extension DomainName {
    /// A name that nobody has created, in this domain.
    package var withRandomLabel: DomainName? {
        let label = "leadsman-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return DomainName(([label] + labels).joined(separator: ".") + ".")
    }

    /// The same beside this name.
    fileprivate var randomSibling: DomainName? {
        DomainName(labels.dropFirst().joined(separator: ".") + ".")?.withRandomLabel
    }
}

extension Collection<DNSFact> {
    /// The exchange whose answer an application would have got: not one cut short over UDP, and not the contrast.
    package var conclusion: DNSFact? {
        var last: DNSFact?
        for fact in self where !fact.step.isBeside {
            if let message = fact.message, !message.isTruncated || fact.transport == .tcp { last = fact }
        }
        return last
    }
}
