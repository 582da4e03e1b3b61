import NetValues
import Planning
import YAML

/// Which kind a check is of: the one key that names a probe.
struct KindChoice {
    private let reading: PlanReading
    private let written: [YAMLEntry]
    /// A key that is one letter away from a kind, when no key names one: read on as if it did, to find further mistakes.
    private let meant: YAMLEntry?
    /// The kind's key with the target, and the probe that it names.
    let entry: YAMLEntry?
    let probe: ProbeDescription?

    init(_ entries: [YAMLEntry], reading: PlanReading) {
        self.reading = reading
        let probes = reading.probes
        let named = entries.filter { entry in probes.contains { $0.kind == entry.key } }
        // `flows` is a kind, and a key of trace: beside that it is the key.
        written = named.filter { entry in
            !named.contains { other in
                other.key != entry.key
                    && probes.contains { $0.kind == other.key && $0.parameters.contains { $0.key == entry.key } }
            }
        }
        let strangers = written.isEmpty ? entries.filter { Self.isStranger($0.key, to: probes) } : []
        let kinds = probes.map(\.kind)
        meant = strangers.first { nearestWord(to: $0.key, among: kinds) != nil }
        entry = written.first ?? meant
        let kind = written.first?.key ?? meant.flatMap { nearestWord(to: $0.key, among: kinds) }
        probe = probes.first { $0.kind == kind }
    }

    private static func isStranger(_ key: String, to probes: [ProbeDescription]) -> Bool {
        let isParameter = probes.contains { $0.parameters.contains { $0.key == key } }
        return !isParameter && !CheckReader.commonKeys.contains(key)
            && nearestWord(to: key, among: CheckReader.commonKeys) == nil
    }

    func reportMistakes(at mark: Mark) {
        if let meant, let probe {
            reading.report(
                "unknown key `\(meant.key.escaped(limit: 60))`: did you mean `\(probe.kind)`?", at: meant.keyMark)
        } else if written.isEmpty {
            let kinds = PlanReading.oneOf(reading.probes.map(\.kind))
            reading.report("a check needs a kind with its target: one of \(kinds)", at: mark)
        }
        for other in written.dropFirst() {
            let first = written[0]
            reading.report(
                "a check has one kind: this is \(first.key) (line \(first.keyMark.line), column \(first.keyMark.column)), "
                    + "so \(other.key) needs a check of its own",
                at: other.keyMark)
        }
    }

    /// For a key that is neither common to all checks nor of this kind.
    func judge(_ entry: YAMLEntry) {
        let owners = reading.probes.filter { $0.parameters.contains { $0.key == entry.key } }.map(\.kind)
        // The key of a second kind, and the keys that it brought along, have been told of.
        if written.contains(where: { $0.key == entry.key || owners.contains($0.key) }) { return }
        guard let probe else {
            if owners.isEmpty { reading.unknownKey(entry, known: CheckReader.commonKeys + reading.probes.map(\.kind)) }
            return
        }
        if !owners.isEmpty {
            reading.report(
                "`\(entry.key)` is a key of \(PlanReading.oneOf(owners)), not of \(probe.kind)", at: entry.keyMark)
        } else if entry.key == "latency" || probe.expectations.contains(where: { $0.key == entry.key }) {
            reading.report("`\(entry.key)` belongs under `expect`", at: entry.keyMark)
        } else {
            reading.unknownKey(entry, known: CheckReader.commonKeys + probe.parameters.map(\.key))
        }
    }
}
