import NetValues
import Observations
import Planning
import Wire

/// Which forms of a name exist, from the extra questions that the DNS probe puts when a name is not found.
enum SearchPathForms {
    /// Forms that do have an answer although the form that an application would use has none.
    static func existing(_ names: NameAnswers) -> [DNSFact] {
        answering(names).filter { !isWildcard($0, names) }
    }

    /// Forms that look as if they existed, and whose domain answers the same for a name made at random.
    static func wildcards(_ names: NameAnswers) -> [DNSFact] {
        answering(names).filter { isWildcard($0, names) }
    }

    private static func answering(_ names: NameAnswers) -> [DNSFact] {
        names.check.dns.filter { fact in
            fact.step == .contrast && fact.hasData && !names.answered.contains { $0.fact.name == fact.name }
        }
    }

    private static func isWildcard(_ form: DNSFact, _ names: NameAnswers) -> Bool {
        names.check.dns.contains { fact in
            fact.step == .wildcard && fact.server == form.server && fact.type == form.type
                && fact.name.labels.dropFirst() == form.name.labels.dropFirst()
                && Set(fact.data.map(\.data)) == Set(form.data.map(\.data))
        }
    }

    static func anotherFormExists(_ names: NameAnswers) -> Bool { !existing(names).isEmpty }
}

/// The name works only in another form, or only after needless questions (catalogue section 3).
enum DNSNxdomainSearchPath: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-nxdomain-search-path", severity: .error, title: "The name exists only in another form",
        signals: [
            "the name as used says NXDOMAIN, while it exists with or without the search list",
            "as a warning: two or more names of the search list are asked in vain before the one that exists; of a Service's name (.svc.) where that takes 100 ms",
        ],
        lookalikes: ["dns-name-not-found: no form exists", "dns-slow: each single question is slow"],
        traps: [
            "resolvers differ: glibc, musl and c-ares do not try the same names in the same order",
            "a search domain with a wildcard has every name: a random one is asked for too, and such a form is not believed",
        ],
        remedy: [
            "use the full name with a trailing dot: service.namespace.svc.cluster.local.",
            "for external names lower ndots in the pod's dnsConfig (ndots: 2)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.checks.compactMap(NameAnswers.init).compactMap(wrongForm) + evidence.checks.compactMap(amplified)
    }

    private static func wrongForm(_ names: NameAnswers) -> Finding? {
        let existing = SearchPathForms.existing(names)
        guard names.rcodes == [.nxDomain], let found = existing.first else { return nil }
        return finding(
            names.name, checks: [names.check.name], confidence: .certain,
            summary: "\(names.name) does not exist as asked, but \(found.name) does.",
            evidence: evidenceLines(names.lines { $0.rcode == .nxDomain })
                + existing.prefix(2).map { "\($0.server) has an answer for \($0.name) \($0.type)" },
            cause: "Whether the search list is applied decides if this name is found; programs differ in that.",
            remedy: ["use the full name: \(found.name)"] + explanation.remedy.dropFirst())
    }

    private static let worthSaving = Duration.milliseconds(100)

    /// Questions that found nothing before the one that did, each twice where both families are asked for.
    private static func amplified(_ check: CheckEvidence) -> Finding? {
        guard let sample = check.samples.first(where: { $0.outcome == .answered || $0.outcome != .failed(.resolve) })
        else { return nil }
        let questions = sample.facts.compactMap { fact -> (DNSFact, DNSMessage)? in
            guard case .dns(let dns) = fact, case .answered(let message) = dns.outcome, !dns.step.isBeside else {
                return nil
            }
            return (dns, message)
        }
        guard let hit = questions.last(where: { $0.1.rcode == .noError && !$0.1.answers.isEmpty }) else { return nil }
        let wasted = questions.filter { $0.1.rcode == .nxDomain && $0.0.server == hit.0.server }
        let names = wasted.map(\.0.name).unique()
        guard names.count >= 2, !names.contains(hit.0.name) else { return nil }
        let cost = grouped(wasted, by: { $0.0.name }).compactMap { $0.members.map(\.0.elapsed).max() }.reduce(.zero, +)
        // That a Service's name goes through the search list is how each cluster is set up: only where it takes time is it a fault.
        let isUsual = ServiceName(hit.0.name) != nil && cost < worthSaving
        guard !isUsual || check.check.kind == "dns" else { return nil }
        let useful = questions.count { $0.0.name == hit.0.name && $0.0.server == hit.0.server }
        let name = check.askedName
        return finding(
            name, checks: [check.name], severity: isUsual ? .info : .warning, confidence: .certain,
            summary:
                "Each look-up of \(name) first asks for \(counted(names.count, "name")) that \(names.count == 1 ? "does" : "do") not exist.",
            evidence: [
                "in vain: \(listed(names.map(\.description), limit: 4))",
                "\(counted(wasted.count + useful, "question")) in place of \(useful) for one look-up: \(wasted.count) needless, \(cost.spoken) before \(hit.0.name) was asked for",
            ],
            cause:
                "The name has fewer dots than the resolver's ndots, so every search domain is tried before the name itself.",
            remedy: [
                "write the whole name with its final dot: \(hit.0.name)",
                "or lower ndots in the pod's dnsConfig (ndots: 2), so that names with dots are asked for as they are first",
            ])
    }
}
