import Manifests
import YAML

/// What the pods of a workload need by name in their own namespace.
struct PodReferences {
    enum Kind: String, Hashable {
        case configMap = "ConfigMap"
        case secret = "Secret"
        case claim = "PersistentVolumeClaim"
    }

    struct Reference {
        let kind: Kind
        let name: String
        let node: YAMLNode
    }

    /// Those that the pods do not start without.
    private(set) var needed: [Reference] = []
    private var optional: [Reference] = []
    /// Mounts of volumes that the pods do not have.
    private(set) var unknownVolumes: [(container: String, name: String, node: YAMLNode)] = []

    init(_ workload: Workload) {
        let spec = workload.template.spec
        let volumes = spec["volumes"]?.items ?? []
        for volume in volumes { take(volume: volume) }
        var names = Set(volumes.compactMap { $0["name"]?.text })
        names.formUnion(
            (workload.object["spec", "volumeClaimTemplates"]?.items ?? []).compactMap { $0["metadata", "name"]?.text })
        for container in (spec["containers"]?.items ?? []) + (spec["initContainers"]?.items ?? []) {
            take(container: container, volumes: names)
        }
    }

    func names(_ kind: Kind) -> Set<String> {
        Set((needed + optional).filter { $0.kind == kind }.map(\.name))
    }

    private mutating func add(_ kind: Kind, _ source: YAMLNode?, key: String = "name") {
        guard let source, let node = source[key], let name = node.text else { return }
        let reference = Reference(kind: kind, name: name, node: node)
        if source["optional"]?.bool == true { optional.append(reference) } else { needed.append(reference) }
    }

    private mutating func take(volume: YAMLNode) {
        add(.configMap, volume["configMap"])
        add(.secret, volume["secret"], key: "secretName")
        add(.claim, volume["persistentVolumeClaim"], key: "claimName")
        for source in volume["projected", "sources"]?.items ?? [] {
            add(.configMap, source["configMap"])
            add(.secret, source["secret"])
        }
    }

    private mutating func take(container: YAMLNode, volumes: Set<String>) {
        for source in container["envFrom"]?.items ?? [] {
            add(.configMap, source["configMapRef"])
            add(.secret, source["secretRef"])
        }
        for variable in container["env"]?.items ?? [] {
            add(.configMap, variable["valueFrom", "configMapKeyRef"])
            add(.secret, variable["valueFrom", "secretKeyRef"])
        }
        for mount in container["volumeMounts"]?.items ?? [] {
            guard let node = mount["name"], let name = node.text, !volumes.contains(name) else { continue }
            unknownVolumes.append((container["name"]?.text ?? "", name, node))
        }
    }
}
