import YAML

/// An Ingress (networking.k8s.io/v1, and as the old API wrote it): hosts, where they lead, and their certificates.
package struct DeclaredIngress: Sendable {
    package struct Backend: Hashable, Sendable {
        package let service: String
        /// Nil where none is named, or none that a Service can have.
        package let port: BackendPort?
        /// Of the Service's name, and of its port.
        package let line: Int
        package let portLine: Int
    }

    package struct Path: Hashable, Sendable {
        /// Nil is every host.
        package let host: String?
        package let hostLine: Int
        /// "/" where none is written.
        package let path: String
        package let pathType: String?
        package let backend: Backend
    }

    package struct TLS: Hashable, Sendable {
        package let hosts: [String]
        /// Nil: the controller's own certificate.
        package let secret: String?
        package let line: Int
    }

    package let object: ManifestObject
    /// `spec.ingressClassName`, or the annotation that came before it.
    package let className: String?
    package let classLine: Int
    package let defaultBackend: Backend?
    /// Paths that lead to a Service; those to other resources are left out.
    package let paths: [Path]
    /// Hosts with their lines, also of rules without a path.
    package let hosts: [(name: String, line: Int)]
    package let tls: [TLS]

    package var namespace: String { object.namespace }
    package var name: String { object.name }

    /// Each once for a Service and port, the default one first.
    package var backends: [Backend] {
        var seen: Set<String> = []
        return ([defaultBackend].compactMap(\.self) + paths.map(\.backend)).filter {
            seen.insert("\($0.service):\($0.port?.words ?? "")").inserted
        }
    }

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("Ingress", "networking.k8s.io", "extensions") else { return nil }
        self.object = object
        let spec = object.spec
        let old = object["metadata", "annotations"]?.entry("kubernetes.io/ingress.class")
        className = spec?["ingressClassName"]?.text ?? old?.value.text
        classLine = Int((spec?.entry("ingressClassName") ?? old)?.keyMark.line ?? object.root.mark.line)
        defaultBackend = (spec?["defaultBackend"] ?? spec?["backend"]).flatMap(Backend.init).flatMap {
            Self.isAction($0, object) ? nil : $0
        }
        let rules = spec?["rules"]?.items ?? []
        hosts = rules.compactMap { rule in
            rule.entry("host").flatMap { entry in entry.value.text.map { ($0, Int(entry.keyMark.line)) } }
        }
        paths = rules.flatMap { rule in
            (rule[["http", "paths"]]?.items ?? []).compactMap { Path($0, of: rule) }.filter {
                !Self.isAction($0.backend, object)
            }
        }
        tls = (spec?["tls"]?.items ?? []).map { entry in
            TLS(
                hosts: entry["hosts"]?.texts ?? [], secret: entry["secretName"]?.text,
                line: Int(entry.entry("secretName")?.keyMark.line ?? entry.mark.line))
        }
    }

    /// The AWS Load Balancer Controller's way to name what an annotation describes, such as a redirect, in place of a Service
    /// (its guide, "Ingress annotations", actions).
    private static func isAction(_ backend: Backend, _ object: ManifestObject) -> Bool {
        backend.port == .named("use-annotation")
            && object.annotations["alb.ingress.kubernetes.io/actions.\(backend.service)"] != nil
    }
}

extension DeclaredIngress.Backend {
    fileprivate init?(_ node: YAMLNode) {
        let service = node["service"]
        guard let name = service?.entry("name") ?? node.entry("serviceName"), let text = name.value.text else {
            return nil
        }
        let port = service?[["port", "number"]] ?? service?[["port", "name"]] ?? node["servicePort"]
        self.service = text
        self.port = BackendPort(port)
        line = Int(name.keyMark.line)
        portLine = Int(port?.mark.line ?? name.keyMark.line)
    }
}

extension DeclaredIngress.Path {
    fileprivate init?(_ node: YAMLNode, of rule: YAMLNode) {
        guard let backend = node["backend"].flatMap(DeclaredIngress.Backend.init) else { return nil }
        host = rule["host"]?.text
        hostLine = Int(rule.entry("host")?.keyMark.line ?? rule.mark.line)
        path = node["path"]?.text ?? "/"
        pathType = node["pathType"]?.text
        self.backend = backend
    }
}
