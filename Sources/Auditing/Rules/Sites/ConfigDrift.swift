import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// The same object, declared differently for two sites.
enum ConfigDrift: AuditRule {
    static let explanation = FindingExplanation(
        id: "config-drift", severity: .warning, title: "Sites declare the same thing differently",
        signals: [
            "an object of one name stands in the folders of two sites (clusters/a and clusters/b, us-east and eu-west), and ports, rules, issuer or DNS servers differ (IST0170)",
            "live: the same checks from two sites end differently",
        ],
        lookalikes: [
            "a base and its overlays (kustomize), and environments such as staging, which differ on purpose",
            "folders that are no sites: old and new, v1 and v2, examples, releases",
        ],
        traps: ["address ranges, replicas, images and addresses are each site's own and not compared"],
        remedy: ["declare it once, and derive the sites from it (kustomize, Helm, GitOps)"])

    private struct Key: Hashable {
        let kind: String
        let namespace: String
        let name: String
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !isLayered(state) else { return [] }
        var bySite: [Key: [SiteFolder: ManifestObject]] = [:]
        for object in state.set.objects {
            guard DriftView.isCompared(object), let site = SiteFolder(of: object.file) else { continue }
            let key = Key(kind: object.kind, namespace: object.namespace, name: object.name)
            if bySite[key]?[site] == nil { bySite[key, default: [:]][site] = object }
        }
        return bySite.values.flatMap { compare($0) }
    }

    /// Layers of kustomize say the same object piece by piece.
    private static func isLayered(_ state: DeclaredState) -> Bool {
        !state.objects("Kustomization").isEmpty
            || state.set.fragments.contains { fragment in
                let name = fragment.file?.split(separator: "/").last
                return name == "kustomization.yaml" || name == "kustomization.yml"
            }
    }

    private static func compare(_ sites: [SiteFolder: ManifestObject]) -> [Finding] {
        let ordered = sites.sorted { $0.value.place < $1.value.place }
        guard let first = ordered.first else { return [] }
        return ordered.dropFirst().compactMap { other in
            guard other.key.isOtherSite(than: first.key) else { return nil }
            for (left, right) in zip(DriftView.of(first.value), DriftView.of(other.value))
            where left.value != right.value {
                return finding(first.value, other.value, left, right)
            }
            return nil
        }
    }

    private static func finding(
        _ first: ManifestObject, _ other: ManifestObject, _ left: DriftView.Part, _ right: DriftView.Part
    ) -> Finding {
        finding(
            other, at: other.place(right.node), confidence: .likely,
            summary: "\(other.title): \(right.what) differ from those of the same object of another site.",
            evidence: [
                "\(first.place(left.node).words ?? ""): \(left.shown.escaped(limit: 200))",
                "\(other.place(right.node).words ?? ""): \(right.shown.escaped(limit: 200))",
            ],
            cause: "What works in one site fails in the other, and nothing but their manifests says why.")
    }
}

/// The parts of an object that should be the same everywhere.
struct DriftView {
    struct Part {
        let what: String
        let value: String
        /// For people; holds no secret.
        let shown: String
        let node: YAMLNode?
    }

    static func isCompared(_ object: ManifestObject) -> Bool {
        switch (object.group, object.kind) {
        case ("", "Service"), ("networking.k8s.io", "NetworkPolicy"), ("networking.k8s.io", "Ingress"),
            ("security.istio.io", "PeerAuthentication"), ("security.istio.io", "AuthorizationPolicy"):
            true
        case ("", "ConfigMap"): object.namespace == "kube-system" && object.name.hasPrefix("coredns")
        default: false
        }
    }

    /// In the same order for each object of a kind.
    static func of(_ object: ManifestObject) -> [Part] {
        switch object.kind {
        case "Service": [ports(object)]
        case "Ingress":
            ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"].map { key in
                let node = object["metadata", "annotations", key]
                return Part(
                    what: "the issuers of its certificate", value: node?.text ?? "", shown: node?.text ?? "none",
                    node: node)
            }
        case "ConfigMap": [forwards(object)]
        default:
            [
                Part(
                    what: "the rules", value: canonical(object.spec, depth: 0), shown: "rules of \(object.title)",
                    node: object.spec)
            ]
        }
    }

    private static func ports(_ object: ManifestObject) -> Part {
        let ports = DeclaredService(object)?.ports ?? []
        let words = ports.map { port in
            let target =
                switch port.target {
                case .number(let number): String(number);
                case .named(let name): name
                }
            return "\(port.name.map { "\($0) " } ?? "")\(port.transport.rawValue) \(port.number) to \(target)"
        }.sorted()
        return Part(
            what: "the ports", value: words.joined(separator: ", "), shown: words.joined(separator: ", "),
            node: object["spec", "ports"])
    }

    private static func forwards(_ object: ManifestObject) -> Part {
        let texts = (object["data"]?.entries ?? []).compactMap(\.value.text)
        let lines = texts.flatMap { $0.split(separator: "\n") }.map { $0.split(separator: " ").joined(separator: " ") }
        let forwards = lines.filter { $0.hasPrefix("forward ") }.sorted()
        return Part(
            what: "the DNS servers that are forwarded to", value: forwards.joined(separator: "; "),
            shown: forwards.isEmpty ? "none" : forwards.joined(separator: "; "), node: object["data"])
    }

    /// The same text for the same meaning: keys in order, and ranges, which are each site's own, left out.
    private static func canonical(_ node: YAMLNode?, depth: Int) -> String {
        guard let node, depth < 32 else { return "" }
        if node.isMap {
            let entries = node.entries.filter { !["cidr", "except", "ipBlocks", "remoteIpBlocks"].contains($0.key) }
            return "{"
                + entries.sorted { $0.key < $1.key }.map { "\($0.key):\(canonical($0.value, depth: depth + 1))" }
                .joined(separator: ",") + "}"
        }
        if node.isList {
            return "[" + node.items.map { canonical($0, depth: depth + 1) }.sorted().joined(separator: ",") + "]"
        }
        return node.text ?? ""
    }
}
