import NetValues
import YAML

extension DerivedPlan {
    /// The plan as YAML that `leadsman run -` reads.
    package var text: String {
        var lines = head.map(Self.comment)
        lines += ["leadsman: 1", "vantage: \(Self.written(vantage))", "defaults: {timeout: 3s}", "checks:"]
        for check in checks { lines += [""] + Self.lines(check) }
        lines += tail.isEmpty ? [] : [""] + tail.map(Self.comment)
        return lines.joined(separator: "\n") + "\n"
    }

    /// With as many of its first checks and notes as fit; checks need only those before them.
    func cut(toBytes most: Int) -> DerivedPlan {
        var plan = self
        let told = Self.fitting(notes.lazy.map { $0.utf8.count + 20 }, in: most / 4)
        plan.notes = Array(notes.prefix(told))
        plan.droppedNotes += notes.count - told
        plan.checks = []
        let sizes = checks.lazy.map { check in Self.lines(check).reduce(1) { $0 + $1.utf8.count + 1 } }
        let kept = Self.fitting(sizes, in: most - plan.text.utf8.count - 200)
        plan.checks = Array(checks.prefix(kept))
        plan.droppedChecks += checks.count - kept
        return plan
    }

    private static func fitting(_ sizes: some Sequence<Int>, in most: Int) -> Int {
        var (count, sum) = (0, 0)
        for size in sizes {
            sum += size
            guard sum <= most else { break }
            count += 1
        }
        return count
    }

    private var vantage: PlanValue {
        .map([
            PlanKey("name", .text(vantageName)),
            PlanKey("labels", .map(vantageLabels.map { PlanKey($0.key, .text($0.value)) })),
        ])
    }

    private var tail: [String] {
        var lines = notes.map { "not derived: \($0)" }
        if droppedNotes > 0 { lines.append("not derived: \(droppedNotes) more") }
        if droppedChecks > 0 {
            lines.append(
                "left out: \(counted(droppedChecks, "further check")), since a derived plan has at most \(checks.count)"
            )
        }
        return lines
    }

    private static func lines(_ check: DerivedCheck) -> [String] {
        var lines = check.reasons.map { "  " + comment($0) }
        lines.append("  - name: \(written(.text(check.name)))")
        lines.append("    \(check.kind): \(written(.text(check.target)))")
        if !check.needs.isEmpty { lines.append("    needs: \(written(.list(check.needs.map { .text($0) })))") }
        if !check.labels.isEmpty { lines.append("    labels: \(written(.map(check.labels)))") }
        return lines + check.keys.map { "    \(yamlScalar($0.key)): \(written($0.value))" }
    }

    private static func written(_ value: PlanValue) -> String {
        switch value {
        case .word(let word): word
        case .text(let text): yamlScalar(text.withoutReferences)
        case .list(let items): "[\(items.map(written).joined(separator: ", "))]"
        case .map(let keys): "{\(keys.map { "\(yamlScalar($0.key)): \(written($0.value))" }.joined(separator: ", "))}"
        }
    }

    static func comment(_ text: String) -> String {
        let shown = text.escaped(limit: 1000).unicodeScalars.map { scalar in
            scalar.isYAMLPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return "# " + shown.joined()
    }
}

extension String {
    /// What manifests say is never a reference to a secret of whoever runs the plan: `${` is written `$${`.
    fileprivate var withoutReferences: String {
        guard utf8.contains(UInt8(ascii: "$")) else { return self }
        var result = ""
        for character in unicodeScalars {
            if character == "{", result.unicodeScalars.last == "$" {
                result += "${"
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
