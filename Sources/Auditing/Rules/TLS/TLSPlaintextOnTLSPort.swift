import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A port of TLS that leads to one which speaks HTTP (catalogue section 9).
enum TLSPlaintextOnTLSPort: AuditRule {
    static let explanation = FindingExplanation.shared("tls-plaintext-on-tls-port", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.services.flatMap { service -> [Finding] in
            guard service.kind != .externalName, !service.endsTLSAtLoadBalancer else { return [] }
            let pods = state.workloads(of: service)
            return service.ports.filter { $0.number == 443 || $0.isTLS }.compactMap { port in
                guard let told = plain(port, service, pods, state) else { return nil }
                return finding(
                    service.object, at: ManifestPlace(file: service.object.file, line: port.targetLine),
                    confidence: told.confidence,
                    summary:
                        "Port \(port.number) of \(service.object.title), where clients speak TLS, leads to a port that is called plain HTTP: \(target(port)).",
                    evidence: told.evidence
                        + ["the Service says nothing of TLS that the load balancer would end"],
                    cause:
                        "A Service passes bytes on as they are. A ClientHello that reaches a server of plain HTTP is answered by an error in the clear, or not at all.",
                    remedy: [
                        "lead the port to one that serves TLS, or end TLS before it: at an Ingress, a gateway or the load balancer",
                        "if the pods do serve TLS there, call the port https",
                    ])
            }
        }
    }

    private static func target(_ port: DeclaredService.Port) -> String {
        switch port.target {
        case .number(let number): String(number)
        case .named(let name): name.escaped(limit: 63)
        }
    }

    private static func plain(
        _ port: DeclaredService.Port, _ service: DeclaredService, _ pods: [Workload], _ state: DeclaredState
    ) -> (confidence: Finding.Confidence, evidence: [String])? {
        switch port.target {
        case .named(let name):
            guard isPlainName(name) else { return nil }
            let number = pods.lazy.compactMap { $0.template.port(named: name, port.transport) }.first
            guard number.map({ ![443, 8443, 9443].contains($0) }) ?? true else { return nil }
            return (.likely, ["its targetPort is named \(name.escaped(limit: 63))"])
        case .number(let number):
            if let told = container(number, pods) { return (.likely, [told]) }
            guard ![443, 8443, 9443].contains(number) else { return nil }
            // Whoever calls it https says that the pods serve TLS there; some serve both on one port.
            guard port.name == nil || !port.saysTLSByName else { return nil }
            let others = declarations(number, service, state)
            return others.isEmpty ? nil : (.possible, others)
        }
    }

    private static func isPlainName(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "http" || name == "web" || name == "h2c" || name.hasPrefix("http-") || name.hasPrefix("http2-")
    }

    private static func container(_ number: UInt16, _ pods: [Workload]) -> String? {
        for pod in pods {
            if let port = pod.template.ports.first(where: { $0.number == number && $0.name.map(isPlainName) ?? false })
            {
                return "\(pod.title) calls its port \(number) \(port.name ?? "")"
            }
        }
        return nil
    }

    /// What else the set says of this port of the same application: an export of its name, another port of its pods.
    private static func declarations(_ number: UInt16, _ service: DeclaredService, _ state: DeclaredState) -> [String] {
        guard let selector = service.selector else { return [] }
        let names = Set(selector.values)
        let exports = (state.objects("ServiceExport") + state.objects("ServiceImport")).filter {
            names.contains($0.name)
        }
        let exported = exports.flatMap { object in
            (object.spec?["ports"]?.items ?? []).filter { port in
                port["targetPort"]?.int == Int(number) && isPlain(port)
            }.map { "\(object.title)\(words(object.place($0.entry("targetPort")))) calls port \(number) \(shown($0))" }
        }
        let sisters = state.services.filter { $0.selector == selector && $0.namespace == service.namespace }
        let spoken = sisters.flatMap { other in
            other.ports.filter { port in
                !port.isTLS && port.target == .number(number)
                    && (port.number == 80 || port.name.map(isPlainName) ?? false)
            }.map { "\(other.object.title) leads its port \($0.number), plain HTTP, to \(number) of the same pods" }
        }
        return Array((exported + spoken).prefix(3))
    }

    private static func isPlain(_ port: YAMLNode) -> Bool {
        port["name"]?.text.map(isPlainName) ?? (port["port"]?.int == 80)
    }

    private static func shown(_ port: YAMLNode) -> String { port["name"]?.text?.escaped(limit: 63) ?? "port 80" }
    private static func words(_ place: ManifestPlace) -> String { place.words.map { " (\($0))" } ?? "" }
}
