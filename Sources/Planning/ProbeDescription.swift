import NetValues

/// A probe's entry in the catalogue of probes. The plan reader, `leadsman probes` and the documents are made from it, so a
/// new probe needs no change in any of them.
package struct ProbeDescription: Sendable {
    /// The key in a plan: `dns`.
    package let kind: String
    package let summary: String
    package let targetForm: Target.Form
    /// What `latencyMs` of this kind measures.
    package let latency: String
    /// The parts of it, or before it, that are timed by themselves and may have limits of their own.
    package let stages: [LatencyStage]
    package let parameters: [ParameterDescription]
    /// The keys under `expect` beside `latency`.
    package let expectations: [ParameterDescription]
    /// What the process must be allowed to do, and what happens without.
    package let rights: String
    /// What goes over the wire and what the probe cannot tell, a few sentences.
    package let notes: String
    /// The target may be a range of addresses or ports: a check for each endpoint.
    package let takesRanges: Bool
    /// What a run of it may do to others, for a kind that is more than a few packets; nil for the rest.
    package let risk: String?

    package init(
        kind: String, summary: String, targetForm: Target.Form, latency: String, stages: [LatencyStage] = [],
        parameters: [ParameterDescription], expectations: [ParameterDescription], rights: String, notes: String,
        takesRanges: Bool = false, risk: String? = nil
    ) {
        self.takesRanges = takesRanges
        self.risk = risk
        self.kind = kind
        self.summary = summary
        self.targetForm = targetForm
        self.latency = latency
        self.stages = stages
        self.parameters = parameters
        self.expectations = expectations
        self.rights = rights
        self.notes = notes
    }
}

/// One key of a probe: its type, its meaning, and what it must satisfy.
package struct ParameterDescription: Sendable {
    package enum ValueType: Sendable {
        case text
        case number(ClosedRange<Int>)
        case flag
        case span
        /// A percentage (`1%` or `1`), kept as a fraction.
        case share
        case words([String])
        /// One text or a list of texts.
        case list
        /// A list, of which each is one of the words.
        case listOfWords([String])
        /// Keys and values of the user's own (`headers`).
        case map
        /// A mapping whose keys are known (`ttl: {min, max}`), kept as `map` of texts.
        case record([String])
        /// A regular expression, compiled while the plan is read.
        case pattern
        /// Names with a regular expression each.
        case mapOfPatterns
    }

    package let key: String
    package let type: ValueType
    package let summary: String
    /// A further test of a value: nil when it is right, otherwise what is wrong with it ("expected …").
    package let check: @Sendable (ParameterValue) -> String?

    package init(
        _ key: String, _ type: ValueType, _ summary: String,
        check: @escaping @Sendable (ParameterValue) -> String? = { _ in nil }
    ) {
        self.key = key
        self.type = type
        self.summary = summary
        self.check = check
    }
}
