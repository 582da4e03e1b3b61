import Connectivity
import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Flows from outside that an Ingress or a route declares. Who carries them is seldom known: a flow is denied for certain only where no
/// rule lets in anybody but known pods of the same namespace that carry nothing from outside.
struct EntryFlows {
    private let state: DeclaredState
    private let evaluation: PolicyEvaluation
    private let places: WorkloadPlaces

    init(_ state: DeclaredState, _ evaluation: PolicyEvaluation) {
        self.state = state
        self.evaluation = evaluation
        places = WorkloadPlaces(state)
    }

    private struct Entry {
        let object: ManifestObject
        let line: Int
        let service: DeclaredService
        let port: DeclaredService.Port
        /// What carries it may be made from a Gateway of the same namespace, so that no manifest shows its pods.
        var isCarriedHere = false
    }

    var findings: [Finding] {
        var seen: Set<String> = []
        return (ingresses + gatewayRoutes + routes + doors).filter {
            seen.insert("\($0.service.object.title):\($0.port.number)").inserted
        }
        .compactMap(judge)
    }

    private var ingresses: [Entry] {
        state.ingresses.flatMap { ingress in
            ingress.backends.compactMap { backend -> Entry? in
                guard let service = state.service(ingress.namespace, backend.service),
                    let port = service.ports.first(where: { backend.port?.isPort($0) == true })
                else { return nil }
                return Entry(object: ingress.object, line: backend.line, service: service, port: port)
            }
        }
    }

    /// Of the Gateway API, whose Gateway sends to the pods.
    private var gatewayRoutes: [Entry] {
        state.set.objects.compactMap(DeclaredRoute.init).flatMap { route in
            route.backends(in: state).map {
                let namespace = $0.service.namespace
                return Entry(
                    object: route.object, line: $0.backend.reference.line, service: $0.service, port: $0.port,
                    isCarriedHere: route.parents.contains { $0.reference.namespace == namespace })
            }
        }
    }

    /// Of VirtualServices that a gateway is bound to.
    private var routes: [Entry] {
        state.objects("VirtualService").flatMap { object -> [Entry] in
            guard (object["spec", "gateways"]?.texts ?? []).contains(where: { $0 != "mesh" }) else { return [] }
            let rules = ["http", "tls", "tcp"].flatMap { object["spec", $0]?.items ?? [] }
            return rules.flatMap { $0["route"]?.items ?? [] }.compactMap { $0["destination"] }.compactMap { node in
                let labels = node["host"]?.text?.split(separator: ".").map(String.init) ?? []
                guard let name = labels.first,
                    let service = state.service(labels.count > 1 ? labels[1] : object.namespace, name)
                else { return nil }
                let number = node[["port", "number"]]?.int
                let port =
                    number.map { number in service.ports.first { Int($0.number) == number } } ?? service.ports.first
                guard let port, number != nil || service.ports.count == 1 else { return nil }
                return Entry(object: object, line: Int(node.mark.line), service: service, port: port)
            }
        }
    }

    /// Of Services that are open to the outside by themselves.
    private var doors: [Entry] {
        state.services.filter { $0.kind == .loadBalancer || $0.kind == .nodePort }.flatMap { service in
            service.ports.map { Entry(object: service.object, line: $0.line, service: service, port: $0) }
        }
    }

    private func judge(_ entry: Entry) -> Finding? {
        let pods = ServicePods(entry.service, state)
        let targets = pods.workloads.filter { !$0.isHostNetwork }.compactMap(places.index)
        guard let podPort = pods.podPort(entry.port), let first = targets.first, targets.count == pods.workloads.count,
            targets.allSatisfy({ evaluation.isIsolated($0, .ingress) })
        else { return nil }
        let names = pods.names(entry.port)
        let rules = evaluation.policies(isolating: first, .ingress).flatMap { policy in
            policy.ingress.filter { $0.covers(entry.port.transport, podPort, named: names) }
        }
        guard let policy = evaluation.policies(isolating: first, .ingress).first,
            targets.dropFirst().allSatisfy({
                evaluation.policies(isolating: $0, .ingress).map(\.object.place)
                    == evaluation.policies(isolating: first, .ingress).map(\.object.place)
            }), rules.allSatisfy({ isInner($0, entry) })
        else { return nil }
        return tell(entry, policy, rules, podPort)
    }

    /// Lets in known pods of the namespace only, none of which carries traffic from outside.
    private func isInner(_ rule: NetworkPolicy.Rule, _ entry: Entry) -> Bool {
        guard let peers = rule.peers else { return false }
        return peers.allSatisfy { peer in
            guard let pods = peer.pods, pods.namespaces == nil,
                !(entry.isCarriedHere && pods.selector.selectsEverything)
            else { return false }
            let meant = state.workloads(in: entry.service.namespace, with: pods.selector)
            return !meant.isEmpty && !meant.contains(where: carries)
        }
    }

    private static let carriers = [
        "ingress", "nginx", "traefik", "haproxy", "gateway", "envoy", "kong", "contour", "istio", "caddy", "proxy",
        "lb",
    ]

    private func carries(_ workload: Workload) -> Bool {
        let words =
            [workload.name] + workload.labels.values + workload.template.containers.compactMap { $0["image"]?.text }
        return words.contains { word in Self.carriers.contains { word.lowercased().contains($0) } }
    }

    private func tell(
        _ entry: Entry, _ policy: NetworkPolicy, _ rules: [NetworkPolicy.Rule], _ podPort: UInt16
    ) -> Finding {
        let place = ManifestPlace(file: entry.object.file, line: entry.line).words.map { " (\($0))" } ?? ""
        let allowed = rules.isEmpty ? "nobody" : listed(rules.map { EgressWords.rule($0, .ingress) }.unique())
        let isDoor = entry.object.title == entry.service.object.title
        let way = isDoor ? "is of type \(entry.service.kind.rawValue)" : "leads to \(entry.service.object.title)"
        var finding = PolicyDeniesExpectedFlow.finding(
            policy.object, at: policy.place(of: .ingress), confidence: .likely,
            summary:
                "\(entry.object.title) \(way), and \(policy.object.title) lets nobody from outside the namespace into its pods.",
            evidence: [
                "declared: \(entry.object.title)\(place) \(isDoor ? "opens" : "leads to") port \(entry.port.number), which is \(podPort) of the pods",
                "let in on that port: \(allowed)",
            ],
            cause: isDoor
                ? "Packets that come by the load balancer or a node's port have the client's address or a node's, which no rule names, and are dropped."
                : "Packets from the controller that serves the \(entry.object.kind) come from pods or nodes that no rule names, and are dropped.",
            remedy: [
                isDoor
                    ? "allow the sources: an ipBlock with the addresses of the clients and of the nodes, port \(podPort)"
                    : "allow the controller's pods: a rule with namespaceSelector and podSelector of the controller, port \(podPort)"
            ])
        finding.concerns = [entry.service.object.title]
        return finding
    }
}
