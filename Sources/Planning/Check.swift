import NetValues

/// One thing to find out, of one kind, about one target.
package struct Check: Sendable {
    /// Unique in the plan.
    package var name: String
    /// `dns`, `tcp`, … : the key of the probe in the catalogue.
    package var kind: String
    /// As written: what a report shows.
    package var target: Target
    package var samples: Int
    package var interval: Duration
    /// No sample begins later than this after the first; nil where only `samples` says when it is enough.
    package var duration: Duration?
    /// For one sample, from its first packet or look-up to its end.
    package var timeout: Duration
    /// Further tries of a failed sample, each shown; 0 unless a plan asks.
    package var retries: Int
    /// Names of checks that must have passed (or warned) before this one starts; else it is skipped.
    package var needs: [String]
    package var labels: [String: String]
    package var family: FamilyChoice
    package var source: IPAddress?
    /// Replaces the severity of a finding that a broken expectation of this check alone causes.
    package var severity: Severity?
    package var expectation: Expectation
    /// The keys of the probe's own, already of the type its catalogue entry says.
    package var parameters: Parameters
    /// Named in the plan or on the command line; a layer that `check` adds by itself was not asked for.
    package var isAsked: Bool
    /// The range of which this check is one endpoint, as it was written; nil for a target of its own.
    package var range: String?

    package init(
        name: String, kind: String, target: Target, samples: Int = Defaults.samples,
        interval: Duration = Defaults.interval, timeout: Duration = Defaults.timeout, retries: Int = 0,
        needs: [String] = [], labels: [String: String] = [:], family: FamilyChoice = .any, source: IPAddress? = nil,
        severity: Severity? = nil, expectation: Expectation = Expectation(), parameters: Parameters = Parameters(),
        isAsked: Bool = true, range: String? = nil
    ) {
        self.range = range
        self.name = name
        self.kind = kind
        self.target = target
        self.samples = samples
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.needs = needs
        self.labels = labels
        self.family = family
        self.source = source
        self.severity = severity
        self.expectation = expectation
        self.parameters = parameters
        self.isAsked = isAsked
    }

    package enum Defaults {
        package static let samples = 1
        package static let interval = Duration.milliseconds(200)
        package static let timeout = Duration.seconds(5)
    }
}

extension Check {
    /// Names of checks beside which this one runs: they start when it has begun, and it is over when they are.
    package var during: [String] { parameters.list("during") ?? [] }

    /// The proxy that an exchange is put to; nil where the target itself is connected to.
    package var proxy: HostPort? {
        parameters.text("proxy").flatMap { HTTPURL($0) }.map { HostPort(host: $0.host, port: $0.port) }
    }
}

/// `family: 4`, `6` or `both`. `any` (nothing written): both are looked up and each address that there is gets tried.
package enum FamilyChoice: String, Hashable, Sendable {
    case any, v4 = "4", v6 = "6", both

    package func admits(_ family: IPAddress.Family) -> Bool {
        switch self {
        case .any, .both: true
        case .v4: family == .v4
        case .v6: family == .v6
        }
    }
}

/// How much a finding matters. Order: info < warning < error < critical.
package enum Severity: String, Hashable, Sendable, Comparable, CaseIterable {
    case info, warning, error, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What the plan says must be so.
package struct Expectation: Sendable {
    package enum Word: String, Hashable, Sendable, CaseIterable {
        /// The default: the exchange of the kind completes.
        case reachable
        /// Silence, an ICMP rejection, or a reset that is shown not to be the target's.
        case blocked
        /// The target itself says no: a reset or ICMP port unreachable.
        case refused
        /// Nothing in particular: what is seen is told, and no outcome is a failure.
        case any
    }

    package var word: Word
    /// Whether the plan wrote the word, or anything under `expect`.
    package var isDeclared: Bool
    package var latency: [LatencyLimit]
    /// The keys under `expect` that the probe's catalogue entry names.
    package var parameters: Parameters
    /// `within`: where the addresses of the target must lie; nil where the plan does not say.
    package var within: AddressDemand?
    /// `open` of a range: the ports that must be reachable, and no others.
    package var open: [UInt16]?
    /// The port is not among those of `open`: an answer is unexpected, and any failure that is not our own is as it should be.
    package var isClosedByOmission: Bool

    package init(
        word: Word = .reachable, isDeclared: Bool = false, latency: [LatencyLimit] = [],
        parameters: Parameters = Parameters(), within: AddressDemand? = nil, open: [UInt16]? = nil,
        isClosedByOmission: Bool = false
    ) {
        self.within = within
        self.open = open
        self.isClosedByOmission = isClosedByOmission
        self.word = word
        self.isDeclared = isDeclared
        self.latency = latency
        self.parameters = parameters
    }
}
