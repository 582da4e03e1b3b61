import YAML

/// A route of the Gateway API: HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute.
package struct DeclaredRoute: Sendable {
    package struct Parent: Hashable, Sendable {
        package let reference: GatewayReference
        /// The one listener that is meant.
        package let section: String?
        package let port: UInt16?
    }

    package struct Backend: Hashable, Sendable {
        package let reference: GatewayReference
        /// Nil is a mistake for a Service.
        package let port: UInt16?
        package let portLine: Int
        /// 1 where none is written.
        package let weight: Int
    }

    package struct Match: Hashable, Sendable {
        /// ("PathPrefix", "/") where none is written.
        package let path: Path
        /// It asks for more than the path: headers, query, method.
        package let isConditional: Bool
    }

    package struct Rule: Hashable, Sendable {
        /// Path matches as they are written, with their types: ("PathPrefix", "/api").
        package let paths: [Path]
        /// Each of them alone suffices; empty means every request.
        package let matches: [Match]
        package let backends: [Backend]
        /// A redirect needs no backend.
        package let redirects: Bool
        package let line: Int
    }

    package struct Path: Hashable, Sendable {
        package let type: String
        package let value: String

        package init(type: String, value: String) {
            self.type = type
            self.value = value
        }
    }

    package let object: ManifestObject
    package let parents: [Parent]
    package let hostnames: [String]
    package let rules: [Rule]

    package var namespace: String { object.namespace }
    package var name: String { object.name }

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.group == GatewayAPI.group, GatewayAPI.routeKinds.contains(object.kind) else { return nil }
        self.object = object
        let spec = object.spec
        let namespace = object.namespace
        parents = (spec?["parentRefs"]?.items ?? []).compactMap { node in
            GatewayReference(node, kind: "Gateway", group: GatewayAPI.group, in: namespace).map {
                Parent(
                    reference: $0, section: node["sectionName"]?.text,
                    port: node["port"]?.int.flatMap(UInt16.init(exactly:)))
            }
        }
        hostnames = spec?["hostnames"]?.texts ?? []
        rules = (spec?["rules"]?.items ?? []).map { Rule($0, in: namespace) }
    }
}

extension DeclaredRoute.Rule {
    fileprivate init(_ node: YAMLNode, in namespace: String) {
        paths = (node["matches"]?.items ?? []).compactMap { match in
            match["path"].map {
                DeclaredRoute.Path(type: $0["type"]?.text ?? "PathPrefix", value: $0["value"]?.text ?? "/")
            }
        }
        matches = (node["matches"]?.items ?? []).map { match in
            DeclaredRoute.Match(
                path: DeclaredRoute.Path(
                    type: match["path", "type"]?.text ?? "PathPrefix", value: match["path", "value"]?.text ?? "/"),
                isConditional: ["headers", "queryParams", "method"].contains { match[$0] != nil })
        }
        backends = (node["backendRefs"]?.items ?? []).compactMap { backend in
            GatewayReference(backend, kind: "Service", group: "", in: namespace).map {
                DeclaredRoute.Backend(
                    reference: $0, port: backend["port"]?.int.flatMap(UInt16.init(exactly:)),
                    portLine: Int(backend.entry("port")?.keyMark.line ?? backend.mark.line),
                    weight: backend["weight"]?.int ?? 1)
            }
        }
        redirects = (node["filters"]?.items ?? []).contains { $0["type"]?.text == "RequestRedirect" }
        line = Int(node.mark.line)
    }
}
