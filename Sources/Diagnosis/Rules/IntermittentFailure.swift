import NetValues
import Observations
import Planning

/// It works at times and fails at others, and nothing named says why (catalogue section 21).
enum IntermittentFailure: Rule {
    static let layer = Layer.generic
    static let explanation = FindingExplanation(
        id: "intermittent-failure", severity: .warning, title: "It fails now and then",
        signals: [
            "of at least 20 samples between 2 and 98 % fail, and no other finding explains them",
            "an error where more fail than work",
        ],
        lookalikes: [
            "packet-loss: echo requests are lost too", "lb-dead-backend: every n-th connection fails",
            "rate-limited: all is well until a number of requests is reached",
            "address-dead: one address of several never works",
        ],
        traps: ["fewer than 20 samples show no pattern: then it is an unmet expectation"],
        remedy: [
            "ask for more samples (--samples 100) and compare the moments of failure with the logs of the target"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.measured.compactMap(Intermittence.init).map { found in
            finding(
                found.check.check.target.description, checks: [found.check.name],
                severity: found.share > 0.5 ? .error : .warning, confidence: .certain, summary: found.summary,
                evidence: found.evidence, cause: found.cause, remedy: found.remedy)
        }
    }
}

/// A series of samples of which some fail and some do not.
struct Intermittence {
    static let fewestSamples = 20
    static let leastShare = 0.02

    let check: CheckEvidence
    private let samples: [Sample]
    private let failed: [Bool]
    private let pattern: FailurePattern
    /// Endpoints that served failing samples only, where others served all the good ones.
    private let culprits: [Endpoint]

    init?(_ check: CheckEvidence) {
        let samples = check.finals
        let failed = samples.map { !check.meetsExpectation($0) }
        let share = Double(failed.count { $0 }) / Double(max(1, samples.count))
        guard check.check.expectation.word == .reachable, !check.isEchoSeries, !check.isTrace,
            samples.count >= Self.fewestSamples,
            share >= Self.leastShare, share <= 1 - Self.leastShare
        else { return nil }
        self.check = check
        self.samples = samples
        self.failed = failed
        pattern = FailurePattern(failed)
        culprits = Self.culprits(samples, failed)
    }

    private var failures: Int { failed.count { $0 } }
    var share: Double { Double(failures) / Double(samples.count) }

    /// Only where each sample has one endpoint that it was about, the last that it connected to.
    private static func culprits(_ samples: [Sample], _ failed: [Bool]) -> [Endpoint] {
        var bad: [Endpoint] = []
        var good: Set<Endpoint> = []
        for (sample, isFailed) in zip(samples, failed) {
            guard let endpoint = sample.servingEndpoint else { return [] }
            if isFailed { bad.append(endpoint) } else { good.insert(endpoint) }
        }
        return bad.contains(where: good.contains) ? [] : bad.unique()
    }

    var summary: String {
        let percent = (share * 100).decimals(share < 0.1 ? 1 : 0)
        return
            "\(check.check.target) fails now and then: \(failures) of \(samples.count) samples (\(percent) %); \(shape)."
    }

    private var shape: String {
        culprits.isEmpty ? pattern.words : "all of them at \(listed(culprits.map(\.description)))"
    }

    var evidence: [String] {
        let bad = zip(samples, failed).filter(\.1).map(\.0)
        var lines = ["\(failures) of \(samples.count) samples failed; \(pattern.words)"]
        if !culprits.isEmpty {
            lines.append("all failures were at \(listed(culprits.map(\.description))), all successes elsewhere")
        }
        let times = bad.map { "\($0.startedAt.spoken)" }
        lines.append("they began at \(listed(times, limit: 8)) of the run")
        let flows = bad.flatMap(\.facts).compactMap(\.flow).filter { $0.outcome != .answered }
        return lines + evidenceLines(bad.flatMap(words), limit: 4) + flowLines(flows, limit: 4)
    }

    private func words(_ sample: Sample) -> [String] {
        sample.comparisons.filter { !$0.isMet }.map {
            "expected \($0.key) \($0.expected.escaped(limit: 80)), seen \($0.seen.escaped(limit: 80))"
        } + sample.facts.flatMap { $0.flow == nil ? $0.failureWords : [] }
    }

    var cause: String {
        if !culprits.isEmpty { return "One of the addresses behind the name does not do what the others do." }
        return switch pattern {
        case .first(1):
            "Either what was asked began to work only then (a service that was starting), or a single loss came first by chance."
        case .first:
            "What was asked began to work during the run: a service that was starting, a route or a record that had just changed."
        case .from: "What was asked stopped working during the run, or a limit on the number of requests was reached."
        case .every(let step): "So even a distance is what a load balancer with one broken backend among \(step) gives."
        case .bursts:
            "Something comes and goes: a restarting backend, a route that flaps, a limit that is reached and forgotten again."
        case .scattered:
            "Chance decides: a lossy path, an overloaded target, or one of several backends taken at random."
        }
    }

    var remedy: [String] {
        let first: String =
            switch pattern {
            case .every: "look at the backends behind the address one by one"
            case .from: "repeat at a slower pace (--interval): if it then lasts, a rate is limited"
            case .first, .bursts: "compare these moments with restarts and changes at the target"
            case .scattered: "measure loss to the same host (leadsman ping --samples 100)"
            }
        return [first] + IntermittentFailure.explanation.remedy
    }
}

extension Sample {
    fileprivate var servingEndpoint: Endpoint? {
        var last: Endpoint?
        for fact in facts where !fact.isContrast {
            switch fact {
            case .connect(let connect): if last == nil || connect.outcome == .connected { last = connect.endpoint }
            case .tls(let handshake): return handshake.endpoint
            case .http(let exchange): return exchange.endpoint
            case .service(let service): return service.endpoint
            default: break
            }
        }
        return last
    }
}
