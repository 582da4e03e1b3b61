import NetValues
import Planning
import YAML

/// `latency` under `expect`: quantiles of the whole, of its stages, and for how long they must be above their limits.
struct LatencyReader {
    let reading: PlanReading
    /// Nil while the kind is not known: then all stages are taken.
    let probe: ProbeDescription?

    private static let quantiles = LatencyLimit.Quantile.allCases.map(\.rawValue)
    private static let stages = LatencyStage.allCases.map(\.rawValue)

    func read(_ node: YAMLNode) -> [LatencyLimit] {
        let expected = "a mapping with \(PlanReading.oneOf(Self.quantiles))"
        guard let entries = reading.entries(node, expected: expected) else { return [] }
        if entries.isEmpty { reading.report("expected \(expected), found an empty mapping", at: node.mark) }
        var limits = self.limits(in: entries, of: nil, for: window(in: entries))
        for entry in entries {
            guard let stage = LatencyStage(rawValue: entry.key) else { continue }
            limits += self.limits(of: stage, entry, for: window(in: entries))
        }
        let isUnlimited = limits.isEmpty && entries.contains { $0.key == LatencyLimit.windowKey }
        if isUnlimited, entries.count == 1 {
            reading.report("`for` needs a limit beside it, as in {p95: 2s, for: 5m}", at: entries[0].keyMark)
        }
        return limits
    }

    private func window(in entries: [YAMLEntry]) -> Duration? {
        guard let entry = entries.first(where: { $0.key == LatencyLimit.windowKey }) else { return nil }
        return reading.span(entry.value, atLeast: LatencyLimit.shortestWindow)
    }

    /// The quantiles of one mapping; its other keys are of somebody else, or mistakes.
    private func limits(in entries: [YAMLEntry], of stage: LatencyStage?, for window: Duration?) -> [LatencyLimit] {
        entries.compactMap { entry in
            if entry.key == LatencyLimit.windowKey || stage == nil && Self.stages.contains(entry.key) { return nil }
            guard let quantile = LatencyLimit.Quantile(rawValue: entry.key) else {
                let further = stage == nil ? [LatencyLimit.windowKey] + known.map(\.rawValue) : [LatencyLimit.windowKey]
                reading.unknownKey(entry, known: Self.quantiles + further)
                return nil
            }
            return reading.span(entry.value).map { LatencyLimit(quantile, $0, of: stage, for: window) }
        }
    }

    private func limits(of stage: LatencyStage, _ entry: YAMLEntry, for window: Duration?) -> [LatencyLimit] {
        if let probe, !probe.stages.contains(stage) {
            let own = probe.stages.isEmpty ? "times no stages" : "times \(PlanReading.oneOf(known.map(\.rawValue)))"
            reading.report("`\(stage.rawValue)` is no stage of \(probe.kind), which \(own)", at: entry.keyMark)
            return []
        }
        let expected = "a mapping with \(PlanReading.oneOf(Self.quantiles)), as {p95: 500ms}"
        guard let entries = reading.entries(entry.value, expected: expected) else { return [] }
        if entries.isEmpty { reading.report("expected \(expected), found an empty mapping", at: entry.value.mark) }
        return limits(in: entries, of: stage, for: self.window(in: entries) ?? window)
    }

    private var known: [LatencyStage] { probe?.stages ?? LatencyStage.allCases }
}
