import NetValues
import Planning
import YAML

/// What stands under `expect`: a word, or a mapping of `latency` and the kind's own keys.
struct ExpectationReader {
    let reading: PlanReading
    /// Nil while the kind is not known: then no key of any kind is judged.
    let probe: ProbeDescription?

    func read(_ node: YAMLNode) -> Expectation {
        switch node.content {
        case .scalar(let scalar) where !scalar.isNothing: word(node)
        case .map(let entries): mapping(entries)
        default: nothingUsable(node)
        }
    }

    private static let words = Expectation.Word.allCases.map(\.rawValue)

    private func word(_ node: YAMLNode) -> Expectation {
        let word = reading.word(node, among: Self.words).flatMap(Expectation.Word.init)
        return Expectation(word: word ?? .reachable, isDeclared: true)
    }

    private func nothingUsable(_ node: YAMLNode) -> Expectation {
        reading.report("expected \(PlanReading.oneOf(Self.words)), or a mapping, found \(node.found)", at: node.mark)
        return Expectation()
    }

    private func mapping(_ entries: [YAMLEntry]) -> Expectation {
        var expectation = Expectation(isDeclared: !entries.isEmpty)
        for entry in entries {
            if entry.key == "latency" {
                expectation.latency = LatencyReader(reading: reading, probe: probe).read(entry.value)
            } else if entry.key == "within" {
                expectation.within = within(entry.value)
            } else if entry.key == "open" {
                expectation.parameters.places["open"] = reading.place(entry.value.mark)
                expectation.open = open(entry.value)
            } else if let description = probe?.expectations.first(where: { $0.key == entry.key }) {
                expectation.parameters.places[entry.key] = reading.place(entry.value.mark)
                expectation.parameters.values[entry.key] = reading.parameter(entry.value, of: description)
            } else {
                unknown(entry)
            }
        }
        return expectation
    }

    private func within(_ node: YAMLNode) -> AddressDemand? {
        guard let items = reading.list(node, expected: AddressDemand.syntax, item: { reading.text($0)?.value }) else {
            return nil
        }
        do throws(PlanProblem) {
            return try AddressDemand(items)
        } catch {
            reading.reportForeign("within: \(error.message)", at: reading.place(node.mark))
            return nil
        }
    }

    private func open(_ node: YAMLNode) -> [UInt16]? {
        guard let items = reading.items(node, expected: "a list of ports") else { return nil }
        let ports = items.compactMap { reading.number($0, in: 1...65535) }
        return ports.count == items.count ? ports.map { UInt16(truncatingIfNeeded: $0) } : nil
    }

    private func unknown(_ entry: YAMLEntry) {
        let key = entry.key
        if Self.words.contains(key) {
            reading.report("`\(key)` is a word and takes no value: write `expect: \(key)`", at: entry.keyMark)
            return
        }
        let owners = reading.probes.filter { $0.expectations.contains { $0.key == key } }.map(\.kind)
        guard let probe else {
            if owners.isEmpty { reading.unknownKey(entry, known: known(reading.probes)) }
            return
        }
        if !owners.isEmpty {
            reading.report(
                "`\(key)` can be expected of \(PlanReading.oneOf(owners)), not of \(probe.kind)", at: entry.keyMark)
        } else if CheckReader.commonKeys.contains(key) || probe.parameters.contains(where: { $0.key == key }) {
            reading.report("`\(key)` belongs beside `expect`, not under it", at: entry.keyMark)
        } else {
            reading.unknownKey(entry, known: known([probe]))
        }
    }

    private func known(_ probes: [ProbeDescription]) -> [String] {
        ["latency", "within", "open"] + probes.flatMap { $0.expectations.map(\.key) }
    }
}
