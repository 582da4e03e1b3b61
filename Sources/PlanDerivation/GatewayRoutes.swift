import Manifests
import NetValues
import YAML

/// Hosts of the Gateway API's routes, at the listeners of the Gateways that they name.
extension PlanDerivation {
    private struct Front {
        let host: String
        let port: UInt16
        let isTLS: Bool

        var origin: String {
            let isUsual = port == (isTLS ? 443 : 80)
            return "\(isTLS ? "https" : "http")://\(host)\(isUsual ? "" : ":\(port)")"
        }
    }

    mutating func deriveGatewayRoutes() {
        let objects = GatewayAPI.routeKinds.sorted().flatMap { state.objects($0, GatewayAPI.group) }
        for route in objects.compactMap(DeclaredRoute.init) { derive(route) }
    }

    private mutating func derive(_ route: DeclaredRoute) {
        let object = route.object
        guard !names.isDenied else { return note("\(because(object)): names cannot be resolved from here") }
        let isStream = ["TCPRoute", "UDPRoute"].contains(object.kind)
        for parent in route.parents {
            guard parent.reference.kind == "Gateway" else {
                note(
                    "\(because(object)): of the mesh; the ports of its \(parent.reference.kind.escaped(limit: 60)) are checked"
                )
                continue
            }
            guard let gateway = gateway(parent.reference) else {
                note(
                    "\(because(object)): \(parent.reference.kind.escaped(limit: 60)) \(parent.reference.namespace.escaped(limit: 60))/\(parent.reference.name.escaped(limit: 253)) is in no manifest"
                )
                continue
            }
            if isStream {
                derive(stream: route, at: gateway, parent)
            } else {
                for front in fronts(route, gateway, parent) { derive(route, at: front) }
            }
        }
    }

    private func gateway(_ reference: GatewayReference) -> DeclaredGateway? {
        guard reference.kind == "Gateway" else { return nil }
        return state.objects("Gateway", GatewayAPI.group).compactMap(DeclaredGateway.init).first {
            $0.namespace == reference.namespace && $0.name == reference.name
        }
    }

    private mutating func fronts(_ route: DeclaredRoute, _ gateway: DeclaredGateway, _ parent: DeclaredRoute.Parent)
        -> [Front]
    {
        let listeners = gateway.listeners.filter { listener in
            (parent.section.map { $0 == listener.name } ?? true) && (parent.port.map { $0 == listener.port } ?? true)
                && ["HTTP", "HTTPS", "TLS"].contains(listener.transport)
        }
        return listeners.flatMap { listener in
            let hosts = route.hostnames.isEmpty ? [listener.hostname ?? "*"] : route.hostnames
            return hosts.filter { host in listener.hostname.map { Self.covers($0, host) } ?? true }.compactMap {
                written in
                single(written, because: because(route.object, "listener \(listener.name)")).map {
                    Front(host: $0, port: listener.port, isTLS: listener.transport != "HTTP")
                }
            }
        }
    }

    private static func covers(_ pattern: String, _ host: String) -> Bool {
        pattern == host || pattern.hasPrefix("*.") && host.hasSuffix(pattern.dropFirst())
    }

    private mutating func derive(_ route: DeclaredRoute, at front: Front) {
        let reason = because(route.object, "host \(front.host)")
        guard frontIsOpen(front.port) else {
            return note(
                "\(reason): the address of its Gateway is in no manifest, and policies isolate the vantage for egress")
        }
        let name = addForeignName(front.host, because: reason)
        if front.isTLS { deriveCertificate(front.host, front.port, needs: name, because: reason) }
        guard route.object.kind == "HTTPRoute" else {
            if !front.isTLS { note("\(reason): no probe speaks what it carries") }
            return
        }
        for rule in route.object.spec?["rules"]?.items ?? [] { derive(rule, of: route.object, at: front, needs: name) }
    }

    private mutating func derive(_ rule: YAMLNode, of object: ManifestObject, at front: Front, needs name: String?) {
        let redirect = (rule["filters"]?.items ?? []).first { $0["type"]?.text == "RequestRedirect" }?[
            "requestRedirect"]
        let matches = rule["matches"]?.items ?? []
        for match in matches.isEmpty ? [rule] : matches {
            let reason = because(object, front.host, line: Int(match.mark.line))
            var shape = RequestShape()
            if !matches.isEmpty, let why = Self.obstacle(match, &shape) {
                note("\(reason): \(why)")
                continue
            }
            let isUpgrade = redirect?["scheme"]?.text == "https" && !front.isTLS
            let expected: [PlanKey] =
                isUpgrade
                ? .expect(PlanKey("redirect", .word("https")))
                : redirect == nil ? Self.answered : .expect(PlanKey("status", .words("3xx")))
            add(
                "\(isUpgrade ? "redirect of" : front.isTLS ? "https" : "http") \(front.host)\(shape.path)", "http",
                front.origin + shape.requestTarget, shape.keys + expected, needs: [name], because: reason)
        }
    }

    private static func obstacle(_ match: YAMLNode, _ shape: inout RequestShape) -> String? {
        if let path = match["path"] {
            let value = path["value"]?.text ?? "/"
            guard path["type"]?.text != "RegularExpression", value.isURLPath else { return "its path is a pattern" }
            shape.path = value
        }
        if let method = match["method"]?.text {
            guard RequestShape.safeMethods.contains(method) else {
                return "\(method.escaped(limit: 20)) may change something"
            }
            shape.method = method
        }
        for header in match["headers"]?.items ?? [] {
            guard header["type"]?.text != "RegularExpression" else { return "its header is a pattern" }
            if let why = shape.add(header: header["name"]?.text ?? "", header["value"]?.text ?? "") { return why }
        }
        for query in match["queryParams"]?.items ?? [] {
            guard query["type"]?.text != "RegularExpression" else { return "its query is a pattern" }
            if let why = shape.add(query: query["name"]?.text ?? "", query["value"]?.text ?? "") { return why }
        }
        return nil
    }
}
