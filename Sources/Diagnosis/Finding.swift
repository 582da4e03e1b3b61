import Planning

/// A diagnosis: what is wrong, where, how we know, and what to do. Its id is a public promise (the catalogue's), never
/// renamed or reused.
package struct Finding: Hashable, Sendable {
    package enum Confidence: String, Hashable, Sendable, CaseIterable { case certain, likely, possible }

    /// A line of a manifest, and the object that it belongs to.
    package struct Location: Hashable, Sendable {
        /// Nil for what the API server gave.
        package let file: String?
        /// From 1.
        package let line: Int
        /// "NetworkPolicy ecommerce/frontend-policy"
        package let object: String

        package init(file: String?, line: Int, object: String) {
            self.file = file
            self.line = line
            self.object = object
        }
    }

    package var id: String
    package var severity: Severity
    package var confidence: Confidence
    /// What it is about: an endpoint, a server, a name. Findings with the same id and subject are one finding.
    package var subject: String
    /// Names of the checks that it concerns.
    package var checks: [String]
    /// One sentence in plain words.
    package var summary: String
    package var evidence: [String]
    /// One or two sentences: what brings this about.
    package var cause: String
    /// First thing to do first.
    package var remedy: [String]
    /// Ids of findings that explain this one; such a finding is never the headline.
    package var causedBy: [String]
    /// What follows from this: skipped checks, findings it explains.
    package var explains: [String]
    /// Where it was declared; nil for what no manifest says.
    package var location: Location?
    /// YAML to add or to put in place, valid as it stands; nil where there is none to give.
    package var patch: String?
    /// The patch is some fields of an object that is there already: for `kubectl patch`, since to apply it would take others away.
    package var isPatchPart = false
    /// Titles of objects, beside its own, whose faults would bring it about ("Service shop/web"); not told.
    package var concerns: Set<String> = []
    /// Ids of findings that go where this one is about the same check: those that its rule replaces, unless it says otherwise.
    var replaces: Set<String> = []

    package init(
        id: String, severity: Severity, confidence: Confidence, subject: String, checks: [String], summary: String,
        evidence: [String], cause: String, remedy: [String], causedBy: [String] = [], explains: [String] = []
    ) {
        self.id = id
        self.severity = severity
        self.confidence = confidence
        self.subject = subject
        self.checks = checks
        self.summary = summary
        self.evidence = evidence
        self.cause = cause
        self.remedy = remedy
        self.causedBy = causedBy
        self.explains = explains
    }
}

/// What a finding id means, for `leadsman findings ID`: from the same file as the rule that raises it.
package struct FindingExplanation: Sendable {
    package let id: String
    package let severity: Severity
    /// "No DNS server answers"
    package let title: String
    /// What must be seen for it to be raised.
    package let signals: [String]
    /// What looks the same, and what separates it.
    package let lookalikes: [String]
    /// How it could be wrong, and what guards against that.
    package let traps: [String]
    package let remedy: [String]

    package init(
        id: String, severity: Severity, title: String, signals: [String], lookalikes: [String], traps: [String] = [],
        remedy: [String]
    ) {
        self.id = id
        self.severity = severity
        self.title = title
        self.signals = signals
        self.lookalikes = lookalikes
        self.traps = traps
        self.remedy = remedy
    }
}
