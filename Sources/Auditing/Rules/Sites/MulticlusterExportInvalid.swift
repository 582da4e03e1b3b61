import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Services of several clusters, declared as nobody reads them.
enum MulticlusterExportInvalid: AuditRule {
    static let explanation = FindingExplanation(
        id: "multicluster-export-invalid", severity: .error, title: "A Service is exported in a form nobody reads",
        signals: [
            "a ServiceExport with fields beside its name (ports, …), which are dropped",
            "a ServiceExport without a Service of the same name",
            "a ServiceImport whose addresses were written by hand", "conditions Valid or Conflict that say so",
            "live: SERVICE.NAMESPACE.svc.clusterset.local is not found",
        ],
        lookalikes: ["dns-name-not-found: the exporting cluster is down or not joined"],
        traps: [
            "a ServiceImport that was read from a cluster has its addresses from the controller",
            "the Service may be declared elsewhere",
        ],
        remedy: [
            "export by name only: the ServiceExport has the name and namespace of the Service, and no spec",
            "let the controller create the ServiceImport",
        ])

    /// mcs-api v1alpha1 and v1beta1: ServiceExportSpec.
    private static let exportFields: Set<String> = ["exportedLabels", "exportedAnnotations"]

    static func findings(in state: DeclaredState) -> [Finding] {
        state.objects("ServiceExport").flatMap { [fields($0), service($0, state), condition($0)].compactMap(\.self) }
            + state.objects("ServiceImport").compactMap(addresses)
    }

    private static func fields(_ object: ManifestObject) -> Finding? {
        guard let entry = object.spec?.entries.first(where: { !exportFields.contains($0.key) }) else { return nil }
        return finding(
            object, at: object.place(entry),
            summary: "\(object.title): a ServiceExport has no \(entry.key.escaped(limit: 60)), so it is dropped.",
            evidence: ["spec.\(entry.key.escaped(limit: 60)) is no field of ServiceExport (multicluster.k8s.io)"],
            cause: "A Service is exported as it is, by its name; ports and targets are those of the Service.",
            patch: isPlain(object.name) ? whole(object) : nil)
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }

    private static func whole(_ object: ManifestObject) -> String {
        let namespace = object.writtenNamespace.flatMap { isPlain($0) ? "\n  namespace: \($0)" : nil } ?? ""
        return
            "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceExport\nmetadata:\n  name: \(object.name)\(namespace)"
    }

    private static func service(_ object: ManifestObject, _ state: DeclaredState) -> Finding? {
        guard state.service(object.namespace, object.name) == nil else { return nil }
        let others = state.services.filter { $0.namespace == object.namespace }.map(\.name)
        let near = nearestWord(to: object.name, among: others)
        guard
            state.set.hasAll("Service") || near != nil
                || object.spec.map(hasNoForeignField) ?? true && DeclaredState.isDocument(object.file)
        else { return nil }
        return finding(
            object, confidence: state.set.hasAll("Service") ? .certain : near != nil ? .likely : .possible,
            summary:
                "\(object.title) exports a Service that is not declared in \(object.namespace.escaped(limit: 63)).",
            evidence: [
                "no Service \(object.name.escaped(limit: 63)) in \(object.namespace.escaped(limit: 63)) among what was read"
            ]
                + (near.map { ["there is a Service \($0.escaped(limit: 63))"] } ?? []),
            cause: "An export takes effect for the Service of its own name and namespace only.")
    }

    /// One finding an object: the fields are told first.
    private static func hasNoForeignField(_ spec: YAMLNode) -> Bool {
        spec.entries.allSatisfy { exportFields.contains($0.key) }
    }

    private static func condition(_ object: ManifestObject) -> Finding? {
        for condition in object["status", "conditions"]?.items ?? [] {
            let isBad =
                condition["type"]?.text == "Valid" && condition["status"]?.text == "False"
                || condition["type"]?.text == "Conflict" && condition["status"]?.text == "True"
            guard isBad else { continue }
            let word = condition["type"]?.text == "Valid" ? "not valid" : "in conflict with another cluster's"
            return finding(
                object, summary: "\(object.title): the controller says it is \(word).",
                evidence: [condition["message"]?.text?.escaped(limit: 300) ?? "no message"],
                cause: "Exports of one name must agree in ports and type over all clusters.",
                remedy: ["make the Service the same in all clusters that export it"])
        }
        return nil
    }

    private static func addresses(_ object: ManifestObject) -> Finding? {
        let isFromCluster = ["uid", "resourceVersion", "managedFields", "ownerReferences"].contains {
            object["metadata", $0] != nil
        }
        guard !isFromCluster, let ips = object.spec?.entry("ips"), !ips.value.items.isEmpty else { return nil }
        return finding(
            object, at: object.place(ips), confidence: .likely,
            summary: "\(object.title): the addresses were written by hand, and the controller's are others.",
            evidence: ["spec.ips: \(ips.value.texts.prefix(4).joined(separator: ", ").escaped(limit: 160))"],
            cause:
                "The address of an import belongs to the ClusterSet's own range and is assigned by the controller; nothing answers at another.",
            remedy: ["leave the ServiceImport to the controller of the exporting clusters"])
    }
}
