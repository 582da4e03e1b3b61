import NetValues
import Observations
import Planning

/// A name that has addresses of both families, one of which is broken or late while the other works.
struct FamilyContrast {
    enum Fault {
        /// No address of the family accepts.
        case dead
        /// Each connection takes longer than the slowest of the other family, by more than `headStart`.
        case late(by: Duration)
    }

    /// What a client grants the first family before it tries the other: RFC 8305 section 5 recommends 250 ms.
    static let headStart = Duration.milliseconds(250)

    let name: NameReach
    let family: IPAddress.Family
    let fault: Fault
    let broken: [NameReach.Address]
    let working: [NameReach.Address]

    init?(_ name: NameReach, _ family: IPAddress.Family) {
        self.name = name
        self.family = family
        let other: IPAddress.Family = family == .v4 ? .v6 : .v4
        let own = name.addresses.filter { $0.endpoint.address.family == family }
        working = name.addresses(.works, other)
        guard !own.isEmpty, !working.isEmpty else { return nil }
        broken = own
        if own.allSatisfy({ $0.state == .dead }) {
            fault = .dead
        } else if let delay = Self.delay(of: own, against: working) {
            fault = .late(by: delay)
        } else {
            return nil
        }
    }

    /// Connections whose SYN had to be repeated are left out: one lost packet is no slow path.
    private static func delay(of own: [NameReach.Address], against other: [NameReach.Address]) -> Duration? {
        guard own.allSatisfy({ $0.state == .works }) else { return nil }
        func times(_ addresses: [NameReach.Address]) -> [Duration] {
            addresses.flatMap(\.connects).filter { $0.outcome == .connected && ($0.tcp?.retransmits ?? 0) == 0 }
                .map(\.elapsed)
        }
        guard let quickest = times(own).min(), let slowest = times(other).max(), quickest - slowest > headStart else {
            return nil
        }
        return quickest - slowest
    }

    /// A plan that asks for both families is broken with one of them.
    var isDemanded: Bool { name.checks.contains { $0.check.family == .both } }
}

extension Rule {
    /// The finding of one family, for the rule of that family.
    static func familyFindings(_ family: IPAddress.Family, in evidence: Evidence) -> [Finding] {
        NameReach.all(in: evidence).compactMap { FamilyContrast($0, family) }.map { contrast in
            let words = FamilyWords(contrast, evidence)
            return finding(
                contrast.name.subject, checks: contrast.name.checks.map(\.name),
                severity: contrast.isDemanded ? .error : .warning, confidence: words.confidence,
                summary: words.summary, evidence: words.evidence, cause: words.cause, remedy: words.remedy)
        } + internetFindings(family, in: evidence)
    }

    /// Of addresses that stand for the internet, each of one family alone.
    private static func internetFindings(_ family: IPAddress.Family, in evidence: Evidence) -> [Finding] {
        guard let (dead, living) = evidence.internet.isBroken(family) else { return [] }
        let other = family == .v4 ? IPAddress.Family.v6 : .v4
        return [
            finding(
                "the internet over \(family.rawValue)", checks: dead.map(\.check.name), confidence: .likely,
                summary: "The internet is reached over \(other.rawValue), but not over \(family.rawValue).",
                evidence: flowLines(dead.flatMap(\.flows), limit: 4) + flowLines(living.flatMap(\.flows), limit: 2),
                cause:
                    "This host has a default route for \(family.rawValue), and what it sends there does not get through: clients that prefer \(family.rawValue) wait for it in vain.",
                remedy: [
                    "mend the \(family.rawValue) way out: routes and filters beyond the gateway, and the prefix that this network was given",
                    "or take the \(family.rawValue) default route and addresses away until it works",
                ])
        ]
    }
}

/// What is said of a contrast.
private struct FamilyWords {
    private let contrast: FamilyContrast
    private let run: Evidence

    init(_ contrast: FamilyContrast, _ run: Evidence) {
        self.contrast = contrast
        self.run = run
    }

    private var family: String { contrast.family.rawValue }
    private var other: String { (contrast.family == .v4 ? IPAddress.Family.v6 : .v4).rawValue }
    private var who: String { listed(contrast.broken.map(\.endpoint.address.description)) }
    private var record: String { contrast.family == .v4 ? "A" : "AAAA" }

    private var isRefused: Bool {
        contrast.broken.flatMap(\.flows).allSatisfy { if case .refused = $0.outcome { true } else { false } }
    }

    /// Other traffic with one of the broken addresses.
    private var life: [Flow] {
        contrast.broken.flatMap { address in
            (run.signsOfLife[address.endpoint.address] ?? []).filter { !address.flows.contains($0) }
        }
    }

    /// Another address of the family that answered during the run.
    private var elsewhere: IPAddress? {
        let own = contrast.broken.map(\.endpoint.address)
        return run.signsOfLife.keys.filter { $0.family == contrast.family && !own.contains($0) }
            .min { $0.description < $1.description }
    }

    var confidence: Finding.Confidence {
        if case .late = contrast.fault {
            contrast.broken.flatMap(\.connects).count > 1 ? .likely : .possible
        } else {
            .certain
        }
    }

    var summary: String {
        switch contrast.fault {
        case .dead: "\(contrast.name.subject) works over \(other) but not over \(family) (\(who))."
        case .late(let delay):
            "\(contrast.name.subject) takes \(delay.spoken) longer to connect over \(family) than over \(other)."
        }
    }

    var evidence: [String] {
        var lines =
            flowLines(contrast.broken.flatMap(\.flows), limit: 4)
            + flowLines(contrast.working.flatMap(\.flows), limit: 2)
        lines += flowLines(life, limit: 1).map { "the machine is up over \(family): \($0)" }
        if let elsewhere { lines.append("\(family) as such works from here: \(elsewhere) answered") }
        return lines
    }

    var cause: String {
        guard case .dead = contrast.fault else {
            return
                "The \(family) path is longer or congested; clients that prefer \(family) are late, others switch to \(other)."
        }
        if isRefused {
            return "The host answers over \(family), but nothing listens there: the service knows only \(other)."
        }
        if !life.isEmpty { return "The host is up over \(family), but this port is filtered there." }
        return elsewhere == nil
            ? "Nothing answered over \(family) in this run: the \(family) path from here, or that of the target, is broken."
            : "The \(family) path to this host is broken or filtered, or no host has the address any more."
    }

    var remedy: [String] {
        switch contrast.fault {
        case .late: ["compare the two paths (traceroute -4 and -6), and mend the \(family) one"]
        case .dead where isRefused:
            ["have the service listen on \(family) too", "or remove the \(record) record of \(contrast.name.host)"]
        case .dead:
            [
                "mend routing and filters for \(family) between here and the host",
                "or remove the \(record) record of \(contrast.name.host) until it works: clients wait for it in vain",
            ]
        }
    }
}
