import NetValues
import Planning
import YAML

/// The keys that every kind of check has and that `defaults` may set for all of them.
struct CheckSettings {
    static let keys = ["samples", "interval", "timeout", "retries", "family", "severity", "source", "labels"]

    var samples: Int?
    var interval: Duration?
    var timeout: Duration?
    var retries: Int?
    var family: FamilyChoice?
    var severity: Severity?
    var source: Source?
    var labels: [String: String] = [:]

    struct Source {
        let address: IPAddress
        let mark: Mark
    }

    /// Takes one key with its value; false when the key is none of these.
    mutating func take(_ entry: YAMLEntry, in reading: PlanReading) -> Bool {
        switch entry.key {
        case "samples": samples = reading.number(entry.value, in: 1...1_000_000)
        case "interval": interval = reading.span(entry.value, atLeast: "1ms")
        case "timeout": timeout = reading.span(entry.value, atLeast: "1us")
        case "retries": retries = reading.number(entry.value, in: 0...100)
        case "family": family = reading.word(entry.value, among: ["4", "6", "both"]).flatMap(FamilyChoice.init)
        case "severity":
            severity = reading.word(entry.value, among: Severity.allCases.map(\.rawValue)).flatMap(Severity.init)
        case "source": source = reading.source(entry.value)
        case "labels": labels = reading.textMap(entry.value) ?? [:]
        default: return false
        }
        return true
    }

    /// These settings, and where nothing was written those of `defaults`.
    func filled(from defaults: CheckSettings) -> CheckSettings {
        var filled = self
        filled.samples = samples ?? defaults.samples
        filled.interval = interval ?? defaults.interval
        filled.timeout = timeout ?? defaults.timeout
        filled.retries = retries ?? defaults.retries
        filled.family = family ?? defaults.family
        filled.severity = severity ?? defaults.severity
        filled.source = source ?? defaults.source
        filled.labels = defaults.labels.merging(labels) { _, own in own }
        return filled
    }

    /// Why family, source and target cannot all be meant, or nil.
    func contradiction(with target: Target?) -> String? {
        let family = family ?? .any
        let address = target?.host?.address
        if let address, !family.admits(address.family) {
            return
                "the target \(address) is an \(address.family.rawValue) address, but the family is \(family.rawValue)"
        }
        guard let source = source?.address else { return nil }
        let name = source.family.rawValue
        if family == .both {
            return "the source \(source) is an \(name) address, but the family is both: leave out one of the two keys"
        }
        if !family.admits(source.family) {
            return "the source \(source) is an \(name) address, but the family is \(family.rawValue)"
        }
        if let address, address.family != source.family {
            return
                "the source \(source) is an \(name) address, but the target \(address) is an \(address.family.rawValue) address"
        }
        return nil
    }
}

extension PlanReading {
    fileprivate func source(_ node: YAMLNode) -> CheckSettings.Source? {
        let expected = "an IPv4 or IPv6 address of this machine"
        guard let text = text(node, expected: expected) else { return nil }
        guard let address = IPAddress(text.value) else {
            report("expected \(expected), found \(text.echo)", at: node.mark)
            return nil
        }
        return CheckSettings.Source(address: address, mark: node.mark)
    }
}
