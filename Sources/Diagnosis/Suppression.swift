import Planning

/// The lower layer wins over the higher, and a named cause over the generic one, check by check. A finding that is left
/// without a check goes.
enum Suppression {
    static func apply(to findings: [Finding]) -> [Finding] {
        let lowest = lowestErrorLayer(findings)
        let unhidden = keeping(findings) { finding, check in
            let layer = layer(of: finding)
            guard layer < .beside else { return true }
            return layer <= lowest[check] ?? layer
        }
        let replaced = replacedIDs(unhidden)
        let layered = keeping(unhidden) { finding, check in !(replaced[check]?.contains(finding.id) ?? false) }
        let explained = explainedChecks(layered)
        return keeping(layered) { finding, check in
            layer(of: finding) != .generic || !explained.contains(check)
        }
    }

    /// For each check the findings in whose place another stands.
    private static func replacedIDs(_ findings: [Finding]) -> [String: Set<String>] {
        var replaced: [String: Set<String>] = [:]
        for finding in findings {
            guard !finding.replaces.isEmpty else { continue }
            for check in finding.checks { replaced[check, default: []].formUnion(finding.replaces) }
        }
        return replaced
    }

    /// For each check the lowest layer at which an error was found.
    private static func lowestErrorLayer(_ findings: [Finding]) -> [String: Layer] {
        var lowest: [String: Layer] = [:]
        for finding in findings where layer(of: finding).hidesAbove && finding.severity >= .error {
            for check in finding.checks { lowest[check] = min(lowest[check] ?? .generic, layer(of: finding)) }
        }
        return lowest
    }

    /// Checks whose state a specific finding accounts for.
    private static func explainedChecks(_ findings: [Finding]) -> Set<String> {
        Set(
            findings.filter { finding in
                let layer = layer(of: finding)
                return layer != .generic && (layer != .performance || finding.severity >= .warning)
                    && RuleBook.explaining.contains(finding.id) && !isStoodIn(finding)
            }.flatMap(\.checks))
    }

    /// A name server that another stood in for, or a line of resolv.conf that is not needed: told as less than the rule's
    /// own severity, since the name was resolved. What then failed has another reason.
    private static func isStoodIn(_ finding: Finding) -> Bool {
        let layer = layer(of: finding)
        guard layer == .vantage || layer == .resolution, let severity = RuleBook.severities[finding.id] else {
            return false
        }
        return finding.severity < severity
    }

    private static func keeping(_ findings: [Finding], where isKept: (Finding, String) -> Bool) -> [Finding] {
        findings.compactMap { finding in
            // About the run as a whole.
            guard !finding.checks.isEmpty else { return finding }
            var finding = finding
            finding.checks = finding.checks.filter { isKept(finding, $0) }
            return finding.checks.isEmpty ? nil : finding
        }
    }

    static func layer(of finding: Finding) -> Layer { RuleBook.layers[finding.id] ?? .generic }
}
