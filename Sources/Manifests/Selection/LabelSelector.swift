import YAML

/// A label selector (Kubernetes LabelSelector): all requirements together. An empty one selects everything.
package struct LabelSelector: Hashable, Sendable {
    package enum Operator: String, Hashable, Sendable {
        case isIn = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package struct Requirement: Hashable, Sendable {
        package let key: String
        package let relation: Operator
        package let values: Set<String>

        package init(_ key: String, _ relation: Operator, _ values: Set<String> = []) {
            self.key = key
            self.relation = relation
            self.values = values
        }

        /// NotIn and DoesNotExist hold also for what has no such label (apimachinery labels.Requirement.Matches).
        package func matches(_ labels: [String: String]) -> Bool {
            switch relation {
            case .isIn: labels[key].map(values.contains) ?? false
            case .notIn: !(labels[key].map(values.contains) ?? false)
            case .exists: labels[key] != nil
            case .doesNotExist: labels[key] == nil
            }
        }
    }

    package var requirements: [Requirement]

    package init(_ requirements: [Requirement] = []) {
        self.requirements = requirements
    }

    package init(matchLabels: [String: String]) {
        requirements = matchLabels.sorted { $0.key < $1.key }.map { Requirement($0.key, .isIn, [$0.value]) }
    }

    /// From `{matchLabels, matchExpressions}`. Nil for an expression the API refuses: an unknown operator, In without values.
    package init?(_ node: YAMLNode) {
        guard node.isMap || node.isNothing else { return nil }
        self.init(matchLabels: node["matchLabels"]?.textMap ?? [:])
        for expression in node["matchExpressions"]?.items ?? [] {
            guard let key = expression["key"]?.text, let word = expression["operator"]?.text,
                let relation = Operator(rawValue: word)
            else { return nil }
            let values = Set(expression["values"]?.texts ?? [])
            guard values.isEmpty == (relation == .exists || relation == .doesNotExist) else { return nil }
            requirements.append(Requirement(key, relation, values))
        }
    }

    package var selectsEverything: Bool { requirements.isEmpty }

    package func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

    /// As `kubectl get -l` takes it: "app=web,tier in (a,b),!old"; "everything" for an empty one.
    package var words: String {
        guard !requirements.isEmpty else { return "everything" }
        return requirements.map { requirement in
            let values = requirement.values.sorted()
            return switch requirement.relation {
            case .isIn where values.count == 1: "\(requirement.key)=\(values[0])"
            case .isIn: "\(requirement.key) in (\(values.joined(separator: ",")))"
            case .notIn where values.count == 1: "\(requirement.key)!=\(values[0])"
            case .notIn: "\(requirement.key) notin (\(values.joined(separator: ",")))"
            case .exists: requirement.key
            case .doesNotExist: "!\(requirement.key)"
            }
        }.joined(separator: ",")
    }
}
