import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A route of the Gateway API that leads to nothing, or that no Gateway takes (catalogue section 8).
enum RouteBackendMissing: AuditRule {
    static let explanation = IngressBackendMissing.explanation

    static func findings(in state: DeclaredState) -> [Finding] {
        let routes = state.set.objects.compactMap(DeclaredRoute.init)
        let gateways = state.objects("Gateway", GatewayAPI.group).compactMap(DeclaredGateway.init)
        let grants = state.objects("ReferenceGrant", GatewayAPI.group).compactMap(ReferenceGrant.init)
        return routes.flatMap { route in
            route.rules.flatMap(\.backends).unique().compactMap { backend($0, route, grants, state) }
                + route.parents.compactMap { parent($0, route, gateways, state) }
        } + gateways.flatMap { certificates($0, grants, state) }
    }

    private static func backend(
        _ backend: DeclaredRoute.Backend, _ route: DeclaredRoute, _ grants: [ReferenceGrant], _ state: DeclaredState
    ) -> Finding? {
        let reference = backend.reference
        guard reference.kind == "Service", reference.group.isEmpty else { return nil }
        let place = ManifestPlace(file: route.object.file, line: reference.line)
        let shown = "\(reference.namespace)/\(reference.name)".escaped(limit: 128)
        if reference.namespace != route.namespace, !grants.contains(where: { $0.allows(route.object, reference) }) {
            return finding(
                route.object, at: place, confidence: state.confidence(ofMissing: "ReferenceGrant"),
                summary:
                    "\(route.object.title) leads to the Service \(shown) of another namespace, and no ReferenceGrant there allows it.",
                evidence: ["the route is of namespace \(route.namespace)"]
                    + state.limits("ReferenceGrant", "no such ReferenceGrant was read; it may be declared elsewhere"),
                cause:
                    "Without a grant a Gateway refuses references across namespaces (condition RefNotPermitted), and answers 500.",
                remedy: ["declare a ReferenceGrant in \(reference.namespace.escaped(limit: 63))"],
                patch: grant(route.object, reference))
        }
        guard let service = state.service(reference.namespace, reference.name) else {
            return missing(route, reference, place, state)
        }
        if let port = backend.port, service.ports.contains(where: { $0.number == port }) { return nil }
        guard service.kind != .externalName else { return nil }
        return finding(
            route.object, at: ManifestPlace(file: route.object.file, line: backend.portLine),
            summary: backend.port.map {
                "\(route.object.title) leads to port \($0) of the Service \(shown), which has no such port."
            } ?? "\(route.object.title) leads to the Service \(shown) without naming a port.",
            evidence: ["\(service.object.title) has \(BackendWords.ports(service))"]
                + (backend.port.map { BackendWords.targetHint(.number($0), service) } ?? []),
            cause: "The backend of a route is a port of the Service, not of its pods; the Gateway answers 500.",
            remedy: ["name a port that the Service has"])
    }

    private static func missing(
        _ route: DeclaredRoute, _ reference: GatewayReference, _ place: ManifestPlace, _ state: DeclaredState
    ) -> Finding? {
        let here = state.services.filter { $0.namespace == reference.namespace }
        let elsewhere = state.services.filter { $0.name == reference.name }
        let near = nearestWord(to: reference.name, among: here.map(\.name))
        guard state.set.hasAll("Service") || !here.isEmpty || !elsewhere.isEmpty else { return nil }
        return finding(
            route.object, at: place,
            confidence: state.set.hasAll("Service")
                ? .certain : near != nil || !elsewhere.isEmpty ? .likely : .possible,
            summary:
                "\(route.object.title) leads to the Service \(reference.name.escaped(limit: 63)), which is not in namespace \(reference.namespace.escaped(limit: 63)).",
            evidence: elsewhere.prefix(3).map { "\($0.object.title) is of namespace \($0.namespace)" }
                + (near.map { ["\(reference.namespace.escaped(limit: 63)) has a Service \($0.escaped(limit: 63))"] }
                    ?? [])
                + state.limits(
                    "Service", "judged by what was read: Services that are declared elsewhere are not known"),
            cause: "A Gateway answers 500 for a backend that is not there.",
            remedy: ["correct the name or the namespace of the backend, or declare the Service"])
    }

    private static func grant(_ referrer: ManifestObject, _ reference: GatewayReference) -> String {
        [
            "apiVersion: gateway.networking.k8s.io/v1beta1", "kind: ReferenceGrant", "metadata:",
            "  name: \(yamlScalar("allow-\(referrer.namespace)"))", "  namespace: \(yamlScalar(reference.namespace))",
            "spec:",
            "  from:", "  - group: gateway.networking.k8s.io", "    kind: \(yamlScalar(referrer.kind))",
            "    namespace: \(yamlScalar(referrer.namespace))", "  to:", "  - group: \"\"",
            "    kind: \(yamlScalar(reference.kind))", "    name: \(yamlScalar(reference.name))",
        ].joined(separator: "\n")
    }

    private static func parent(
        _ parent: DeclaredRoute.Parent, _ route: DeclaredRoute, _ gateways: [DeclaredGateway], _ state: DeclaredState
    ) -> Finding? {
        let reference = parent.reference
        guard reference.kind == "Gateway", reference.group == GatewayAPI.group else { return nil }
        let place = ManifestPlace(file: route.object.file, line: reference.line)
        let shown = "\(reference.namespace)/\(reference.name)".escaped(limit: 128)
        guard let gateway = gateways.first(where: { $0.namespace == reference.namespace && $0.name == reference.name })
        else {
            let namesakes = gateways.filter { $0.name == reference.name }
            let here = gateways.filter { $0.namespace == reference.namespace }.map(\.name)
            let near = here.first { NearLabel.isNear($0, reference.name) || isMistyped($0, reference.name) }
            guard state.set.hasAll("Gateway") || !namesakes.isEmpty || near != nil else { return nil }
            return finding(
                route.object, at: place,
                confidence: state.set.hasAll("Gateway") ? .certain : isPlaced(route) ? .likely : .possible,
                summary: "\(route.object.title) belongs to the Gateway \(shown), which is not there.",
                evidence: namesakes.prefix(3).map { "\($0.object.title) is of namespace \($0.namespace)" }
                    + (near.map { ["\(reference.namespace.escaped(limit: 63)) has a Gateway \($0.escaped(limit: 63))"] }
                        ?? [])
                    + placeWords(route),
                cause: cause,
                remedy: [near == nil ? "name the Gateway's namespace in parentRefs" : "correct the name in parentRefs"])
        }
        let sections = gateway.listeners.filter { parent.section == nil || $0.name == parent.section }
        let names = gateway.listeners.map { $0.name.escaped(limit: 63) }
        guard !sections.isEmpty else {
            return finding(
                route.object, at: place,
                summary:
                    "\(route.object.title) belongs to the listener \(parent.section?.escaped(limit: 63) ?? "") of Gateway \(shown), which has no such listener.",
                evidence: ["its listeners: \(listed(names, limit: 8))"], cause: cause,
                remedy: ["correct sectionName, or leave it out"])
        }
        let takers = sections.filter { takes($0, gateway, route, state) }
        guard takers.isEmpty else { return strangeHosts(takers, route, shown, place) }
        return finding(
            route.object, at: place, confidence: isPlaced(route) ? .certain : .possible,
            summary: "Gateway \(shown) takes no routes of namespace \(route.namespace), so not \(route.object.title).",
            evidence: sections.prefix(4).map {
                "listener \($0.name.escaped(limit: 63)): allowedRoutes \(words($0.routes))"
            } + placeWords(route),
            cause: cause,
            remedy: [
                "allow the namespace at the listener: allowedRoutes.namespaces.from: All, or Selector with its labels"
            ])
    }

    /// One letter more or less.
    private static func isMistyped(_ name: String, _ written: String) -> Bool {
        abs(name.count - written.count) == 1 && (name.hasPrefix(written) || written.hasPrefix(name))
            && !(name + written).contains(where: \.isNumber)
    }

    /// Every host of the route is one that no listener is for.
    private static func strangeHosts(
        _ listeners: [DeclaredGateway.Listener], _ route: DeclaredRoute, _ shown: String, _ place: ManifestPlace
    ) -> Finding? {
        let open = listeners.compactMap(\.hostname).filter { !$0.isEmpty }
        guard open.count == listeners.count, let first = route.hostnames.first,
            !route.hostnames.contains(where: { host in open.contains { meet(host, $0) } })
        else { return nil }
        let node = route.object["spec", "hostnames"]?.items.first { $0.text == first }
        return finding(
            route.object, at: node.map { route.object.place($0) } ?? place,
            summary:
                "No listener of Gateway \(shown) is for \(listed(route.hostnames.map { $0.escaped(limit: 253) })), so it does not take \(route.object.title).",
            evidence: ["its listeners are for \(listed(open.map { $0.escaped(limit: 253) }, limit: 8))"], cause: cause,
            remedy: ["correct the hostnames of the route, or the hostname of the listener"])
    }

    /// One may hold the other: `*.example.com` holds all names below it.
    private static func meet(_ left: String, _ right: String) -> Bool {
        let (one, other) = (left.lowercased(), right.lowercased())
        if one == other { return true }
        return one.hasPrefix("*.") && other.hasSuffix(one.dropFirst())
            || other.hasPrefix("*.") && one.hasSuffix(other.dropFirst())
    }

    /// Where no namespace is written `kubectl -n` or the kustomization gives it.
    private static func isPlaced(_ route: DeclaredRoute) -> Bool { route.object.writtenNamespace != nil }

    private static func placeWords(_ route: DeclaredRoute) -> [String] {
        isPlaced(route) ? [] : ["the route names no namespace: it lands where the one who applies it is"]
    }

    private static let cause = "A route that no Gateway takes is not served at all: clients get 404, or no connection."

    private static func takes(
        _ listener: DeclaredGateway.Listener, _ gateway: DeclaredGateway, _ route: DeclaredRoute, _ state: DeclaredState
    ) -> Bool {
        switch listener.routes {
        case .all: true
        case .same: gateway.namespace == route.namespace
        // Labels of a namespace that was not read are not known.
        case .selected(let selector):
            state.namespaces[route.namespace] == nil || selector.matches(state.labels(ofNamespace: route.namespace))
        }
    }

    private static func words(_ routes: DeclaredGateway.RouteNamespaces) -> String {
        switch routes {
        case .all: "from all namespaces"
        case .same: "from its own namespace only"
        case .selected(let selector): "from namespaces with \(selector.words)"
        }
    }

    /// A Secret of another namespace needs that namespace's leave, as a backend does.
    private static func ungranted(
        _ reference: GatewayReference, _ listener: DeclaredGateway.Listener, _ gateway: DeclaredGateway,
        _ grants: [ReferenceGrant], _ state: DeclaredState
    ) -> Finding? {
        guard reference.namespace != gateway.namespace,
            !grants.contains(where: { $0.allows(gateway.object, reference) })
        else { return nil }
        return finding(
            gateway.object, at: ManifestPlace(file: gateway.object.file, line: reference.line),
            confidence: state.confidence(ofMissing: "ReferenceGrant"),
            summary:
                "Listener \(listener.name.escaped(limit: 63)) of \(gateway.object.title) names the Secret \(reference.name.escaped(limit: 63)) of namespace \(reference.namespace.escaped(limit: 63)), and no ReferenceGrant there allows it.",
            evidence: ["the Gateway is of namespace \(gateway.namespace.escaped(limit: 63))"]
                + state.limits("ReferenceGrant", "no such ReferenceGrant was read; it may be declared elsewhere"),
            cause: "Without a grant the listener gets no certificate (condition RefNotPermitted), and is not served.",
            remedy: ["declare a ReferenceGrant in \(reference.namespace.escaped(limit: 63))"],
            patch: grant(gateway.object, reference))
    }

    /// A listener whose Secret is not there is not served.
    private static func certificates(_ gateway: DeclaredGateway, _ grants: [ReferenceGrant], _ state: DeclaredState)
        -> [Finding]
    {
        gateway.listeners.flatMap { listener in
            listener.certificates.filter { $0.kind == "Secret" }.compactMap { reference in
                if let refused = ungranted(reference, listener, gateway, grants, state) { return refused }
                guard state.object("Secret", reference.namespace, reference.name) == nil else { return nil }
                let elsewhere = state.objects("Secret", "").filter { $0.name == reference.name }
                guard state.set.hasAll("Secret") || !elsewhere.isEmpty,
                    !IngressSecrets.isIssued(reference.name, reference.namespace, gateway.object, state)
                else { return nil }
                return finding(
                    gateway.object, at: ManifestPlace(file: gateway.object.file, line: reference.line),
                    confidence: state.set.hasAll("Secret") ? .certain : .likely,
                    summary:
                        "Listener \(listener.name.escaped(limit: 63)) of \(gateway.object.title) needs the Secret \(reference.name.escaped(limit: 63)), which is not in namespace \(reference.namespace.escaped(limit: 63)).",
                    evidence: elsewhere.prefix(3).map { "\($0.title) is of namespace \($0.namespace)" },
                    cause: "A listener without its certificate is not served (condition ResolvedRefs is false).",
                    remedy: ["put the Secret into the namespace, or name its own and add a ReferenceGrant there"])
            }
        }
    }
}
