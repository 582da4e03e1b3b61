import Connectivity
import Manifests
import NetValues
import Observations
import Planning
import YAML

/// A sidecar or gateway that lets nobody in who is not named (catalogue section 10).
enum MeshAuthzDenied: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "mesh-authz-denied", severity: .error, title: "An authorization policy of the mesh denies requests",
        signals: [
            "403 with the body `RBAC: access denied`, which Envoy says; with manifests: the AuthorizationPolicies that hold for the pods",
            "manifests alone: a principal is written in a form that never matches",
            "manifests alone: nobody runs as the only principals that are allowed",
            "manifests alone: requests come through an ingress gateway that is not among the principals",
        ],
        lookalikes: [
            "the application's own 403: another body, or an upstream took time for it",
            "mtls-required: the connection is reset",
            "a policy without rules denies all on purpose",
        ],
        traps: ["without mutual TLS a caller has no identity, and no principal matches"],
        remedy: ["add the callers' service accounts to the principals: cluster.local/ns/NAMESPACE/sa/ACCOUNT"])

    static let replaces: Set<String> = ["http-status-unexpected", "expectation-unmet"]

    static func findings(in evidence: Evidence) -> [Finding] {
        let denied = evidence.measured.compactMap { check in
            check.unwantedAnswers.first(where: isDenial).map { (check: check, request: $0) }
        }
        return grouped(denied, by: \.request.words).map { words, members in
            let view = evidence.declared
            let policies = view.map { Self.policies(of: members.map(\.check), $0) } ?? []
            let request = members[0].request
            let account = view?.vantage.map { view?.state.workloads[$0] }?.map {
                "cluster.local/ns/\($0.namespace)/sa/\($0.template.serviceAccount)"
            }
            var finding = finding(
                words, checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "\(words) is denied by an authorization policy of the mesh\(policies.only.map { ": \($0.object.title)" } ?? "").",
                evidence: policies.prefix(6).map(line) + [
                    "\(request.method) \(words) at \(request.endpoint): 403, body begins: \(request.response.bodyStart.escaped(limit: 60))"
                ] + (account.map { ["declared: this vantage runs as \($0.escaped(limit: 300))"] } ?? []),
                cause:
                    "The sidecar of the target knows the caller, and no ALLOW policy names it, or a DENY policy does: the request came to no application.",
                remedy: [
                    account.map { "allow this caller: add \($0.escaped(limit: 300)) to the principals of the policy" }
                        ?? explanation.remedy[0],
                    "check that the rule's paths and methods hold for the request too",
                ])
            finding.location = policies.only.map {
                Finding.Location(file: $0.object.file, line: rules(of: $0).line, object: $0.object.title)
            }
            return finding
        }
    }

    private static func isDenial(_ request: AskedRequest) -> Bool {
        request.response.status == 403 && request.response.header("x-envoy-upstream-service-time") == nil
            && request.response.bodyStart.starts(with: Array("RBAC: access denied".utf8))
    }

    /// Those that hold for every pod that the requests go to.
    private static func policies(of checks: [CheckEvidence], _ view: DeclaredView) -> [AuthorizationPolicy] {
        let ends = checks.compactMap(view.destination(of:)).flatMap(\.ends)
        let workloads = ends.compactMap { end -> Workload? in
            if case .workload(let index) = end.party { view.state.workloads[index] } else { nil }
        }
        guard !workloads.isEmpty, workloads.count == ends.count else { return [] }
        return view.state.mesh.authorizationPolicies.filter { policy in
            ["ALLOW", "DENY"].contains(policy.action) && workloads.allSatisfy(policy.concerns)
        }
    }

    private static func rules(of policy: AuthorizationPolicy) -> ManifestPlace {
        policy.object.place(policy.object.spec?.entry("rules"))
    }

    private static func line(_ policy: AuthorizationPolicy) -> String {
        let place = rules(of: policy).words.map { " (\($0))" } ?? ""
        return
            "declared: \(policy.object.title)\(place) holds for its pods: action \(policy.action), \(counted(policy.rules.count, "rule"))"
    }
}
