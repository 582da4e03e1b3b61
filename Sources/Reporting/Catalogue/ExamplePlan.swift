import NetValues
import Planning

/// A plan with one check of a kind, made from the kind's description alone.
enum ExamplePlan {
    static func lines(of probe: ProbeDescription) -> [String] {
        var lines = ["leadsman: 1", "checks:", "  - name: my first \(probe.kind) check"]
        lines.append("    \(probe.kind): \(target(probe.targetForm))")
        // What is a load on others is not shown repeated.
        if probe.risk == nil { lines += ["    samples: 5", "    interval: 200ms"] }
        // One word of the probe's own shows where such keys stand; more could contradict each other.
        lines += probe.parameters.compactMap(word).prefix(1).map { "    \($0)" }
        lines.append("    expect:")
        lines += probe.expectations.compactMap(measure).map { "      \($0)" }
        return lines + ["      latency: {p95: 500ms}"]
    }

    private static func target(_ form: Target.Form) -> String {
        switch form {
        case .host: "10.0.0.1"
        case .hostPort: "db.prod:5432"
        case .url: "https://shop.example.com/health"
        case .name: "kubernetes.default.svc.cluster.local"
        case .interface: "any"
        }
    }

    private static func word(_ parameter: ParameterDescription) -> String? {
        guard case .words(let words) = parameter.type, let word = words.first else { return nil }
        return line(parameter, .text(word), quoted(word))
    }

    private static func measure(_ parameter: ParameterDescription) -> String? {
        switch parameter.type {
        case .share: line(parameter, .share(0.01), "1%")
        case .span: line(parameter, .span(.seconds(14 * 86400)), "14d")
        default: nil
        }
    }

    /// Nil when the probe would not take the value.
    private static func line(_ parameter: ParameterDescription, _ value: ParameterValue, _ text: String) -> String? {
        parameter.check(value) == nil ? "\(parameter.key): \(text)" : nil
    }

    /// YAML reads `1.2` and `no` as something else than text.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { (0x61...0x7a).contains($0 | 0x20) }
        return isPlain && !["yes", "no", "on", "off", "true", "false", "null"].contains(word) ? word : "\"\(word)\""
    }
}
