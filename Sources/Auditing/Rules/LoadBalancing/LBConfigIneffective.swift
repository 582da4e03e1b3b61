import Diagnosis
import JSON
import Manifests
import NetValues
import Planning
import YAML

/// Settings of a load balancer that nobody reads, or that have no effect (catalogue section 14).
enum LBConfigIneffective: AuditRule {
    static let explanation = FindingExplanation(
        id: "lb-config-ineffective", severity: .warning, title: "A setting of a load balancer has no effect",
        signals: [
            "an annotation that only another cloud's controller reads", "an annotation of no known controller",
            "weights of targets with different priorities",
            "an annotation of a load balancer at a Service that has none",
            "a pool of MetalLB that no advertisement announces",
        ],
        lookalikes: ["the annotation of the cloud in use"],
        traps: ["a controller of one's own may read annotations that nobody else knows"],
        remedy: [
            "use the annotation of the provider in use (Azure: service.beta.kubernetes.io/azure-…)",
            "kubectl describe service NAME: the events say what the controller did",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let signs = Cloud.signs(in: state)
        return state.services.flatMap { service in
            [foreign(service, signs), unknown(service), withoutBalancer(service)].compactMap(\.self) + weights(service)
        }
    }

    private static func entries(_ service: DeclaredService) -> [YAMLEntry] {
        service.object["metadata", "annotations"]?.entries ?? []
    }

    /// Another cloud's. With no sign of any cloud only the type of AWS is told, which most often is left over from an example.
    private static func foreign(_ service: DeclaredService, _ signs: [Cloud: String]) -> Finding? {
        for entry in entries(service) {
            guard let cloud = Cloud(annotation: entry.key), service.isLoadBalancer else { continue }
            let isCopied = entry.key == Cloud.copied
            let others = signs.filter { $0.key != cloud }.sorted { $0.key.rawValue < $1.key.rawValue }
            guard signs[cloud] == nil ? !others.isEmpty || isCopied : !others.isEmpty && isCopied,
                signs[cloud] != service.object.title
            else { continue }
            let isSure = signs[cloud] == nil && !others.isEmpty
            return finding(
                service.object, at: service.object.place(entry), confidence: isSure ? .likely : .possible,
                summary:
                    "\(service.object.title) sets \(entry.key.escaped(limit: 120)), which only the load balancer controller of \(cloud.rawValue) reads.",
                evidence: (others.isEmpty ? ["nothing read shows that the cluster is one of \(cloud.rawValue)"] : [])
                    + others.map { "\($0.value) is of \($0.key.rawValue)" }
                    + (signs[cloud].map { ["\($0) is of \(cloud.rawValue)"] } ?? []),
                cause:
                    "On another cloud, or without the controller, the load balancer is made as if this were not written."
            )
        }
        return nil
    }

    private static let inventedDomain = "global.load.balancer/"

    private static func unknown(_ service: DeclaredService) -> Finding? {
        let invented = entries(service).filter { $0.key.hasPrefix(inventedDomain) }
        guard let first = invented.first else { return nil }
        return finding(
            service.object, at: service.object.place(first), confidence: .likely,
            summary:
                "\(service.object.title) is configured by \(listed(invented.map { $0.key.escaped(limit: 80) })), which no known controller reads.",
            evidence: ["\(inventedDomain)* is of no cloud provider and of no published load balancer controller"],
            cause:
                "A Service of one cluster gives a load balancer of that cluster. Locations, failover and weights across clusters need something that is made for them.",
            remedy: [
                "use a global load balancer or DNS with health checks outside the cluster (Azure: Front Door or Traffic Manager)",
                "if a controller of your own reads these: nothing is wrong here",
            ])
    }

    private static func withoutBalancer(_ service: DeclaredService) -> Finding? {
        guard service.kind == .clusterIP || service.kind == .nodePort,
            let entry = entries(service).first(where: {
                Cloud(annotation: $0.key) != nil && $0.key.contains("load-balancer")
            })
        else { return nil }
        return finding(
            service.object, at: service.object.place(entry),
            summary:
                "\(service.object.title) sets \(entry.key.escaped(limit: 120)), but is of type \(service.kind.rawValue) and gets no load balancer.",
            evidence: [
                "spec.type: \(service.object.spec?["type"]?.text == nil ? "not written, which means " : "")\(service.kind.rawValue)"
            ],
            cause: "Annotations of load balancers are read at Services of type LoadBalancer only.",
            remedy: ["set type: LoadBalancer, or take the annotation away"])
    }

    /// `{"locations": {"a": {"weight": 40, "priority": 1}, …}}`: among those of one priority weights share, across them they do not.
    private static func weights(_ service: DeclaredService) -> [Finding] {
        entries(service).compactMap { entry in
            guard let text = entry.value.text, text.utf8.count < 65_536, text.contains("\"weight\""),
                let json = try? JSONParser.parse(Array(text.utf8))
            else { return nil }
            let targets = targets(in: json)
            let priorities = Set(targets.map(\.priority))
            guard priorities.count > 1, let best = priorities.min() else { return nil }
            let unused = targets.filter { $0.priority != best }
            let lines = service.object.lines(of: entry)
            let line = lines.first { line in unused.contains { line.text.contains("\"\($0.name)\"") } }
            return finding(
                service.object, at: line?.place ?? service.object.place(entry),
                confidence: .likely,
                summary:
                    "\(service.object.title) weighs \(listed(targets.map { "\($0.name.escaped(limit: 40)) (\($0.weight))" }, limit: 6)) against each other, but their priorities differ.",
                evidence: targets.prefix(8).map {
                    "\($0.name.escaped(limit: 40)): weight \($0.weight), priority \($0.priority)"
                },
                cause:
                    "Priorities come first: while a target of priority \(best) lives, \(listed(unused.map { $0.name.escaped(limit: 40) })) get nothing, whatever their weight.",
                remedy: ["give targets that shall share the load one priority, and keep another for standby"])
        }
    }

    private static func targets(in json: JSONValue) -> [(name: String, weight: Int, priority: Int)] {
        let holders = [json] + (json.object?.members.map(\.value) ?? [])
        for holder in holders {
            let found = (holder.object?.members ?? []).prefix(100).compactMap { member in
                if let weight = member.value["weight"]?.int, let priority = member.value["priority"]?.int {
                    (member.key, weight, priority)
                } else {
                    nil
                }
            }
            if found.count > 1 { return found }
        }
        return []
    }
}
