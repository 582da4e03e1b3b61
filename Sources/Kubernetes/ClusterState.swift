import Manifests
import NetValues

/// The set that grows out of what was read, with what could not be.
struct ClusterState {
    private struct Gap: Hashable {
        /// Nil: nowhere.
        let outside: String?
        let why: String
    }

    private var objects: [ManifestObject] = []
    private var seen: Set<String> = []
    private var gaps: [Gap: [String]] = [:]
    private var order: [Gap] = []
    private var partial: Set<String> = []
    /// Kinds of which all of the own namespace was read.
    private var ownKinds: Set<String> = []
    private var namespaces: Set<String>?
    private let namespace: String

    init(_ discovery: Discovery, namespace: String) {
        self.namespace = namespace
        for (resource, why) in discovery.unknown {
            partial.insert(resource.kind)
            note(resource.plural, Gap(outside: nil, why: why))
        }
    }

    mutating func take(_ harvest: Harvest) {
        // Certificates come after the names of all Secrets, and say more.
        if harvest.kind == "Secret", seen.contains("Secret") {
            let known = Set(harvest.objects.map { "\($0.namespace)/\($0.name)" })
            objects.removeAll { $0.kind == "Secret" && known.contains("\($0.namespace)/\($0.name)") }
        }
        seen.insert(harvest.kind)
        objects += harvest.objects
        if harvest.kind == "Namespace", case .cluster = harvest.reach { namespaces = Set(harvest.objects.map(\.name)) }
        switch harvest.reach {
        case .cluster, .absent: return
        case .namespace(let refusal):
            note(harvest.shown, Gap(outside: namespace, why: words(refusal)))
            ownKinds.insert(harvest.kind)
        case .nothing(let refusal):
            let tried = refusal.status == 403 && harvest.isNamespaced ? ", also in namespace \(namespace)" : ""
            note(harvest.shown, Gap(outside: nil, why: words(refusal) + tried.escaped(limit: 100)))
        }
        partial.insert(harvest.kind)
    }

    private mutating func note(_ what: String, _ gap: Gap) {
        if gaps[gap] == nil { order.append(gap) }
        if gaps[gap]?.contains(what) != true { gaps[gap, default: []].append(what) }
    }

    private func words(_ refusal: APIRefusal) -> String {
        switch refusal.status {
        case 403: "forbidden" + (refusal.user.map { " to \($0)" } ?? "")
        case 200: refusal.message
        default: "HTTP \(refusal.status)" + (refusal.message.isEmpty ? "" : ": \(refusal.message)")
        }
    }

    /// Whether a namespace is there, as far as is known: a name that RBAC hides would be told as forbidden although it does not exist.
    func mayHold(_ namespace: String) -> Bool { namespaces?.contains(namespace) ?? (namespace == "kube-system") }

    var set: ManifestSet {
        var set = ManifestSet()
        set.objects = objects
        set.notReadable = order.map { gap in
            let what = (gaps[gap] ?? []).joined(separator: ", ")
            return ManifestSet.NotReadable(
                what: gap.outside.map { "\(what) outside namespace \($0.escaped(limit: 63))" } ?? what, why: gap.why)
        }
        let looked = ResourceKind.all.map(\.kind) + ["Secret"]
        set.wholeKinds = Set(looked).subtracting(partial)
        set.wholeKindsInNamespaces = [namespace: ownKinds]
        set.isComplete = partial.subtracting(["ConfigMap"]).isEmpty
        return set
    }
}
