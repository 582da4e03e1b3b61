import NetValues

/// What is to be probed: a plan file's content after it was read and found right.
package struct Plan: Sendable {
    package var vantage: VantageName?
    package var checks: [Check]
    package var limits: Limits
    /// Values that came from `${env:…}` and `${file:…}`; whatever is shown has them replaced by their references.
    package var secrets: [Secret]

    package init(
        vantage: VantageName? = nil, checks: [Check], limits: Limits = Limits(), secrets: [Secret] = []
    ) {
        self.vantage = vantage
        self.checks = checks
        self.limits = limits
        self.secrets = secrets
    }
}

/// Who measures: the name and labels that a report carries.
package struct VantageName: Hashable, Sendable {
    package var name: String
    package var labels: [String: String]

    package init(name: String, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}

/// A value that must never be shown, and what is shown in its place (`${env:TOKEN}`).
package struct Secret: Hashable, Sendable {
    package let reference: String
    package let value: String

    package init(reference: String, value: String) {
        self.reference = reference
        self.value = value
    }
}

/// How much of the machine and of the network a run may use.
package struct Limits: Hashable, Sendable {
    /// Checks at work at the same moment.
    package var inFlight: Int
    /// Checks at work at the same moment against one host.
    package var perTarget: Int
    /// Checks of one kind at work at the same moment, where a kind is to have fewer than `inFlight`.
    package var perKind: [String: Int]
    /// Checks started a second, spread evenly.
    package var startsPerSecond: Double

    package init(
        inFlight: Int = 1024, perTarget: Int = 64, perKind: [String: Int] = [:],
        startsPerSecond: Double = 2000
    ) {
        self.inFlight = inFlight
        self.perTarget = perTarget
        self.perKind = perKind
        self.startsPerSecond = startsPerSecond
    }
}
