import Manifests
import NetValues
import Observations
import Planning
import YAML

/// Requests for which the mesh has no route (catalogue section 10).
enum MeshRouteMissing: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "mesh-route-missing", severity: .error, title: "The mesh has no route for some requests",
        signals: [
            "Envoy itself answers 404 without a body (header server, no time of an upstream), and no route of the VirtualServices of that host takes the request, or their Gateway does not listen for the host",
            "Envoy itself answers 503, and the route leads to a Service that does not exist (IST0101)",
            "manifests alone: each route of a VirtualService asks for a header, and none takes the requests without it",
            "manifests alone: a host of a VirtualService is none of the hosts its Gateway listens for (IST0132); a Gateway selects no gateway that runs",
            "manifests alone: a Sidecar does not name a Service that its pods use, and what it does not name is refused",
        ],
        lookalikes: [
            "http-status-unexpected: a 404 of the application, which an upstream took time for",
            "ingress-backend-missing: the default backend of an Ingress",
            "a Gateway that does not exist: manifest-ref-missing",
            "mesh-subset-undefined: the route is there, and leads to a subset that is not",
        ],
        traps: [
            "VirtualServices of one host and gateway are one: the routes of all that were read count",
            "patterns, labels of callers and headers that proxies add are not followed: where they might take the request nothing is said",
        ],
        remedy: ["add a route without `match` at the end, for all other requests"])

    static let replaces: Set<String> = ["http-status-unexpected", "expectation-unmet"]

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, !view.state.mesh.virtualServices.isEmpty else { return [] }
        let found = evidence.measured.flatMap { check in
            check.unwantedAnswers.lazy.compactMap { request -> (check: CheckEvidence, fault: Fault)? in
                guard request.response.isOfEnvoyItself, let routing = MeshRouting(request, view) else { return nil }
                return fault(routing, request, view).map { (check: check, fault: $0) }
            }.prefix(1)
        }
        return grouped(found, by: { $0.fault.summary }).map { _, members in
            judge(members.map(\.check), members[0].fault)
        }
    }

    private struct Fault {
        let request: AskedRequest
        let summary: String
        let lines: [String]
        let location: Finding.Location
        let remedy: [String]
        var patch: String?
        var isSure = false
    }

    private static func judge(_ checks: [CheckEvidence], _ fault: Fault) -> Finding {
        let response = fault.request.response
        var finding = finding(
            fault.request.words, checks: checks.map(\.name), confidence: fault.isSure ? .certain : .likely,
            summary: fault.summary,
            evidence: fault.lines + [
                "\(fault.request.method) \(fault.request.words) at \(fault.request.endpoint): \(response.status), server \(response.header("server")?.escaped(limit: 40) ?? ""), \(response.bodyBytes == 0 ? "no body" : "body begins: \(response.bodyStart.escaped(limit: 80))")"
            ],
            cause: response.status == 404
                ? "Envoy answers what no route takes with 404 by itself: the request came to no application."
                : "Envoy has no cluster for such a host, and answers 503 by itself: the request came to no application.",
            remedy: fault.remedy)
        finding.location = fault.location
        finding.patch = fault.patch
        return finding
    }

    private static func fault(_ routing: MeshRouting, _ request: AskedRequest, _ view: DeclaredView) -> Fault? {
        switch routing {
        case .routed(let service, let route):
            return request.response.status == 503 ? nowhere(service, route, request, view) : nil
        case .uncovered, .unbound, .unheard, .misnamed:
            guard request.response.status == 404, request.response.bodyBytes == 0 else { return nil }
        }
        let isSure = view.state.set.hasAll("VirtualService", "Gateway")
        var fault: Fault
        switch routing {
        case .uncovered(let services): fault = uncovered(services, request)
        case .unbound(let service, let gateway): fault = unbound(service, gateway, request)
        case .unheard(let service, let gateways): fault = unheard(service, gateways, request)
        case .misnamed(let service, let near, let gateway): fault = misnamed(service, near, gateway, request)
        case .routed: return nil
        }
        fault.isSure = isSure
        return fault
    }

    // MARK: Each of them

    private static func uncovered(_ services: [VirtualService], _ request: AskedRequest) -> Fault {
        let routes = services.flatMap { service in
            service.routes.filter { $0.layer == .http }.map { (service: service, route: $0) }
        }
        let service = services[0]
        let object = service.object
        let entry = object.spec?.entry("http")
        let lines = routes.prefix(6).map { item in
            "declared: a route of \(item.service.object.title)\(words(item.service.object.place(item.route.node))) takes \(item.route.conditions)"
        }
        return Fault(
            request: request,
            summary:
                "\(object.title) has no route for \(request.words): none of its \(counted(routes.count, "route")) takes it, and Envoy answers 404.",
            lines: Array(lines), location: location(object, object.place(entry)),
            remedy: ["add a route for this path, or one without `match` at the end for all other requests"],
            patch: defaultRoute(routes.last?.route))
    }

    private static func unbound(
        _ service: VirtualService, _ gateway: MeshGateway, _ request: AskedRequest
    ) -> Fault {
        let object = service.object
        let place = object.place(object.spec?.entry("gateways") ?? object.spec?.entry("hosts"))
        return Fault(
            request: request,
            summary:
                "\(object.title) has routes for \(request.host), and is bound to no gateway: \(gateway.object.title), which listens for the host, answers 404.",
            lines: [
                "declared: \(object.title)\(words(place)) names \(service.gateways.isEmpty ? "no gateway, which means" : "only") the sidecars (mesh)"
            ], location: location(object, place),
            remedy: ["name the gateway in spec.gateways: \(gatewayName(gateway, for: service))"],
            patch:
                "spec:\n  gateways:\n  - \(yamlScalar(gatewayName(gateway, for: service)))\n  - mesh"
        )
    }

    private static func gatewayName(_ gateway: MeshGateway, for service: VirtualService) -> String {
        gateway.object.namespace == service.object.namespace
            ? gateway.object.name : "\(gateway.object.namespace)/\(gateway.object.name)"
    }

    private static func unheard(
        _ service: VirtualService, _ gateways: [MeshGateway], _ request: AskedRequest
    ) -> Fault {
        let gateway = gateways[0]
        let hosts = gateway.servers.flatMap(\.hosts).unique().map { $0.escaped(limit: 253) }
        let node = gateway.servers.first?.node["hosts"]
        let place = gateway.object.place(gateway.servers.first?.node.entry("hosts"))
        return Fault(
            request: request,
            summary:
                "\(gateway.object.title) does not listen for \(request.host), so the routes of \(service.object.title) are not reached: the answer is 404.",
            lines: [
                "declared: \(gateway.object.title)\(words(place)) listens for \(hosts.isEmpty ? "no host" : listed(hosts, limit: 6))"
            ], location: location(gateway.object, place), remedy: ["add the host to servers[].hosts of the Gateway"],
            patch: node == nil || gateway.servers.count != 1
                ? nil
                : (["hosts:"] + (gateway.servers[0].hosts + [request.host]).map { "- \(yamlScalar($0))" })
                    .joined(separator: "\n"))
    }

    private static func misnamed(
        _ service: VirtualService, _ near: String, _ gateway: MeshGateway, _ request: AskedRequest
    ) -> Fault {
        let object = service.object
        let place = object.place(service.hosts.first { $0.text == near })
        return Fault(
            request: request,
            summary:
                "No VirtualService has the host \(request.host): \(object.title) has \(near.escaped(limit: 253)), and \(gateway.object.title) answers 404.",
            lines: ["declared: \(object.title)\(words(place)) is for \(near.escaped(limit: 253))"],
            location: location(object, place),
            remedy: ["correct the host of the VirtualService, or the one that is asked for"])
    }

    /// Only where all of the cluster was read, or a Service is nearly called so.
    private static func nowhere(
        _ service: VirtualService, _ route: VirtualService.Route, _ request: AskedRequest, _ view: DeclaredView
    ) -> Fault? {
        for destination in route.destinations {
            let full = MeshHost.full(destination.host, in: service.object.namespace)
            guard let name = MeshHost.service(full), view.state.service(name.namespace, name.name) == nil,
                !view.state.mesh.serviceEntries.contains(where: { $0.hosts.contains { MeshHost.matches(full, $0) } })
            else { continue }
            let near = nearestWord(
                to: name.name,
                among: view.state.services.lazy.filter { $0.namespace == name.namespace }.map(\.name))
            let isSure = view.state.set.hasAll("Service")
            guard isSure || near != nil else { continue }
            let place = service.object.place(destination.node.entry("host"))
            return Fault(
                request: request,
                summary:
                    "\(service.object.title) sends \(request.words) to \(destination.host.escaped(limit: 253)), which is no Service of \(name.namespace.escaped(limit: 63)): Envoy answers 503.",
                lines: [
                    "declared: \(service.object.title)\(words(place)) leads it to \(destination.host.escaped(limit: 253))"
                ]
                    + (near.map {
                        ["declared: \(name.namespace.escaped(limit: 63)) has a Service \($0.escaped(limit: 63))"]
                    } ?? []), location: location(service.object, place),
                remedy: [
                    "correct the host of the route\(near.map { " (\($0.escaped(limit: 63))?)" } ?? ""), or declare the Service"
                ],
                patch: near.map { "destination:\n  host: \(yamlScalar($0))" }, isSure: isSure)
        }
        return nil
    }

    // MARK: Words

    static func location(_ object: ManifestObject, _ place: ManifestPlace) -> Finding.Location {
        Finding.Location(file: place.file, line: place.line, object: object.title)
    }

    static func words(_ place: ManifestPlace) -> String { place.words.map { " (\($0))" } ?? "" }

    private static func defaultRoute(_ route: VirtualService.Route?) -> String? {
        guard let destination = route?.destinations.last else { return nil }
        return "- route:\n  - destination:\n      host: \(yamlScalar(destination.host))"
            + (destination.port.map { "\n      port:\n        number: \($0)" } ?? "")
    }
}
