import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A kind that no API serves, as far as can be known, or a configuration that nobody reads.
enum ManifestAPIUnknown: AuditRule {
    static let explanation = FindingExplanation(
        id: "manifest-api-unknown", severity: .warning, title: "No API is known that serves a kind",
        signals: [
            "the group is Kubernetes' own (ends with k8s.io) or known as a whole, and has no such kind",
            "the kind is known, in another group",
            "a ConfigMap in a form that the component it is named after does not read",
        ],
        lookalikes: ["a version that was served before: manifest-api-removed"],
        traps: [
            "custom resources of groups that are not known here are told as not judged, not as wrong",
            "a CustomResourceDefinition among the manifests makes its kind known",
        ],
        remedy: [
            "write group and kind as the cluster serves them: kubectl api-resources",
            "install the CustomResourceDefinition first",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let defined = CustomKinds(state)
        return state.set.objects.compactMap { object in
            guard !defined.contains(object) else { return nil }
            return unserved(object) ?? unreadConfiguration(object, state)
        }
    }

    private static func unserved(_ object: ManifestObject) -> Finding? {
        guard !object.apiVersion.isEmpty, let why = reason(object) else { return nil }
        return finding(
            object, at: object.place(object["apiVersion"]), severity: why.isMistyped ? .error : nil,
            confidence: why.isReserved ? .certain : .likely,
            summary:
                "\(object.title): no \(object.kind.escaped(limit: 63)) in \(object.apiVersion.escaped(limit: 80)) is known.",
            evidence: [
                "apiVersion: \(object.apiVersion.escaped(limit: 80)), kind: \(object.kind.escaped(limit: 63))",
                why.text,
            ],
            cause:
                "Unless somebody defines it, the API server answers \"no matches for kind\", and the object never comes to be.",
            patch: why.patch)
    }

    private struct Reason {
        let text: String
        let isReserved: Bool
        /// A kind of Kubernetes' own, which nobody else defines under such a name.
        var isMistyped = false
        var patch: String?
    }

    private static func reason(_ object: ManifestObject) -> Reason? {
        guard !APIGroups.isKnown(object) else { return mistypedVersion(object) ?? azureVersion(object) }
        let groups = APIGroups.groups(of: object.kind)
        let elsewhere =
            groups.isEmpty
            ? "" : "; \(object.kind) is served by \(groups.map { $0.isEmpty ? "v1" : $0 }.joined(separator: ", "))"
        if let kinds = APIGroups.kinds[object.group] {
            let near = nearestWord(to: object.kind, among: kinds).map { ": did you mean \($0)?" } ?? ""
            let group = object.group.isEmpty ? "the core group" : object.group
            return Reason(
                text: "\(group) has no such kind\(near)\(elsewhere)", isReserved: true,
                patch: groups == ["externaldns.k8s.io"] ? "apiVersion: externaldns.k8s.io/v1alpha1" : nil)
        }
        if object.group.hasSuffix(".aws.k8s.io") || object.group == "aws.k8s.io" {
            return Reason(
                text: "AWS's controllers serve \(awsGroups), and not \(object.group)\(elsewhere)", isReserved: false)
        }
        let own = groups.filter { $0.hasSuffix(".k8s.io") && APIGroups.kinds[$0] != nil }
        if object.group.hasSuffix(".k8s.io"), own.count == 1, let meant = own.first {
            return Reason(
                text: "\(object.group.escaped(limit: 80)) is no group of Kubernetes: did you mean \(meant)?",
                isReserved: true, isMistyped: true)
        }
        // The same kind under a group that differs by a slip of the pen.
        guard let near = nearestWord(to: object.group, among: Set(APIGroups.kinds.keys).subtracting([""])),
            APIGroups.kinds[near]?.contains(object.kind) == true
        else { return azureVersion(object) }
        return Reason(text: "did you mean the group \(near)?", isReserved: false)
    }

    /// Versions are v1, v2beta1, v1alpha1; the core group has v1 alone.
    private static func mistypedVersion(_ object: ManifestObject) -> Reason? {
        let isOwn = object.group.isEmpty || !object.group.contains(".") || object.group.hasSuffix(".k8s.io")
        let version = String(object.apiVersion.split(separator: "/").last ?? "")
        guard isOwn, object.group.isEmpty ? version != "v1" : !isVersion(version) else { return nil }
        return Reason(
            text:
                "`\(version.escaped(limit: 40))` is no version\(object.group.isEmpty ? " of the core group, which has v1 alone" : ": they are written v1, v2beta1, v1alpha1")",
            isReserved: true, isMistyped: true, patch: object.group.isEmpty ? "apiVersion: v1" : nil)
    }

    private static func isVersion(_ text: String) -> Bool {
        var rest = text[...]
        guard rest.popFirst() == "v", rest.first?.isNumber == true else { return false }
        rest = rest.drop { $0.isNumber }
        for word in ["alpha", "beta"] where rest.hasPrefix(word) {
            let digits = rest.dropFirst(word.count)
            return !digits.isEmpty && digits.allSatisfy(\.isNumber)
        }
        return rest.isEmpty
    }

    private static let awsGroups = "SERVICE.services.k8s.aws, vpcresources.k8s.aws and crd.k8s.amazonaws.com"

    /// Azure Service Operator names its versions after those of Azure.
    private static func azureVersion(_ object: ManifestObject) -> Reason? {
        guard object.group.hasSuffix(".azure.com"), object.group != "azure.com",
            let version = object.apiVersion.split(separator: "/").last, !version.contains("20")
        else { return nil }
        return Reason(
            text:
                "Azure Service Operator serves \(object.group) in versions such as v1api20201101, and not in \(version.escaped(limit: 40))",
            isReserved: false)
    }

    /// ExternalDNS is told by its arguments, and reads no file of zones.
    private static func unreadConfiguration(_ object: ManifestObject, _ state: DeclaredState) -> Finding? {
        guard object.isKind("ConfigMap", ""), object.name.hasPrefix("external-dns"),
            let entry = object["data"]?.entries.first(where: { $0.key.contains(".") }),
            !state.workloads(in: object.namespace).contains(where: {
                PodReferences($0).names(.configMap).contains(object.name)
            })
        else { return nil }
        return finding(
            object, at: object.place(entry), confidence: .possible,
            summary: "\(object.title): ExternalDNS reads no such configuration.",
            evidence: [
                "the key \(entry.key.escaped(limit: 60)) holds a file",
                "ExternalDNS takes its settings as arguments and variables of its container",
                "no pod that was read mounts this ConfigMap",
            ],
            cause: "A ConfigMap that no program reads changes nothing.",
            remedy: [
                "set ExternalDNS up by its arguments (--domain-filter, --provider, …)",
                "forward zones in the cluster DNS's own configuration: coredns-custom (AKS), or the Corefile",
            ])
    }
}

/// Kinds that CustomResourceDefinitions among the manifests define.
struct CustomKinds {
    private let kinds: Set<APIGroups.Kind>

    init(_ state: DeclaredState) {
        kinds = Set(
            state.objects("CustomResourceDefinition").compactMap { object in
                guard let group = object["spec", "group"]?.text, let kind = object["spec", "names", "kind"]?.text else {
                    return nil
                }
                return APIGroups.Kind(group, kind)
            })
    }

    func contains(_ object: ManifestObject) -> Bool { kinds.contains(APIGroups.Kind(object.group, object.kind)) }
}
