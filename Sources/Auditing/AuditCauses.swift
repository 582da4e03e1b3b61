import Diagnosis
import Manifests
import Planning
import YAML

/// Which findings follow from others (DESIGN section 8). A cause is always of an earlier step than what follows from it, so that nothing
/// explains itself: an object that is refused or unread, then what is written wrongly, then what is out of reach for it.
enum AuditCauses {
    private static let steps: [[String]] = [
        ["manifest-invalid", "manifest-api-unknown", "manifest-api-removed", "manifest-document-separator"],
        [
            "policy-selector-matches-nothing", "policy-namespace-mismatch", "policy-port-not-targetport",
            "policy-peer-mismatch", "service-no-endpoints", "service-port-mismatch",
        ],
        [
            "policy-denies-expected-flow", "ingress-backend-missing", "mesh-route-missing", "headless-service-missing",
            "monitor-selects-nothing",
        ],
    ]
    private static let stepOf = Dictionary(
        uniqueKeysWithValues: steps.enumerated().flatMap { step, ids in ids.map { ($0, step) } })

    static func link(_ findings: [Finding], _ state: DeclaredState) -> [Finding] {
        let causes = findings.indices.filter { stepOf[findings[$0].id] ?? 2 < 2 }
        guard !causes.isEmpty else { return findings }
        let objects = RefusedObjects(findings.filter { stepOf[$0.id] == 0 }, state)
        let byTitle = Dictionary(grouping: causes) { title(findings[$0]) }
        var linked = findings
        for step in 1..<steps.count {
            for (index, finding) in findings.enumerated() where stepOf[finding.id] == step {
                tie(index, to: sources(of: finding, step, findings, byTitle, causes, objects), &linked)
            }
        }
        return linked
    }

    private static func sources(
        of finding: Finding, _ step: Int, _ findings: [Finding], _ byTitle: [String: [Int]], _ causes: [Int],
        _ objects: RefusedObjects
    ) -> [Int] {
        let own = title(finding)
        let concerns = Set(finding.concerns.map { $0.lowercased() })
        let titles = concerns.union([own]).union(objects.workloads(behind: finding))
        let found = titles.flatMap { byTitle[$0] ?? [] }.filter { cause in
            let earlier = stepOf[findings[cause].id] ?? 2
            let subject = title(findings[cause])
            return earlier < step && (subject != own || earlier == 0 || concerns.contains(subject))
        }
        guard found.isEmpty, objects.isUnread(finding.concerns) else { return found.sorted() }
        return causes.filter { findings[$0].id == "manifest-invalid" && objects.isText(findings[$0]) }
    }

    private static func title(_ finding: Finding) -> String {
        (finding.location?.object ?? finding.subject).lowercased()
    }

    private static func worst(_ indices: [Int], _ findings: [Finding]) -> Severity {
        indices.map { findings[$0].severity }.max() ?? .info
    }

    private static func tie(_ index: Int, to causes: [Int], _ findings: inout [Finding]) {
        guard !causes.isEmpty else { return }
        let id = findings[index].id
        for cause in causes {
            if !findings[index].causedBy.contains(findings[cause].id) {
                findings[index].causedBy.append(findings[cause].id)
            }
            if !findings[cause].explains.contains(id) { findings[cause].explains.append(id) }
            // A mistake is as grave as what it brings about.
            findings[cause].severity = max(findings[cause].severity, findings[index].severity)
        }
        // What follows from it stands behind it.
        if let below = Severity.allCases.last(where: { $0 < worst(causes, findings) }) {
            findings[index].severity = min(findings[index].severity, below)
        }
        // What lets packets past a mistake is not what mends it.
        if id == "policy-denies-expected-flow" {
            findings[index].patch = nil
            findings[index].remedy = ["mend the cause first: the flow is then allowed"]
        }
    }
}

/// Objects that the API does not take, and texts that could not be read.
private struct RefusedObjects {
    private let titles: Set<String>
    private let workloads: [(title: String, namespace: String, labels: [[String: String]])]
    private let state: DeclaredState
    private let known: Set<String>
    private let hasUnreadText: Bool

    init(_ refusals: [Finding], _ state: DeclaredState) {
        self.state = state
        let titles = Set(refusals.compactMap { $0.location?.object })
        self.titles = titles
        workloads =
            titles.isEmpty
            ? []
            : state.set.objects.compactMap { object in
                guard let template = object["spec", "template"], titles.contains(object.title) else { return nil }
                let labels = [template["metadata", "labels"], object["spec", "selector", "matchLabels"]]
                return (object.title.lowercased(), object.namespace, labels.compactMap { $0?.textMap })
            }
        known = titles.isEmpty ? [] : Set(state.set.objects.map { $0.title.lowercased() })
        hasUnreadText = state.set.problems.contains { $0.kind == .unreadable }
    }

    /// Workloads that a Service without pods would have led to.
    func workloads(behind finding: Finding) -> [String] {
        guard finding.id == "service-no-endpoints", !workloads.isEmpty,
            let service = state.services.first(where: { $0.object.title == finding.location?.object }),
            let selector = service.selector
        else { return [] }
        let wanted = LabelSelector(matchLabels: selector)
        return workloads.filter { $0.namespace == service.namespace && $0.labels.contains(where: wanted.matches) }
            .map(\.title)
    }

    /// One of these objects is nowhere, and a text in which it may stand could not be read.
    func isUnread(_ titles: Set<String>) -> Bool {
        hasUnreadText && titles.contains { !known.contains($0.lowercased()) }
    }

    /// About a text, and no object.
    func isText(_ finding: Finding) -> Bool {
        finding.summary.hasPrefix("This cannot be read")
            && !known.contains((finding.location?.object ?? "").lowercased())
    }
}
