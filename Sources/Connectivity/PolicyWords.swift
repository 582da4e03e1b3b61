import Manifests

/// The labels and names of ports that policies ask for. By any other no policy can tell two pods apart, so that a label with a value of
/// its own for each pod does not make a class of each.
struct PolicyWords: Sendable {
    struct PortName: Hashable, Sendable {
        let name: String
        let transport: PortTransport
    }

    /// A value that policies name; of all others they ask only whether the pod has the label.
    enum Value: Hashable, Sendable {
        case named(String)
        case other
    }

    private var values: [String: Set<String>] = [:]
    private var ports: Set<PortName> = []

    init(_ policies: [NetworkPolicy]) {
        for policy in policies {
            add(policy.selector)
            for rule in policy.ingress + policy.egress {
                for entry in rule.peers ?? [] { if case .pods(let selector, _) = entry.peer { add(selector) } }
                for port in rule.ports ?? [] {
                    if case .named(let name) = port.number {
                        ports.insert(PortName(name: name, transport: port.transport))
                    }
                }
            }
        }
    }

    private mutating func add(_ selector: LabelSelector) {
        for requirement in selector.requirements {
            values[requirement.key, default: []].formUnion(requirement.values)
        }
    }

    /// What policies see of the labels of a pod.
    func seen(_ labels: [String: String]) -> [String: Value] {
        var found: [String: Value] = [:]
        for (key, value) in labels {
            if let named = values[key] { found[key] = named.contains(value) ? .named(value) : .other }
        }
        return found
    }

    func isNamed(_ port: PortName) -> Bool { ports.contains(port) }
}
