import NetValues
import Planning
import YAML
import YAMLReading

/// One file from its bytes to a draft with all the mistakes that can be seen in it alone.
struct PlanDraftReader {
    private static let keys = ["leadsman", "vantage", "defaults", "limits", "checks"]
    static let mostChecks = 1_000_000

    let reading: PlanReading
    let validate: @Sendable (Check) -> PlanProblem?

    func read(_ bytes: [UInt8]) -> PlanDraft {
        var draft = PlanDraft(file: reading.file)
        do {
            var composer = try YAMLComposer(bytes) { [reading] remark, mark in reading.report(remark.words, at: mark) }
            if let document = try composer.document() {
                if let second = try composer.document() {
                    reading.report(Self.secondDocument, at: second.mark)
                } else {
                    take(document.root, into: &draft)
                }
            } else {
                reading.report("the file is empty: a plan begins with `leadsman: 1`", at: .start)
            }
        } catch {
            reading.report(error.message, at: error.mark)
        }
        draft.secrets = reading.secrets
        draft.mistakes = reading.mistakes
        return draft
    }

    private static let secondDocument =
        "a plan is one YAML document, and here a second one begins: put each into a file of its own"

    private func take(_ root: YAMLNode, into draft: inout PlanDraft) {
        guard
            let entries = reading.entries(root, expected: "a plan, which is a mapping with `leadsman: 1` and `checks`")
        else {
            return
        }
        // Whatever the order in the file, defaults come before the checks that they fill.
        let defaults = defaults(entries.first { $0.key == "defaults" })
        for entry in entries {
            switch entry.key {
            case "leadsman": version(entry.value)
            case "vantage": draft.vantage = vantage(entry.value)
            case "defaults": continue
            case "limits": draft.limits = limits(entry.value)
            case "checks": draft.checks = checks(entry.value, defaults)
            default: reading.unknownKey(entry, known: Self.keys)
            }
        }
        if !entries.contains(where: { $0.key == "leadsman" }) {
            reading.report("`leadsman: 1` is missing: it says which version of the plan format this is", at: root.mark)
        }
        if !entries.contains(where: { $0.key == "checks" }) {
            reading.report("the plan has no checks: list them under `checks`", at: root.mark)
        }
    }

    private func version(_ node: YAMLNode) {
        guard let text = reading.text(node, expected: "the version of the plan format, which is 1") else { return }
        if text.value != "1" {
            reading.report("expected the version of the plan format, which is 1, found \(text.echo)", at: node.mark)
        }
    }

    private func vantage(_ node: YAMLNode) -> DeclaredVantage? {
        guard let entries = reading.entries(node, expected: "a mapping with name or labels") else { return nil }
        var vantage = VantageName(name: "")
        for entry in entries {
            switch entry.key {
            case "name": vantage.name = reading.plainText(entry.value, expected: "a name") ?? ""
            case "labels": vantage.labels = reading.textMap(entry.value) ?? [:]
            default: reading.unknownKey(entry, known: ["name", "labels"])
            }
        }
        return DeclaredVantage(vantage: vantage, mark: node.mark)
    }

    private func defaults(_ entry: YAMLEntry?) -> CheckSettings {
        var settings = CheckSettings()
        guard let entry, let entries = reading.entries(entry.value) else { return settings }
        for entry in entries where !settings.take(entry, in: reading) {
            let owners = reading.probes.filter { $0.parameters.contains { $0.key == entry.key } }
            if owners.isEmpty, !CheckReader.commonKeys.contains(entry.key) {
                reading.unknownKey(entry, known: CheckSettings.keys)
            } else {
                reading.report("`\(entry.key)` has no default: write it in each check", at: entry.keyMark)
            }
        }
        if settings.source != nil, let message = settings.contradiction(with: nil) {
            reading.report(message, at: settings.source?.mark ?? entry.value.mark)
            // Told once here, not again for each check.
            settings.source = nil
        }
        return settings
    }

    private func limits(_ node: YAMLNode) -> DeclaredLimits {
        var limits = DeclaredLimits()
        for entry in reading.entries(node) ?? [] {
            switch entry.key {
            case "inFlight": limits.inFlight = reading.number(entry.value, in: 1...1_000_000)
            case "perTarget": limits.perTarget = reading.number(entry.value, in: 1...1_000_000)
            case "rate": limits.startsPerSecond = rate(entry.value)
            case "targets": limits.targets = reading.number(entry.value, in: 1...TargetRange.largestLimit)
            default: reading.unknownKey(entry, known: ["inFlight", "perTarget", "rate", "targets"])
            }
        }
        return limits
    }

    private func rate(_ node: YAMLNode) -> Double? {
        let expected = "a rate above 0 and up to 1000000/s (`200/s`, `0.5/s`)"
        guard let text = reading.text(node, expected: expected) else { return nil }
        let number = text.value.hasSuffix("/s") ? Double(decimal: text.value.dropLast(2)) : nil
        guard let number, number > 0, number <= 1_000_000 else {
            let hint = Double(decimal: text.shown) == nil ? "" : ": add `/s`"
            reading.report("expected \(expected), found \(text.echo)\(hint)", at: node.mark)
            return nil
        }
        return number
    }

    private func checks(_ node: YAMLNode, _ defaults: CheckSettings) -> [CheckDraft] {
        guard case .list(let items) = node.content else {
            reading.report("expected a list of checks (`- name: …`), found \(node.found)", at: node.mark)
            return []
        }
        if items.isEmpty { reading.report("the plan has no checks: list them under `checks`", at: node.mark) }
        guard items.count <= Self.mostChecks else {
            reading.report(
                "a plan has at most \(Self.mostChecks) checks, and this one has \(items.count)", at: node.mark)
            return []
        }
        let reader = CheckReader(reading: reading, defaults: defaults, validate: validate)
        return items.map { reader.read($0) }
    }
}
