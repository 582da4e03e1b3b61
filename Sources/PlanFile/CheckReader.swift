import NetValues
import Planning
import YAML

/// One item of `checks`. Everything particular to a kind comes from the probes' catalogue entries.
struct CheckReader {
    static let commonKeys = ["name", "needs", "expect"] + CheckSettings.keys

    let reading: PlanReading
    let defaults: CheckSettings
    let validate: @Sendable (Check) -> PlanProblem?

    /// What was met while the keys of one check were walked through.
    private struct Parts {
        var name: String?
        var nameMark: Mark?
        var needs: [CheckDraft.Need] = []
        var settings = CheckSettings()
        var target: Target?
        var range: TargetRange?
        var expectation = Expectation()
        var parameters = Parameters()
    }

    func read(_ node: YAMLNode) -> CheckDraft {
        let mistakesBefore = reading.mistakes.count
        guard let entries = reading.entries(node, expected: "a check, which is a mapping (`- name: …`)") else {
            return CheckDraft(nameMark: node.mark)
        }
        let kinds = KindChoice(entries, reading: reading)
        kinds.reportMistakes(at: node.mark)
        var parts = Parts()
        for entry in entries { take(entry, kinds, into: &parts) }
        if !entries.contains(where: { $0.key == "name" }) {
            reading.report("a check needs a `name`, unique in the plan", at: node.mark)
        }
        reportContradiction(parts, kinds)
        var draft = CheckDraft(name: parts.name, nameMark: parts.nameMark ?? node.mark, needs: parts.needs)
        draft.range = parts.range
        draft.targetMark = kinds.entry?.value.mark ?? node.mark
        if reading.mistakes.count == mistakesBefore { draft.check = validated(check(parts, kinds), draft.nameMark) }
        if let problem = draft.check?.openMistake(parts.range) {
            reading.reportForeign(problem.message, at: problem.place ?? reading.place(draft.nameMark))
        }
        return draft
    }

    private func take(_ entry: YAMLEntry, _ kinds: KindChoice, into parts: inout Parts) {
        let node = entry.value
        switch entry.key {
        case "name":
            parts.name = reading.plainText(node, expected: "a name")
            parts.nameMark = node.mark
        case "needs": parts.needs = needs(node)
        case "expect": parts.expectation = ExpectationReader(reading: reading, probe: kinds.probe).read(node)
        case kinds.entry?.key:
            if let probe = kinds.probe { take(node, of: probe, into: &parts) }
        default:
            if parts.settings.take(entry, in: reading) { return }
            if let description = kinds.probe?.parameters.first(where: { $0.key == entry.key }) {
                parts.parameters.places[entry.key] = reading.place(node.mark)
                parts.parameters.values[entry.key] = reading.parameter(node, of: description)
            } else {
                kinds.judge(entry)
            }
        }
    }

    private func needs(_ node: YAMLNode) -> [CheckDraft.Need] {
        let items = reading.items(node, expected: "the name of a check or a list of names") ?? []
        return items.compactMap { item in
            reading.plainText(item, expected: "the name of a check").map { CheckDraft.Need(name: $0, mark: item.mark) }
        }
    }

    private func take(_ node: YAMLNode, of probe: ProbeDescription, into parts: inout Parts) {
        let form = probe.targetForm
        guard let text = reading.text(node, expected: form.syntax) else { return }
        if probe.takesRanges, !text.holdsSecret {
            do throws(PlanProblem) {
                parts.range = try TargetRange(text.value, form: form)
            } catch {
                reading.report(error.message, at: node.mark)
                return
            }
        }
        parts.target = parts.range?.targets(upTo: 1).first ?? target(text, node, form: form)
    }

    private func target(_ text: PlanText, _ node: YAMLNode, form: Target.Form) -> Target? {
        if let target = Target(text.value, form: form) { return target }
        // What is wrong with it is worked out from the text as it is shown, so that no part of a secret can come out.
        let reason = text.holdsSecret ? nil : form.mistake(in: text.value)
        let found = "`\(text.shown.withoutUserInformation.escaped(limit: 80))`"
        reading.report("expected \(form.syntax), found \(found)\(reason.map { ": \($0)" } ?? "")", at: node.mark)
        return nil
    }

    private func reportContradiction(_ parts: Parts, _ kinds: KindChoice) {
        let settings = parts.settings.filled(from: defaults)
        guard let message = settings.contradiction(with: parts.target), let entry = kinds.entry else { return }
        reading.report(message, at: parts.settings.source?.mark ?? entry.value.mark)
    }

    private func check(_ parts: Parts, _ kinds: KindChoice) -> Check? {
        guard let name = parts.name, let probe = kinds.probe, let target = parts.target else { return nil }
        let settings = parts.settings.filled(from: defaults)
        return Check(
            name: name, kind: probe.kind, target: target, samples: settings.samples ?? Check.Defaults.samples,
            interval: settings.interval ?? Check.Defaults.interval, timeout: settings.timeout ?? Check.Defaults.timeout,
            retries: settings.retries ?? 0, needs: parts.needs.map(\.name), labels: settings.labels,
            family: settings.family ?? .any, source: settings.source?.address, severity: settings.severity,
            expectation: parts.expectation, parameters: parts.parameters)
    }

    private func validated(_ check: Check?, _ nameMark: Mark) -> Check? {
        guard let check else { return nil }
        guard let problem = validate(check) else { return check }
        reading.reportForeign(problem.message, at: problem.place ?? reading.place(nameMark))
        return nil
    }
}
