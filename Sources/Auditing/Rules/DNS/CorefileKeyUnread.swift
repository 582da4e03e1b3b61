import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Keys of AKS's ConfigMap coredns-custom that CoreDNS does not import (catalogue sections 3 and 14).
enum CorefileKeyUnread: AuditRule {
    static let explanation = ManifestAPIUnknown.explanation

    static func findings(in state: DeclaredState) -> [Finding] {
        state.objects("ConfigMap", "").filter { $0.name == "coredns-custom" && $0.namespace == "kube-system" }.flatMap {
            object in
            (object["data"]?.entries ?? []).filter { entry in
                ![".server", ".override"].contains(where: entry.key.hasSuffix)
                    // A file that another key imports or reads by its name.
                    && !(object["data"]?.entries ?? []).contains { $0.value.text?.contains(entry.key) ?? false }
            }.map { entry in
                finding(
                    object, at: object.place(entry), confidence: .likely,
                    summary: "\(object.title): CoreDNS does not read the key \(entry.key.escaped(limit: 63)).",
                    evidence: ["its Corefile imports custom/*.override and custom/*.server"],
                    cause:
                        "What stands under another key changes nothing: the zone is not forwarded, the host not known.",
                    remedy: [
                        "end the key in .server (a server block of its own) or .override (lines of the default block)",
                        "restart the coredns pods after the change",
                    ])
            }
        }
    }
}
