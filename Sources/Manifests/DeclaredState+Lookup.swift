import NetValues
import YAML

extension DeclaredState {
    /// A pod goes by its topmost owner: by its own name too, and by the name that its owner gives it (OWNER-HASH, OWNER-0).
    package func index(ofWorkload name: Name) -> Int? {
        let candidates = workloads.indices.filter { workloads[$0].namespace == name.namespace }
        if let exact = candidates.first(where: { workloads[$0].name == name.name }) { return exact }
        let owners = candidates.filter { workloads[$0].kind != "Pod" && name.name.hasPrefix(workloads[$0].name + "-") }
        // The longest name is meant: `api-cache-0` is of api-cache, and not of api.
        return owners.max { workloads[$0].name.utf8.count < workloads[$1].name.utf8.count }
    }

    /// Labels of namespaces by which people tell environments apart.
    package static let environmentKeys = [
        "environment", "env", "stage", "app.kubernetes.io/environment", "tier-environment",
    ]

    /// "production", where the namespace has a label that says so.
    package func environment(ofNamespace namespace: String) -> String? {
        let labels = labels(ofNamespace: namespace)
        return Self.environmentKeys.lazy.compactMap { labels[$0] }.first
    }
}

extension DeclaredService {
    /// By which it is reached, as far as manifests say.
    package var addresses: [IPAddress] {
        let ingress = object["status", "loadBalancer", "ingress"]?.items.compactMap { $0["ip"]?.text } ?? []
        let external = object.spec?["externalIPs"]?.texts ?? []
        return (clusterIPs + ingress + external).compactMap { IPAddress($0) }
    }
}

extension DeclaredIngress {
    /// At which the controller serves it, as far as the cluster says.
    package var addresses: [IPAddress] {
        (object["status", "loadBalancer", "ingress"]?.items ?? []).compactMap {
            $0["ip"]?.text.flatMap { IPAddress($0) }
        }
    }
}

extension DeclaredService.Port {
    /// Of the pods that are made from the template; nil for a name that none of their ports has.
    package func port(at template: PodTemplate) -> UInt16? {
        switch target {
        case .number(let number): number
        case .named(let name): template.port(named: name, transport)
        }
    }
}
