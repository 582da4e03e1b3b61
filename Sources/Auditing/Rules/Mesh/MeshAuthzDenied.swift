import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An AuthorizationPolicy that lets nobody in who is meant to come.
enum MeshAuthzDenied: AuditRule {
    static let explanation = FindingExplanation.shared("mesh-authz-denied", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.mesh.authorizationPolicies.filter { $0.action == "ALLOW" }.compactMap { policy in
            malformed(policy) ?? gatewayLeftOut(policy, state) ?? nobody(policy, state)
        }
    }

    /// `spiffe://` is no part of it, and it has four parts at least, or a `*`.
    private static func malformed(_ policy: AuthorizationPolicy) -> Finding? {
        for principal in policy.rules.flatMap(\.sources).flatMap(\.principals) {
            guard let text = principal.text, !text.hasPrefix("*"), !text.hasSuffix("*") else { continue }
            let isWrong = text.hasPrefix("spiffe://") || !text.contains("/ns/") || !text.contains("/sa/")
            guard isWrong else { continue }
            let bare = text.hasPrefix("spiffe://") ? String(text.dropFirst(9)) : text
            return finding(
                policy.object, at: policy.object.place(principal),
                summary: "\(policy.object.title): the principal \(text.escaped(limit: 200)) matches nobody.",
                evidence: ["a principal reads TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT, without `spiffe://`"],
                cause: "What no rule of an ALLOW policy matches is answered with 403 `RBAC: access denied`.",
                patch: bare.contains("/ns/") && bare.contains("/sa/") && isPlain(bare)
                    ? "principals: [\"\(bare)\"]" : nil)
        }
        return nil
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x2d...0x39).contains($0) }
    }

    /// Principals, where every rule asks for some; nil where one rule does not.
    private static func principals(_ policy: AuthorizationPolicy) -> [YAMLNode]? {
        guard !policy.rules.isEmpty else { return nil }
        var all: [YAMLNode] = []
        for rule in policy.rules {
            guard !rule.sources.isEmpty, rule.sources.allSatisfy({ !$0.principals.isEmpty }) else { return nil }
            all += rule.sources.flatMap(\.principals)
        }
        return all
    }

    private static func account(_ principal: String) -> DeclaredState.Name? {
        let parts = principal.split(separator: "/")
        guard parts.count == 5, parts[1] == "ns", parts[3] == "sa", !principal.contains("*") else { return nil }
        return DeclaredState.Name(String(parts[2]), String(parts[4]))
    }

    private static func nobody(_ policy: AuthorizationPolicy, _ state: DeclaredState) -> Finding? {
        guard let nodes = principals(policy), let first = nodes.first else { return nil }
        let accounts = nodes.compactMap { $0.text.flatMap(account) }
        guard accounts.count == nodes.count else { return nil }
        let users = accounts.flatMap { account in
            state.workloads(in: account.namespace).filter { $0.template.serviceAccount == account.name }
        }
        let isDeclared = accounts.contains { state.object("ServiceAccount", $0.namespace, $0.name) != nil }
        guard users.isEmpty, !isDeclared else { return nil }
        let isComplete = state.set.hasAllPods
        guard isComplete || DeclaredState.isDocument(policy.object.file) else { return nil }
        let shown = accounts.map { "\($0.namespace)/\($0.name)".escaped(limit: 130) }.joined(separator: ", ")
        return finding(
            policy.object, at: policy.object.place(first), confidence: isComplete ? .likely : .possible,
            summary:
                "\(policy.object.title) lets only \(shown) in, as which nobody runs who was read; every other request gets 403.",
            evidence: ["no pod and no ServiceAccount \(shown) among what was read"] + operations(policy),
            cause:
                "What no rule of an ALLOW policy matches, by caller, method and path, is answered with 403 `RBAC: access denied`."
        )
    }

    private static func operations(_ policy: AuthorizationPolicy) -> [String] {
        let operations = policy.rules.flatMap { $0.node["to"]?.items ?? [] }.compactMap { $0["operation"] }
        let words = operations.map { operation in
            let methods = operation["methods"]?.texts ?? []
            let paths = operation["paths"]?.texts ?? []
            return
                "\(methods.isEmpty ? "any method" : methods.joined(separator: ", ")) on \(paths.isEmpty ? "any path" : paths.joined(separator: ", "))"
                .escaped(limit: 200)
        }
        return words.isEmpty ? [] : ["allowed: \(words.joined(separator: "; "))"]
    }

    /// A VirtualService brings requests from the edge to pods whose policy does not know the edge.
    private static func gatewayLeftOut(_ policy: AuthorizationPolicy, _ state: DeclaredState) -> Finding? {
        guard let nodes = principals(policy), let first = nodes.first else { return nil }
        let texts = nodes.compactMap(\.text)
        guard !texts.contains(where: { $0.contains("gateway") || $0.contains("*") }) else { return nil }
        for service in state.mesh.virtualServices where service.gateways.contains(where: { !$0.isMesh }) {
            for destination in service.routes.flatMap(\.destinations) {
                guard let name = MeshHost.service(MeshHost.full(destination.host, in: service.object.namespace)),
                    let target = state.service(name.namespace, name.name),
                    state.workloads(of: target).contains(where: policy.concerns)
                else { continue }
                return finding(
                    policy.object, at: policy.object.place(first), confidence: .likely,
                    summary:
                        "\(policy.object.title) does not let the ingress gateway in, which \(service.object.title) routes through.",
                    evidence: [
                        "\(service.object.title) routes requests from \(service.gateways.map(\.name.name).joined(separator: ", ").escaped(limit: 200)) to \(target.object.title)",
                        "principals: \(texts.prefix(4).joined(separator: ", ").escaped(limit: 300))",
                    ],
                    cause:
                        "The gateway's requests carry the gateway's own identity; no rule allows it, so they get 403 `RBAC: access denied`.",
                    remedy: [
                        "add the gateway's service account, such as cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"
                    ])
            }
        }
        return nil
    }
}
