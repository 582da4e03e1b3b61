import Manifests
import NetValues
import Observations
import Planning
import YAML

/// Requests that are routed to a subset which is not there (catalogue section 10).
enum MeshSubsetUndefined: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "mesh-subset-undefined", severity: .error, title: "A route leads to a subset that does not exist",
        signals: [
            "Envoy itself answers 503, and the VirtualService's route that takes the request leads to a subset which no DestinationRule of that host defines, or which holds no pod",
            "manifests alone: a VirtualService names a subset that no DestinationRule of that host defines (IST0173)",
            "manifests alone: the labels of a subset match no pod of its Service (IST0174)",
        ],
        lookalikes: [
            "the Service has no endpoint at all: service-no-endpoints", "a limit of connections: mesh-circuit-open",
            "mesh-route-missing: the host of the route does not exist",
        ],
        traps: [
            "where no DestinationRule of the host was read it may exist elsewhere: told as possible, or not at all"
        ],
        remedy: ["define the subset in a DestinationRule of that very host, or take it out of the route"])

    static let replaces: Set<String> = ["http-status-unexpected", "expectation-unmet"]

    private struct Fault {
        let request: AskedRequest
        let service: VirtualService
        let summary: String
        let lines: [String]
        let location: Finding.Location
        var patch: String?
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, !view.state.mesh.virtualServices.isEmpty else { return [] }
        let found = evidence.measured.flatMap { check in
            check.unwantedAnswers.lazy.compactMap { request -> (check: CheckEvidence, fault: Fault)? in
                guard request.response.status == 503, request.response.isOfEnvoyItself,
                    case .routed(let service, let route)? = MeshRouting(request, view)
                else { return nil }
                return fault(service, route, request, view).map { (check: check, fault: $0) }
            }.prefix(1)
        }
        return grouped(found, by: { $0.fault.summary }).map { _, members in
            let fault = members[0].fault
            var finding = finding(
                fault.request.words, checks: members.map(\.check.name),
                confidence: view.state.set.hasAll("VirtualService", "DestinationRule") ? .certain : .likely,
                summary: fault.summary,
                evidence: fault.lines + [
                    "\(fault.request.method) \(fault.request.words) at \(fault.request.endpoint): 503, server \(fault.request.response.header("server")?.escaped(limit: 40) ?? "")"
                ],
                cause:
                    "Envoy has no cluster, or no pod, for such a subset, and answers 503 to what is routed there: the request came to no application."
            )
            finding.location = fault.location
            finding.patch = fault.patch
            return finding
        }
    }

    private static func fault(
        _ service: VirtualService, _ route: VirtualService.Route, _ request: AskedRequest, _ view: DeclaredView
    ) -> Fault? {
        for destination in route.destinations {
            guard let subset = destination.subset else { continue }
            let full = MeshHost.full(destination.host, in: service.object.namespace)
            let rules = view.state.mesh.destinationRules(for: full)
            if let defined = rules.lazy.flatMap(\.subsets).first(where: { $0.name == subset }) {
                guard let rule = rules.first(where: { $0.subsets.contains { $0.name == subset } }),
                    let fault = empty(defined, rule, full, request, service, view)
                else { continue }
                return fault
            }
            guard !rules.isEmpty || view.state.set.hasAll("DestinationRule") else { continue }
            let names = rules.flatMap(\.subsets).map { $0.name.escaped(limit: 63) }.unique()
            let place = service.object.place(destination.node.entry("subset"))
            let near = nearestWord(to: subset, among: rules.flatMap(\.subsets).map(\.name))
            return Fault(
                request: request, service: service,
                summary:
                    "\(service.object.title) sends \(request.words) to the subset \(subset.escaped(limit: 63)) of \(destination.host.escaped(limit: 253)), which no DestinationRule defines.",
                lines: [
                    "declared: \(service.object.title)\(MeshRouteMissing.words(place)) leads it to the subset \(subset.escaped(limit: 63))",
                    rules.first.map {
                        "declared: \($0.object.title)\(MeshRouteMissing.words($0.object.place)) defines \(names.isEmpty ? "no subset" : listed(names, limit: 6))"
                    } ?? "no DestinationRule for \(destination.host.escaped(limit: 253)) in the cluster",
                ], location: MeshRouteMissing.location(service.object, place),
                patch: near.map {
                    "destination:\n  host: \(yamlScalar(destination.host))\n  subset: \(yamlScalar($0))"
                })
        }
        return nil
    }

    /// Only where pods of the Service were read.
    private static func empty(
        _ subset: DestinationRule.Subset, _ rule: DestinationRule, _ host: String, _ request: AskedRequest,
        _ virtual: VirtualService, _ view: DeclaredView
    ) -> Fault? {
        guard let name = MeshHost.service(host), let service = view.state.service(name.namespace, name.name) else {
            return nil
        }
        let pods = view.state.workloads(of: service)
        let selector = LabelSelector(matchLabels: subset.labels)
        guard !pods.isEmpty, !pods.contains(where: { selector.matches($0.labels) }) else { return nil }
        let place = rule.object.place(subset.node)
        return Fault(
            request: request, service: virtual,
            summary:
                "\(virtual.object.title) sends \(request.words) to the subset \(subset.name.escaped(limit: 63)), which no pod of \(service.object.title) is in.",
            lines: [
                "declared: \(rule.object.title)\(MeshRouteMissing.words(place)) says of the subset \(selector.words.escaped(limit: 200)), which none of \(counted(pods.count, "workload")) behind the Service has"
            ], location: MeshRouteMissing.location(rule.object, place))
    }
}
