import Diagnosis
import JSON
import NetValues
import Observations
import Planning

/// A run as users and their scripts see it (DESIGN.md section 8): everything that a format shows comes from here. All text
/// in it is free of secrets, and may still hold whatever a peer sent.
package struct Report: Hashable, Sendable {
    package static let schema = "leadsman/report/v1"

    package struct Tool: Hashable, Sendable {
        package var name: String
        package var version: String
        package var additions = JSONObject()
    }

    package struct Vantage: Hashable, Sendable {
        package var name: String
        package var labels: [String: String]
        package var additions = JSONObject()
    }

    package struct FindingEntry: Hashable, Sendable {
        package var finding: Finding
        package var additions = JSONObject()
    }

    package var tool: Tool
    package var vantage: Vantage
    /// RFC 3339
    package var startedAt: String
    package var durationMs: Double
    package var verdict: Judgement.Verdict
    /// Something that was asked for could not be measured.
    package var isIncomplete: Bool
    /// The run was stopped before all checks were done.
    package var isInterrupted: Bool
    package var checks: [CheckReport]
    /// The headline first.
    package var findings: [FindingEntry]
    /// Members of a stored report that this version does not know.
    package var additions = JSONObject()

    /// - Parameters:
    ///   - observation: the vantage itself, over the run; nil for a report that is only to be shown without it.
    ///   - withFacts: false for a report that is only to be shown without them.
    ///   - redact: puts references in the place of secrets; applied once to every text that comes from outside.
    package init(
        judgement: Judgement, vantage: VantageName, strain: VantageStrain = VantageStrain(),
        observation: VantageObservation? = nil, startedAt: WallTime, duration: Duration, toolVersion: String,
        withFacts: Bool = true, redact: (String) -> String
    ) {
        tool = Tool(name: "leadsman", version: toolVersion)
        var additions = strain.members
        additions["state"] = observation?.json.mapStrings(redact)
        self.vantage = Vantage(
            name: redact(vantage.name), labels: vantage.labels.redacted(redact), additions: additions)
        self.startedAt = startedAt.rfc3339
        durationMs = Milliseconds.rounded(duration)
        verdict = judgement.verdict
        isIncomplete = judgement.isIncomplete
        isInterrupted = judgement.checks.contains { $0.record.ending == .interrupted }
        checks = judgement.checks.map { CheckReport($0, withFacts: withFacts, redact: redact) }
        findings = judgement.findings.map { FindingEntry(finding: $0.redacted(redact)) }
        if !judgement.declaredLimits.isEmpty {
            self.additions[DeclaredLimits.key] = DeclaredLimits.json(judgement.declaredLimits.map(redact))
        }
    }

    init(
        tool: Tool, vantage: Vantage, startedAt: String, durationMs: Double, verdict: Judgement.Verdict,
        isIncomplete: Bool,
        isInterrupted: Bool, checks: [CheckReport], findings: [FindingEntry], additions: JSONObject
    ) {
        self.tool = tool
        self.vantage = vantage
        self.startedAt = startedAt
        self.durationMs = durationMs
        self.verdict = verdict
        self.isIncomplete = isIncomplete
        self.isInterrupted = isInterrupted
        self.checks = checks
        self.findings = findings
        self.additions = additions
    }
}

extension Dictionary<String, String> {
    /// Keys too; of two that become the same the last in order stays.
    func redacted(_ redact: (String) -> String) -> [String: String] {
        [String: String](sorted { $0.key < $1.key }.map { (redact($0.key), redact($0.value)) }) { $1 }
    }
}

extension Finding {
    /// Ids and severities are ours and stay as they are.
    func redacted(_ redact: (String) -> String) -> Finding {
        // A copy, so that what a finding comes to hold later is not lost here.
        var finding = self
        finding.subject = redact(subject)
        finding.checks = checks.map(redact)
        finding.summary = redact(summary)
        finding.evidence = evidence.map(redact)
        finding.cause = redact(cause)
        finding.remedy = remedy.map(redact)
        finding.explains = explains.map(redact)
        finding.patch = patch.map(redact)
        finding.location = location.map {
            Location(file: $0.file.map(redact), line: $0.line, object: redact($0.object))
        }
        return finding
    }
}
