import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Requests for which a mesh has no route.
enum MeshRouteMissing: AuditRule {
    static let explanation = FindingExplanation.shared("mesh-route-missing", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.mesh.virtualServices.flatMap { service in
            uncovered(service, state) + unheard(service, state) + nowhere(service, state) + misported(service, state)
        }
    }

    /// Of conditions on more than the address a default is all but always wanted.
    private static func uncovered(_ service: VirtualService, _ state: DeclaredState) -> [Finding] {
        let routes = service.routes.filter { $0.layer == .http }
        guard let first = routes.first, routes.allSatisfy({ isNarrow($0) }), !isCoveredElsewhere(service, state) else {
            return []
        }
        let names = Set(routes.flatMap(\.matches).flatMap { $0["headers"]?.entries.map(\.key) ?? [] }).sorted()
        let wanted =
            names.isEmpty
            ? "conditions beside the path" : "the header \(names.prefix(3).joined(separator: ", ").escaped(limit: 120))"
        let host = service.hostTexts.first ?? service.object.name
        return [
            finding(
                service.object, at: service.object.place(first.node), confidence: .likely,
                summary:
                    "\(service.object.title): requests to \(host.escaped(limit: 253)) without \(wanted) have no route.",
                evidence: [
                    "\(counted(routes.count, "route")), each with a match on \(wanted)", "no route without `match`",
                ],
                cause: "Envoy answers what no route takes with 404 and an empty body.", patch: defaultRoute(first))
        ]
    }

    private static func isNarrow(_ route: VirtualService.Route) -> Bool {
        !route.matches.isEmpty
            && route.matches.allSatisfy { match in
                ["headers", "queryParams", "sourceLabels", "sourceNamespace", "method"].contains { match[$0] != nil }
            }
    }

    private static func isCoveredElsewhere(_ service: VirtualService, _ state: DeclaredState) -> Bool {
        let hosts = Set(service.hostTexts.map { MeshHost.full($0, in: service.object.namespace) })
        return state.mesh.virtualServices.contains { other in
            (other.object.name != service.object.name || other.object.namespace != service.object.namespace)
                && other.hostTexts.contains { hosts.contains(MeshHost.full($0, in: other.object.namespace)) }
                && other.routes.contains { $0.layer == .http && !isNarrow($0) }
        }
    }

    private static func defaultRoute(_ route: VirtualService.Route) -> String? {
        guard let destination = route.destinations.last, isPlain(destination.host) else { return nil }
        return """
            - route:
              - destination:
                  host: \(destination.host)
            """
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e
            }
    }

    private static func unheard(_ service: VirtualService, _ state: DeclaredState) -> [Finding] {
        // One gateway that was not read may listen for it.
        let gateways = service.gateways.map { $0.isMesh ? nil : state.mesh.gateway($0.name) }
        let read = gateways.compactMap(\.self)
        guard !read.isEmpty, read.count == gateways.count else { return [] }
        return service.hosts.compactMap { node in
            guard let host = node.text, !read.contains(where: { $0.serves(host, from: service.object.namespace) })
            else { return nil }
            let heard = Set(read.flatMap(\.servers).flatMap(\.hosts)).sorted().prefix(5).map { $0.escaped(limit: 253) }
            return finding(
                service.object, at: service.object.place(node),
                summary:
                    "\(service.object.title): no gateway that it is bound to listens for \(host.escaped(limit: 253)).",
                evidence: [
                    "\(read.map(\.object.title).joined(separator: ", ")) listens for \(heard.isEmpty ? "no host" : heard.joined(separator: ", "))"
                ],
                cause: "The gateway answers requests for a host without a route with 404 (IST0132).",
                remedy: ["add the host to servers[].hosts of the Gateway, or correct it here"])
        }
    }

    /// A port that the Service has not.
    private static func misported(_ service: VirtualService, _ state: DeclaredState) -> [Finding] {
        service.routes.flatMap(\.destinations).compactMap { destination in
            let full = MeshHost.full(destination.host, in: service.object.namespace)
            guard let port = destination.port, let name = MeshHost.service(full),
                let target = state.service(name.namespace, name.name), target.kind != .externalName,
                !target.ports.isEmpty, !target.ports.contains(where: { Int($0.number) == port }),
                !state.mesh.serviceEntries.contains(where: {
                    $0.hosts.contains { MeshHost.matches(full, MeshHost.full($0, in: name.namespace)) }
                })
            else { return nil }
            return finding(
                service.object, at: service.object.place(destination.node["port", "number"]),
                summary:
                    "\(service.object.title) sends requests to port \(port) of \(target.object.title), which has no such port.",
                evidence: ["\(target.object.title) has \(BackendWords.ports(target))"],
                cause:
                    "A destination names a port of the Service, not of its pods. Envoy has no cluster for it and answers 503.",
                remedy: ["name a port that the Service has"])
        }
    }

    /// Only where the Services of the namespace were read, and one of them is nearly called so, or all of the cluster was.
    private static func nowhere(_ service: VirtualService, _ state: DeclaredState) -> [Finding] {
        service.routes.flatMap(\.destinations).compactMap { destination in
            let full = MeshHost.full(destination.host, in: service.object.namespace)
            guard let name = MeshHost.service(full), state.service(name.namespace, name.name) == nil,
                !state.mesh.serviceEntries.contains(where: {
                    $0.hosts.contains { MeshHost.matches(full, MeshHost.full($0, in: name.namespace)) }
                })
            else { return nil }
            let known = state.services.lazy.filter { $0.namespace == name.namespace }.map(\.name)
            let near = nearestWord(to: name.name, among: known)
            let isKnown = state.set.hasAll("Service", "ServiceEntry")
            guard isKnown || near != nil else { return nil }
            return finding(
                service.object, at: service.object.place(destination.node["host"]),
                confidence: isKnown ? .certain : .likely,
                summary:
                    "\(service.object.title) sends requests to \(destination.host.escaped(limit: 253)), which is no Service of \(name.namespace.escaped(limit: 63)).",
                evidence: ["no Service \(name.name.escaped(limit: 63)) in \(name.namespace.escaped(limit: 63))"]
                    + (near.map { ["there is a Service \($0.escaped(limit: 63))"] } ?? []),
                cause: "Envoy has no cluster for the host and answers 503 (IST0101).",
                remedy: ["correct the host, or declare the Service"])
        }
    }
}
