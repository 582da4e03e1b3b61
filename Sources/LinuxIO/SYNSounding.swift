import Glibc
import NetValues
import Observations
import ProbeKit

/// Connection attempts whose SYN may go only so far. Each has a port of its own, since no two sockets share one to the same
/// endpoint. What is accepted is closed at once, in order.
struct SYNSounding: Sendable {
    private let request: SoundingRequest
    private let reactor: Reactor
    private let connector: TCPConnector

    /// At once: few, since the errors that a router or a rejecting device sends are rationed.
    private static let breadth = 5
    /// After so many silent hops nothing more is expected.
    private static let longestSilence = 7

    init(_ request: SoundingRequest, _ reactor: Reactor, _ connector: TCPConnector) {
        self.request = request
        self.reactor = reactor
        self.connector = connector
    }

    func hops() async throws(ProbeInterruption) -> [SoundingFact.Hop] {
        var found: [Int: SoundingFact.Hop] = [:]
        var sent: [Int] = []
        var next = request.limits.lowerBound
        while next <= request.limits.upperBound, Instant.now < request.deadline {
            let batch = Array(next...min(next + Self.breadth - 1, request.limits.upperBound))
            sent += batch
            found.merge(try await round(batch, after: found)) { first, _ in first }
            let silence = (batch.last ?? 0) - (found.keys.max() ?? 0)
            if silence >= Self.longestSilence || found.values.contains(where: \.outcome.isEnd) { break }
            next += Self.breadth
        }
        // One packet proves no silence: what decides where the way ends is asked once more.
        let again = SoundingFact.Hop.doubtful(found, among: sent)
        if !again.isEmpty, Instant.now < request.deadline {
            found.merge(try await round(again, after: found)) { first, _ in first }
        }
        return sent.map { found[$0] ?? SoundingFact.Hop(limit: $0, outcome: .silent, roundTrip: nil) }
    }

    private func round(
        _ limits: [Int], after found: [Int: SoundingFact.Hop]
    ) async throws(ProbeInterruption) -> [Int: SoundingFact.Hop] {
        let round = SoundingRound(
            reactor: reactor,
            patience: request.patience(
                after: found.values.compactMap(\.roundTrip).max(), isFirst: limits.first == request.limits.lowerBound),
            deadline: request.deadline)
        return try await round.run(limits) { (limit, deadline) throws(ProbeInterruption) in
            let settings = HopSettings(limit: limit, asksForAnswers: true)
            let fact = try await self.attempt(settings, until: deadline)
            return SoundingFact.Hop(limit, fact)
        }
    }

    private func attempt(_ hops: HopSettings, until deadline: Instant) async throws(ProbeInterruption) -> ConnectFact {
        let attempt = try await connector.connect(
            to: request.endpoint, source: request.source, deadline: deadline, beside: nil, hops: hops)
        await attempt.stream?.close()
        return attempt.fact
    }

    // MARK: - The hop limit of resets

    /// By sockets that take nothing below a least hop limit: the largest with which a reset still arrives. What is lost can only
    /// make it smaller, never larger.
    func resetHopLimit(_ hops: [SoundingFact.Hop]) async throws(ProbeInterruption) -> Int? {
        guard let trip = hops.last(where: { $0.outcome == .reset })?.roundTrip else { return nil }
        let patience = trip * 3 + .milliseconds(30)
        var proven = 0
        // Systems begin with 64, 128 or 255: three questions leave one of these ranges, two or three more rounds one number.
        var unproven = 256
        var questions = [33, 65, 129]
        while !questions.isEmpty {
            guard Instant.now + patience < request.deadline else { return nil }
            let passed = try await resets(above: questions, patience)
            proven = max(proven, passed.max() ?? 0)
            unproven = questions.filter { $0 > proven }.min() ?? unproven
            questions = Self.questions(between: proven, and: unproven)
        }
        return proven > 0 ? proven : nil
    }

    /// Up to seven numbers that divide what is open; none when nothing is.
    static func questions(between proven: Int, and unproven: Int) -> [Int] {
        let open = unproven - proven - 1
        guard open > 0 else { return [] }
        guard open > 7 else { return Array(proven + 1..<unproven) }
        return (1...7).map { proven + open * $0 / 8 + 1 }
    }

    private func resets(above limits: [Int], _ patience: Duration) async throws(ProbeInterruption) -> [Int] {
        let round = SoundingRound(
            reactor: reactor, patience: patience, deadline: min(request.deadline, Instant.now + patience))
        let passed = try await round.run(limits) { (limit, deadline) throws(ProbeInterruption) -> Bool? in
            let fact = try await self.attempt(HopSettings(leastOfAnswers: limit), until: deadline)
            return fact.outcome.isReset ? true : nil
        }
        return Array(passed.keys)
    }
}

extension ConnectFact.Outcome {
    fileprivate var isReset: Bool {
        if case .failed(let failure) = self { failure.code == ECONNREFUSED && failure.icmp == nil } else { false }
    }
}

extension SoundingFact.Hop {
    /// Nil for silence.
    fileprivate init?(_ limit: Int, _ fact: ConnectFact) {
        let outcome: Outcome
        switch fact.outcome {
        case .timedOut: return nil
        case .connected: outcome = .answered
        case .failed(let failure): outcome = fact.outcome.isReset ? .reset : Outcome(failure)
        }
        self.init(limit: limit, outcome: outcome, roundTrip: fact.elapsed)
    }

    /// Silent limits that would tell more: those before the last that was answered, and the two after it.
    static func doubtful(_ found: [Int: Self], among sent: [Int]) -> [Int] {
        guard let first = found.values.filter(\.outcome.isEnd).map(\.limit).min() ?? found.keys.max().map({ $0 + 3 })
        else { return [] }
        return sent.filter { found[$0] == nil && $0 < first }
    }
}

extension SoundingRequest {
    /// Who has been heard shows how long an answer takes.
    func patience(after slowest: Duration?, isFirst: Bool) -> Duration {
        slowest.map { min(patience, max(.milliseconds(100), $0 * 4)) } ?? (isFirst ? patience : patience / 2)
    }
}

extension SoundingFact.Hop.Outcome {
    init(_ failure: SocketFailure) {
        if let report = failure.icmp, report.isTimeExceeded, let router = report.offender {
            self = .expired(router)
        } else {
            self = .failed(failure)
        }
    }
}
