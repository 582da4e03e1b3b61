import NetValues

/// What was declared, found by what it is: namespaces, what runs pods, Services, policies, and the rest by kind.
package struct DeclaredState: Sendable {
    package struct Name: Hashable, Sendable {
        package let namespace: String
        package let name: String

        package init(_ namespace: String, _ name: String) {
            self.namespace = namespace
            self.name = name
        }
    }

    private struct ObjectKey: Hashable {
        let kind: String
        let namespace: String
        let name: String
    }

    package let set: ManifestSet
    /// Labels of the namespaces that were declared, by an object or a `kubectl create namespace` of a document.
    package private(set) var namespaces: [String: [String: String]] = [:]
    /// What runs pods, each once: pods, ReplicaSets and Jobs with an owner that was declared go by their topmost owner.
    package private(set) var workloads: [Workload] = []
    package private(set) var services: [DeclaredService] = []
    package private(set) var policies: [NetworkPolicy] = []
    package private(set) var ingresses: [DeclaredIngress] = []
    private var byKind: [String: [Int]] = [:]
    private var objectsByName: [ObjectKey: Int] = [:]
    private let labels: LabelIndex
    private var endpoints: [Name: [ServiceEndpoints]] = [:]
    package let mesh: MeshState
    private var workloadsByNamespace: [String: [Int]] = [:]
    private var servicesByName: [Name: Int] = [:]

    package init(_ set: ManifestSet) {
        self.set = set
        mesh = MeshState(set.objects)
        for (index, object) in set.objects.enumerated() {
            byKind[object.kind, default: []].append(index)
            let key = ObjectKey(kind: object.kind, namespace: object.namespace, name: object.name)
            if objectsByName[key] == nil { objectsByName[key] = index }
            if let found = ServiceEndpoints(object) {
                endpoints[Name(found.namespace, found.service), default: []].append(found)
            }
        }
        ingresses = set.objects.compactMap(DeclaredIngress.init)
        services = set.objects.compactMap(DeclaredService.init)
        policies = set.objects.compactMap(NetworkPolicy.init)
        workloads = OwnerJoining.join(set.objects.compactMap(Workload.init))
        labels = LabelIndex(workloads)
        for (index, service) in services.enumerated() {
            servicesByName[Name(service.namespace, service.name)] = index
        }
        for (index, workload) in workloads.enumerated() {
            workloadsByNamespace[workload.namespace, default: []].append(index)
        }
        namespaces = Self.namespaces(set)
    }

    /// Objects of a kind, of any group or of the ones named.
    package func objects(_ kind: String, _ groups: String...) -> [ManifestObject] {
        (byKind[kind] ?? []).map { set.objects[$0] }.filter { groups.isEmpty || groups.contains($0.group) }
    }

    package func object(_ kind: String, _ namespace: String, _ name: String) -> ManifestObject? {
        objectsByName[ObjectKey(kind: kind, namespace: namespace, name: name)].map { set.objects[$0] }
    }

    package func workloads(in namespace: String) -> [Workload] {
        (workloadsByNamespace[namespace] ?? []).map { workloads[$0] }
    }

    package func service(_ namespace: String, _ name: String) -> DeclaredService? {
        servicesByName[Name(namespace, name)].map { services[$0] }
    }

    package func workloads(of service: DeclaredService) -> [Workload] {
        guard let selector = service.selector else { return [] }
        return workloads(in: service.namespace, with: LabelSelector(matchLabels: selector))
    }

    /// Those of a namespace whose pods have the labels.
    package func workloads(in namespace: String, with selector: LabelSelector) -> [Workload] {
        indices(in: namespace, with: selector).map { workloads[$0] }
    }

    /// Of those, as indices into `workloads`.
    package func indices(in namespace: String, with selector: LabelSelector) -> [Int] {
        let places = labels.candidates(in: namespace, for: selector) ?? workloadsByNamespace[namespace] ?? []
        return places.filter { selector.matches(workloads[$0].labels) }
    }

    /// What the cluster itself says of a Service's endpoints; none where only manifests were read.
    package func endpoints(of service: DeclaredService) -> [ServiceEndpoints] {
        endpoints[Name(service.namespace, service.name)] ?? []
    }

    package func workloads(selectedBy policy: NetworkPolicy) -> [Workload] {
        workloads(in: policy.namespace, with: policy.selector).filter { !$0.isHostNetwork }
    }

    /// Labels that a namespaceSelector sees: each namespace has its name as one (kubernetes.io/metadata.name, since 1.21).
    package func labels(ofNamespace name: String) -> [String: String] {
        (namespaces[name] ?? [:]).merging(["kubernetes.io/metadata.name": name]) { first, _ in first }
    }

    private static func namespaces(_ set: ManifestSet) -> [String: [String: String]] {
        var found: [String: [String: String]] = [:]
        for object in set.objects where object.isKind("Namespace", "") {
            found[object.name, default: [:]].merge(object.labels) { first, _ in first }
        }
        for command in set.commands {
            switch NamespaceCommand(command.words) {
            case .create(let name): found[name] = found[name] ?? [:]
            case .label(let name, let labels): found[name, default: [:]].merge(labels) { _, last in last }
            case nil: continue
            }
        }
        return found
    }
}

/// What a shell line of a document does to a namespace.
package enum NamespaceCommand: Hashable, Sendable {
    case create(String)
    case label(String, [String: String])

    /// From `kubectl create namespace NAME` and `kubectl label namespace NAME KEY=VALUE…`.
    package init?(_ words: [String]) {
        guard words.count >= 4, ["kubectl", "oc"].contains(words[0]),
            ["namespace", "ns", "namespaces"].contains(words[2])
        else { return nil }
        switch words[1] {
        case "create": self = .create(words[3])
        case "label":
            let pairs = words.dropFirst(4).filter { !$0.hasPrefix("-") }.map { $0.split(separator: "=", maxSplits: 1) }
            let labels = pairs.compactMap { $0.count == 2 ? (String($0[0]), String($0[1])) : nil }
            self = .label(words[3], Dictionary(labels, uniquingKeysWith: { $1 }))
        default: return nil
        }
    }
}
