import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A reference to what is not there.
enum ManifestRefMissing: AuditRule {
    static let explanation = FindingExplanation(
        id: "manifest-ref-missing", severity: .error, title: "A reference leads to nothing",
        signals: [
            "a container mounts a volume that its pod does not have",
            "a ConfigMap, Secret, PersistentVolumeClaim or Istio Gateway is named and not declared in that namespace",
        ],
        lookalikes: [
            "what an Ingress names: ingress-backend-missing, tls-default-certificate",
            "what is generated: by kustomize, cert-manager, External Secrets, Sealed Secrets",
        ],
        traps: [
            "manifests are seldom all there is: of files a missing object is told as possible, and a Secret not at all, since they are kept elsewhere",
            "`optional: true` may be missing",
        ],
        remedy: ["declare the object in the same namespace, or correct the name"])

    static func findings(in state: DeclaredState) -> [Finding] {
        let known = DeclaredNames(state)
        return state.workloads.flatMap { workload in
            let references = PodReferences(workload)
            return volumes(workload, references) + objects(workload, references, known)
        } + gateways(state, known)
    }

    private static func volumes(_ workload: Workload, _ references: PodReferences) -> [Finding] {
        references.unknownVolumes.map { mount in
            let name = mount.name.escaped(limit: 63)
            return finding(
                workload.object, at: workload.object.place(mount.node),
                summary:
                    "\(workload.object.title): container \(mount.container.escaped(limit: 63)) mounts the volume \(name), which the pod does not have.",
                evidence: ["volumeMounts names \(name); neither volumes nor volumeClaimTemplates has it"],
                cause: "The API server refuses such pods, so that none is ever created.",
                remedy: ["add the volume to spec.template.spec.volumes, or to volumeClaimTemplates of a StatefulSet"],
                patch: workload.kind == "StatefulSet" ? claimTemplate(name) : nil)
        }
    }

    private static func claimTemplate(_ name: String) -> String {
        """
        spec:
          volumeClaimTemplates:
          - metadata:
              name: \(name)
            spec:
              accessModes: ["ReadWriteOnce"]
              resources:
                requests:
                  storage: 10Gi
        """
    }

    /// Each object once for a workload.
    private static func objects(
        _ workload: Workload, _ references: PodReferences, _ known: DeclaredNames
    ) -> [Finding] {
        var told = Set<String>()
        return references.needed.compactMap { reference in
            let name = DeclaredState.Name(workload.namespace, reference.name)
            guard !known.has(reference.kind.rawValue, name), !known.isMadeByItself(reference, workload),
                told.insert("\(reference.kind.rawValue) \(reference.name)").inserted
            else { return nil }
            return missing(
                reference.kind.rawValue, name, of: workload.object, at: reference.node, known,
                effect:
                    "Pods that need it wait (CreateContainerConfigError, FailedMount or unbound claims) and never start."
            )
        }
    }

    private static func gateways(_ state: DeclaredState, _ known: DeclaredNames) -> [Finding] {
        state.mesh.virtualServices.flatMap { route in
            route.gateways.compactMap { gateway -> Finding? in
                guard !gateway.isMesh, !known.has("Gateway", gateway.name) else { return nil }
                return missing(
                    "Gateway", gateway.name, of: route.object, at: gateway.node, known,
                    effect: "The routes are bound to no listener: requests from outside get no answer or 404.")
            }
        }
    }

    private static func missing(
        _ kind: String, _ name: DeclaredState.Name, of object: ManifestObject, at node: YAMLNode,
        _ known: DeclaredNames,
        effect: String
    ) -> Finding? {
        let elsewhere = known.namespaces(of: kind, name.name).filter { $0 != name.namespace }
        let near = known.nearest(kind, name)
        let weight: (severity: Severity, confidence: Finding.Confidence)
        if known.isComplete(kind) {
            weight = (.error, .certain)
        } else if object.file == nil {
            // Of an API that did not show all of the kind: what is named runs there, so that it is likely to exist.
            return nil
        } else if !elsewhere.isEmpty || near != nil {
            weight = (.error, .likely)
        } else if DeclaredState.isDocument(object.file) {
            weight = (.error, .possible)
        } else if kind == "Secret" {
            return nil
        } else {
            weight = (.warning, .possible)
        }
        let shown = name.name.escaped(limit: 253)
        var evidence = ["no \(kind) \(shown) in namespace \(name.namespace.escaped(limit: 63)) among what was read"]
        if !elsewhere.isEmpty { evidence.append("there is one in \(elsewhere.prefix(5).joined(separator: ", "))") }
        if let near { evidence.append("there is a \(kind) \(near.escaped(limit: 253))") }
        if weight.confidence == .possible {
            evidence.append("it may exist elsewhere, or be created by something that was not read")
        }
        return finding(
            object, at: object.place(node), severity: weight.severity, confidence: weight.confidence,
            summary:
                "\(object.title) needs \(kind) \(shown), which is not declared in \(name.namespace.escaped(limit: 63)).",
            evidence: evidence, cause: effect)
    }
}

/// Names of objects that are declared, or will be made from what is declared.
struct DeclaredNames {
    private var names: [String: [DeclaredState.Name: Bool]] = [:]
    private var namespaces: [String: [String: Set<String>]] = [:]
    private var byNamespace: [String: [String: [String]]] = [:]
    private let set: ManifestSet

    init(_ state: DeclaredState) {
        set = state.set
        for object in state.set.objects {
            switch object.kind {
            case "ConfigMap", "Secret", "PersistentVolumeClaim": add(object.kind, object.namespace, object.name)
            case "Gateway" where object.group == "networking.istio.io": add("Gateway", object.namespace, object.name)
            case "Certificate": add("Secret", object.namespace, object["spec", "secretName"]?.text)
            case "SealedSecret":
                add("Secret", object.namespace, object["spec", "template", "metadata", "name"]?.text ?? object.name)
            case "ExternalSecret":
                add("Secret", object.namespace, object["spec", "target", "name"]?.text ?? object.name)
            case "Kustomization": addGenerated(object.root)
            default: continue
            }
        }
        for fragment in state.set.fragments { addGenerated(fragment.root) }
    }

    private mutating func add(_ kind: String, _ namespace: String, _ name: String?) {
        guard let name else { return }
        names[kind, default: [:]][DeclaredState.Name(namespace, name)] = true
        namespaces[kind, default: [:]][name, default: []].insert(namespace)
        byNamespace[kind, default: [:]][namespace, default: []].append(name)
    }

    /// kustomize's generators, whose namespace stands elsewhere.
    private mutating func addGenerated(_ root: YAMLNode) {
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for item in root[key]?.items ?? [] { add(kind, "*", item["name"]?.text) }
        }
    }

    func has(_ kind: String, _ name: DeclaredState.Name) -> Bool {
        names[kind]?[name] != nil || names[kind]?[DeclaredState.Name("*", name.name)] != nil
    }

    /// The cluster puts its CA into each namespace; claims of StatefulSets are named after their template.
    func isMadeByItself(_ reference: PodReferences.Reference, _ workload: Workload) -> Bool {
        reference.kind == .configMap
            && ["kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"].contains(reference.name)
            || reference.kind == .claim && workload.kind == "Pod" && workload.owner?.kind == "StatefulSet"
    }

    func namespaces(of kind: String, _ name: String) -> [String] { (namespaces[kind]?[name] ?? []).sorted() }

    func nearest(_ kind: String, _ name: DeclaredState.Name) -> String? {
        nearestWord(to: name.name, among: byNamespace[kind]?[name.namespace] ?? [])
    }

    /// All there are of the kind were read.
    func isComplete(_ kind: String) -> Bool {
        set.hasAll(kind)
    }
}
