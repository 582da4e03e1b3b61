import YAML

/// A PrometheusRule (monitoring.coreos.com): alerts, and series that are recorded.
package struct PrometheusRule: Sendable {
    package struct Rule: Sendable {
        /// Nil for a series that is recorded.
        package let alert: String?
        package let expression: String
        package let expressionNode: YAMLNode
        /// As written: "5m".
        package let pending: String?
        package let severity: String?
        package let node: YAMLNode
    }

    package let object: ManifestObject
    package let rules: [Rule]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("PrometheusRule", "monitoring.coreos.com") else { return nil }
        self.object = object
        rules = (object["spec", "groups"]?.items ?? []).flatMap { $0["rules"]?.items ?? [] }.compactMap { node in
            guard let expression = node["expr"], let text = expression.text else { return nil }
            return Rule(
                alert: node["alert"]?.text, expression: text, expressionNode: expression, pending: node["for"]?.text,
                severity: node["labels"]?["severity"]?.text, node: node)
        }
    }
}
