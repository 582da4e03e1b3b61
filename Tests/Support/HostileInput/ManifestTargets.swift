import Auditing
import Connectivity
import Diagnosis
import JSON
import LinuxIO
import ManifestFiles
import Manifests
import NetValues
import PlanDerivation
import PlanFile
import Planning
import ProbeKit
import Reporting

extension FuzzTarget {
    private static let manifestWords =
        yamlWords + [
            "apiVersion: ", "kind: ", "metadata: ", "spec: ", "networking.k8s.io/v1", "NetworkPolicy", "Service",
            "Deployment", "Ingress", "Secret", "ConfigMap", "Gateway", "HTTPRoute", "DestinationRule", "ServiceEntry",
            "AuthorizationPolicy", "VirtualService", "PrometheusRule", "podSelector: ", "matchLabels: ",
            "matchExpressions: ", "ingress: ", "egress: ", "ipBlock: ", "cidr: ", "except: ", "ports: ", "endPort: ",
            "targetPort: ", "{{ .Values }}", "null", "65536", "-1", "1e999", "9223372036854775808", "0.0.0.0/0", "::/0",
            "```yaml\n", "```\n", "kubectl apply -f - <<EOF\n", "EOF\n", "\\e[31m",
        ]

    /// Reading, every rule, the patches and the report.
    static let manifests = FuzzTarget("manifests", words: manifestWords, seeds: { ManifestSeeds.all }) { bytes in
        for file in ["a.yaml", "guide.md", "a.sh"] {
            let set = ManifestReader.read(bytes, file: file)
            for problem in set.problems { try isLine(problem.place.line, of: bytes, problem.message) }
            let findings = AuditBook.judge(DeclaredState(set))
            for finding in findings {
                try isLine(finding.location?.line ?? 1, of: bytes, finding.id)
                try isFitToBeShown(finding)
                guard let patch = finding.patch else { continue }
                let reread = ManifestReader.read(Array(patch.utf8), file: "patch.yaml")
                try hold(
                    reread.problems.isEmpty, "a patch of \(finding.id) that is wrong: \(reread.problems)\n\(patch)")
            }
            let report = AuditReport(toolVersion: "0", objects: set.objects.count, findings: findings)
            let page = report.rendered(as: .text, style: TextStyle(width: 40, verbosity: .verbose))
            try hold(!page.utf8.contains { $0 < 0x20 && $0 != 0x0a }, "a page with control characters")
            let json = try? JSONParser.parse(Array(report.rendered(as: .json, style: TextStyle()).utf8))
            try hold(json?["findings"]?.array?.count == findings.count, "a report that is no JSON")
        }
    }

    private static func isLine(_ line: Int, of bytes: [UInt8], _ what: String) throws {
        try hold((1...bytes.count + 1).contains(line), "\(what) in line \(line)")
    }

    private static func isFitToBeShown(_ finding: Finding) throws {
        let texts =
            [finding.subject, finding.summary, finding.cause, finding.location?.object ?? ""] + finding.evidence
            + finding.remedy
        for text in texts {
            try hold(text.utf8.count <= 1 << 16, "\(finding.id): a text of \(text.utf8.count) bytes")
            try hold(!text.utf8.contains { $0 < 0x20 }, "\(finding.id): control characters: \(text.debugDescription)")
        }
        try hold(!finding.summary.isEmpty && !finding.remedy.isEmpty, "\(finding.id) says nothing")
    }

    private static let planReader = PlanReader(
        probes: catalogue.descriptions, environment: { _ in nil },
        readFile: { _ in .failure(UnreadableFile(reason: "none here")) },
        validate: { check in
            do throws(PlanProblem) {
                _ = try catalogue.probe(for: check)
                return nil
            } catch { return error }
        })

    /// Who may talk to whom, and the plans that follow: each is read again without a mistake.
    static let derivedPlan = FuzzTarget("derived-plan", words: manifestWords, seeds: { ManifestSeeds.all }) { bytes in
        let state = DeclaredState(ManifestReader.read(bytes, file: "a.yaml"))
        guard state.workloads.count <= 64 else { return }
        let evaluation = PolicyEvaluation(state)
        var rows = 0
        ConnectivityRows(evaluation).forEach { _ in rows += 1 }
        let parties = state.workloads.count + 1
        try hold(rows <= parties * (parties + 1000), "\(rows) rows of \(parties) parties")
        var differences = 0
        ConnectivityDifference(old: state, new: state).forEach { _ in differences += 1 }
        try hold(differences == 0, "\(differences) differences to itself")
        for vantage in state.workloads.indices.prefix(3) {
            let plan = PlanDerivation.plan(state, as: vantage, mostChecks: 200)
            let text = plan.text
            guard !plan.checks.isEmpty else { continue }
            let reread = Result { () throws(PlanProblems) in
                try planReader.read(bytes: Array(text.utf8), file: "f").checks.count
            }
            try hold((try? reread.get()) == plan.checks.count, "\(reread)\n\(text)")
        }
    }
}
