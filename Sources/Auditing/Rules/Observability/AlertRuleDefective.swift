import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Alerts that cannot say what they are meant to.
enum AlertRuleDefective: AuditRule {
    static let explanation = FindingExplanation(
        id: "alert-rule-defective", severity: .warning, title: "An alert cannot say what it is meant to",
        signals: [
            "a counter is compared as it is (…_total, …_sum, …_bucket), which only grows",
            "histogram_quantile over sums without `le`, over counters that are no rates, or with a quantile above 1",
            "`up == 0` of one job without absent(): a target that vanishes is no target that is down",
            "a bracket or quote is not closed, or rate() has no range",
        ],
        lookalikes: [
            "gauges, whose names have no such ending", "a recording rule, which alerts nobody",
            "a comparison that only guards another one (and, unless), which ends the alert",
        ],
        traps: [
            "expressions in a form that is not read here are left alone",
            "a gauge may be called …_total too: such a comparison is possible only",
        ],
        remedy: ["compare a rate: rate(x_sum[5m]) / rate(x_count[5m]), increase(x_total[5m])"])

    static func findings(in state: DeclaredState) -> [Finding] {
        let rules = state.objects("PrometheusRule").compactMap(PrometheusRule.init)
        let parsed = rules.flatMap { rule in rule.rules.map { JudgedAlert($0, rule.object) } }
        let isAbsenceWatched = parsed.contains { $0.watchesAbsence }
        return parsed.compactMap { alert in
            guard let defect = alert.defect(isAbsenceWatched: isAbsenceWatched) else { return nil }
            return finding(
                alert.object, at: alert.object.place(alert.rule.expressionNode), severity: defect.severity,
                confidence: defect.confidence,
                summary: "\(alert.object.title), \(alert.name): \(defect.summary).",
                evidence: ["expr: \(alert.line.escaped(limit: 300))"], cause: defect.cause,
                remedy: [defect.remedy], patch: defect.patch)
        }
    }
}

/// One rule with its expression taken apart.
struct JudgedAlert {
    struct Defect {
        var severity = Severity.warning
        var confidence = Finding.Confidence.certain
        let summary: String
        let cause: String
        let remedy: String
        var patch: String?
    }

    let rule: PrometheusRule.Rule
    let object: ManifestObject
    private let bytes: [UInt8]
    private let complaint: String?
    private let tree: PromQLExpression?

    init(_ rule: PrometheusRule.Rule, _ object: ManifestObject) {
        self.rule = rule
        self.object = object
        bytes = Array(rule.expression.utf8)
        let tokens = PromQLTokens(bytes.count <= PromQLTokens.longest ? bytes : [])
        complaint = tokens.complaint
        tree = PromQLExpression.parse(tokens)
    }

    var name: String {
        rule.alert.map { "alert \($0.escaped(limit: 80))" }
            ?? "record \(rule.node["record"]?.text?.escaped(limit: 80) ?? "")"
    }

    /// The expression in one line.
    var line: String { rule.expression.split { " \t\r\n".contains($0) }.joined(separator: " ") }

    /// It asks for series of `up` that are not there.
    var watchesAbsence: Bool {
        tree?.all.contains { node in
            guard case .call("absent", let arguments, _, _) = node else {
                guard case .call("absent_over_time", _, _, _) = node else { return false }
                return true
            }
            return arguments.contains { if case .selector("up", _, _, _) = $0 { true } else { false } }
        } ?? false
    }

    func defect(isAbsenceWatched: Bool) -> Defect? {
        if let complaint {
            return Defect(
                summary: "Prometheus cannot read the expression, since \(complaint)",
                cause:
                    "A rule file with one such expression is refused whole, and none of its alerts comes into effect.",
                remedy: "correct the expression: promtool check rules FILE")
        }
        guard let tree else { return nil }
        return tree.all.lazy.compactMap { functionDefect($0) }.first
            ?? (rule.alert == nil ? nil : endless(tree))
            ?? (rule.alert == nil || isAbsenceWatched ? nil : tree.all.lazy.compactMap { absenceDefect($0) }.first)
    }

    // MARK: functions

    private static let needRange: Set<String> = [
        "rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets",
    ]

    private func functionDefect(_ node: PromQLExpression) -> Defect? {
        guard case .call(let name, let arguments, _, _) = node else { return nil }
        if Self.needRange.contains(name), let first = arguments.first, case .selector(_, _, false, _) = first {
            return Defect(
                summary: "\(name)() has no range, so Prometheus refuses the expression",
                cause:
                    "\(name)() looks at a range of time, such as [5m]; a rule file with one such expression is refused whole.",
                remedy: "write a range: \(name)(METRIC[5m])")
        }
        return name == "histogram_quantile" ? quantileDefect(arguments) : nil
    }

    private func quantileDefect(_ arguments: [PromQLExpression]) -> Defect? {
        guard arguments.count == 2 else { return nil }
        if let quantile = arguments[0].number, !(0...1).contains(quantile) {
            return Defect(
                summary: "the quantile is from 0 to 1, as 0.95 for the 95th percentile",
                cause: "Above 1 histogram_quantile gives +Inf, below 0 -Inf: the comparison always or never holds.",
                remedy: "write the quantile as a share of one")
        }
        switch arguments[1] {
        case .call(let name, let inner, let grouping, _) where ["sum", "avg", "max", "min"].contains(name):
            guard inner.first.map(isOfBuckets) ?? false else { return nil }
            let keeps = grouping.map { $0.isBy ? $0.labels.contains("le") : !$0.labels.contains("le") } ?? false
            guard !keeps else { return nil }
            return Defect(
                summary: "\(name) takes the label `le` away, without which there is no quantile",
                cause: "histogram_quantile finds no buckets and gives nothing: the alert never fires.",
                remedy: "keep the label: \(name) by (le) (…)")
        case .call("rate", let inner, _, let span), .call("irate", let inner, _, let span),
            .call("increase", let inner, _, let span):
            guard inner.first.map(isOfBuckets) ?? false else { return nil }
            return Defect(
                severity: .info, summary: "without `sum by (le)` each series has a quantile of its own",
                cause:
                    "The quantile is of each pod and path by itself: one slow series of few requests fires, and all together may be slow unseen.",
                remedy: "add up the buckets first: histogram_quantile(0.95, sum by (le) (rate(…[5m])))",
                patch: block(replacing: span, with: "sum by (le) (\(text(span)))"))
        case .selector(let name, _, false, _) where name.hasSuffix("_bucket"):
            return Defect(
                summary: "the buckets are no rates, so the quantile is that of all time",
                cause: "Buckets only grow: what happens now hardly moves a quantile over everything since the start.",
                remedy: "take rates: histogram_quantile(0.95, sum by (le) (rate(\(name.escaped(limit: 120))[5m])))")
        default: return nil
        }
    }

    private func isOfBuckets(_ node: PromQLExpression) -> Bool {
        node.all.contains { if case .selector(let name, _, _, _) = $0 { name.hasSuffix("_bucket") } else { false } }
    }

    // MARK: comparisons

    /// What holds for ever once it holds: of `and` both sides, of `or` one; `unless` may always end it.
    private func endless(_ node: PromQLExpression) -> Defect? {
        switch node {
        case .binary("and", let left, let right): endless(right) == nil ? nil : endless(left)
        case .binary("or", let left, let right): endless(left) ?? endless(right)
        case .call(let name, let arguments, _, _)
        where ["sum", "avg", "max", "min", "count", "group"].contains(name) && arguments.count == 1:
            endless(arguments[0])
        default: comparisonDefect(node)
        }
    }

    /// A counter that has passed a limit, which it never goes below again.
    private func comparisonDefect(_ node: PromQLExpression) -> Defect? {
        guard case .binary(let sign, let left, let right) = node else { return nil }
        let (counted, limit): (PromQLExpression, Double)
        if let number = right.number, [">", ">="].contains(sign) {
            (counted, limit) = (left, number)
        } else if let number = left.number, ["<", "<="].contains(sign) {
            (counted, limit) = (right, number)
        } else {
            return nil
        }
        guard let (name, span) = Self.counter(counted) else { return nil }
        // A client's own ending of a histogram leaves no doubt; gauges are called "total" too.
        let isTotal = name.hasSuffix("_total")
        // Of seconds nobody waits for so long: the limit was of the sum, or of milliseconds.
        let isStrange = name.hasSuffix("_seconds_sum") && limit > 60
        let base = name.hasSuffix("_sum") ? String(name.dropLast(4)) : nil
        return Defect(
            confidence: isTotal ? .possible : .certain,
            summary:
                "\(name.escaped(limit: 120))\(isTotal ? " is a counter by its name, which" : "") only grows, so the alert never ends once it has begun",
            cause:
                "It is a counter over all time since the process began: compared as it is, it says nothing of the last minutes.",
            remedy: base == nil
                ? "compare what was added lately: increase(\(name.escaped(limit: 120))[5m])\(isTotal ? "; leave it if the metric is a gauge" : "")"
                : "compare a mean of the last minutes: rate(…_sum[5m]) / rate(…_count[5m]), or a quantile of …_bucket\(isStrange ? ", with a limit in seconds" : "")",
            patch: isStrange ? nil : base.flatMap { mean($0, span, of: counted) })
    }

    /// A counter as it is, or a sum of such.
    private static func counter(_ node: PromQLExpression) -> (name: String, span: Range<Int>)? {
        switch node {
        case .selector(let name, _, false, let span) where isCounter(name): (name, span)
        case .call(let name, let arguments, _, _)
        where ["sum", "avg", "max", "min"].contains(name) && arguments.count == 1:
            counter(arguments[0])
        default: nil
        }
    }

    /// By the endings that Prometheus' own clients give; `_count` is a gauge's ending too.
    private static func isCounter(_ name: String) -> Bool {
        if name.hasSuffix("_sum") || name.hasSuffix("_bucket") || name.hasSuffix("_total") {
            return !name.contains(":")
        }
        let units = ["seconds", "milliseconds", "bytes", "duration", "latency"]
        return name.hasSuffix("_count") && units.contains { name.contains("_\($0)_") } && !name.contains(":")
    }

    private func mean(_ base: String, _ span: Range<Int>, of node: PromQLExpression) -> String? {
        guard case .selector = node else { return nil }
        let matchers = text(span).dropFirst(base.utf8.count + 4)
        return block(replacing: span, with: "rate(\(base)_sum\(matchers)[5m]) / rate(\(base)_count\(matchers)[5m])")
    }

    private func absenceDefect(_ node: PromQLExpression) -> Defect? {
        guard case .binary(let sign, let left, let right) = node,
            case .selector("up", true, false, let span) = left,
            sign == "==" && right.number == 0 || sign == "<" && right.number == 1 || sign == "!=" && right.number == 1
        else { return nil }
        return Defect(
            severity: .info, summary: "a target that vanishes from discovery is never told",
            cause:
                "`up` is 0 for a target that does not answer; of one that discovery lists no more there is no `up` at all.",
            remedy: "add an alert on absent(up{…}) beside it",
            patch: lines("absent(\(text(span)))").map {
                "- alert: TargetMissing\n" + Self.indented($0) + "\n  for: \(Self.pending(rule.pending))"
            })
    }

    private static func pending(_ text: String?) -> String {
        guard let text, !text.isEmpty,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) })
        else { return "5m" }
        return text
    }

    // MARK: patches

    private func text(_ span: Range<Int>) -> String { String(decoding: bytes[span], as: UTF8.self) }

    private func block(replacing span: Range<Int>, with new: String) -> String? {
        lines(
            String(decoding: bytes[..<span.lowerBound], as: UTF8.self) + new
                + String(decoding: bytes[span.upperBound...], as: UTF8.self))
    }

    /// Of one line, so that it may stand in a block as it is.
    private func lines(_ expression: String) -> String? {
        let isPlain = expression.utf8.allSatisfy { (0x20...0x7e).contains($0) } && expression.first != " "
        return isPlain ? "expr: |-\n  \(expression)" : nil
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    }
}
