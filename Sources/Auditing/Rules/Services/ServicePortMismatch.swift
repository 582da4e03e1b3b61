import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A Service that leads to a port its pods do not have, and policies that name one (catalogue section 3).
enum ServicePortMismatch: AuditRule {
    static let explanation = FindingExplanation.shared("service-port-mismatch", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.services.flatMap { findings(of: $0, state.workloads(of: $0)) }
            + state.policies.flatMap { findings(of: $0, state) }
    }

    private static func findings(of service: DeclaredService, _ pods: [Workload]) -> [Finding] {
        guard !pods.isEmpty, service.kind != .externalName else { return [] }
        return service.ports.compactMap { port in
            switch port.target {
            case .named(let name): named(name, port, service, pods)
            case .number(let number): service.isHeadless ? nil : numbered(number, port, service, pods)
            }
        }
    }

    /// Sidecars that are injected bring ports of their own.
    private static let injected = ["linkerd-", "istio-", "http-envoy", "status-port"]

    private static func named(
        _ name: String, _ port: DeclaredService.Port, _ service: DeclaredService, _ pods: [Workload]
    ) -> Finding? {
        guard !pods.contains(where: { $0.template.port(named: name, port.transport) != nil }),
            !injected.contains(where: name.hasPrefix)
        else { return nil }
        let declared = pods.flatMap(\.template.ports)
        let likely =
            nearestWord(to: name, among: declared.compactMap(\.name)).flatMap { word in
                declared.first { $0.name == word }
            } ?? (Set(declared.map(\.number)).count == 1 ? declared.first : nil)
        return finding(
            service.object, at: ManifestPlace(file: service.object.file, line: port.targetLine),
            summary:
                "Port \(port.number) of \(service.object.title) leads to the port named \(name.escaped(limit: 63)), which no container of its pods has.",
            evidence: pods.prefix(3).map(ports) + otherTransport(name, port, declared),
            cause:
                "A named targetPort is looked up in each pod. Where no pod has it the Service has no endpoint for this port, and refuses every connection.",
            remedy: ["name the container's port \(name.escaped(limit: 63)), or correct the targetPort of the Service"],
            patch: likely.map { patch(port, target: $0.name ?? String($0.number)) })
    }

    private static func otherTransport(
        _ name: String, _ port: DeclaredService.Port, _ declared: [PodTemplate.Port]
    ) -> [String] {
        declared.filter { $0.name == name }.prefix(1).map {
            "the container's port \(name.escaped(limit: 63)) is \($0.transport.rawValue), the Service's \(port.transport.rawValue)"
        }
    }

    /// containerPort is no more than information: what a pod declares is a hint, not a proof.
    private static func numbered(
        _ number: UInt16, _ port: DeclaredService.Port, _ service: DeclaredService, _ pods: [Workload]
    ) -> Finding? {
        let declaring = pods.map { pod in pod.template.ports.filter { $0.transport == port.transport } }
        guard declaring.allSatisfy({ !$0.isEmpty }), !declaring.joined().contains(where: { $0.number == number }),
            !pods.contains(where: { PodNumbers.mentions(number, in: $0.template) })
        else { return nil }
        let numbers = Set(declaring.joined().map(\.number))
        let isOnly = !service.ports.contains { other in
            if case .number(let target) = other.target { numbers.contains(target) } else { true }
        }
        let wrote = port.targetLine == port.line && port.number == number
        return finding(
            service.object, at: ManifestPlace(file: service.object.file, line: port.targetLine),
            severity: isOnly ? .error : .warning, confidence: isOnly ? .likely : .possible,
            summary:
                "Port \(port.number) of \(service.object.title) leads to port \(number) of its pods, which declare \(listed(numbers.sorted().map(String.init))).",
            evidence: pods.prefix(3).map(ports)
                + (wrote ? ["without targetPort the pod's port is that of the Service: \(number)"] : [])
                + ["neither arguments, variables nor probes of the pods speak of \(number)"],
            cause:
                "Where nothing listens on the target port the pod refuses every connection. What containers declare is information only: the program may listen on more.",
            remedy: ["set targetPort to the port that the container listens on"] + explanation.remedy,
            patch: numbers.count == 1 ? numbers.first.map { patch(port, target: String($0)) } : nil)
    }

    private static func ports(_ pod: Workload) -> String {
        let ports = pod.template.ports.map { port in
            "\(port.transport.rawValue) \(port.number)" + (port.name.map { " (\($0.escaped(limit: 63)))" } ?? "")
        }
        return "\(pod.title) declares \(ports.isEmpty ? "no port" : listed(ports, limit: 6))"
    }

    private static func patch(_ port: DeclaredService.Port, target: String) -> String {
        let name = port.name.map { ["    name: \(yamlScalar($0))"] } ?? []
        let target = UInt16(target) == nil ? yamlScalar(target) : target
        return
            (["spec:", "  ports:", "  - port: \(port.number)"] + name + [
                "    protocol: \(port.transport.rawValue)", "    targetPort: \(target)",
            ]).joined(separator: "\n")
    }

    /// A named port of an ingress rule is looked up in the pods that the policy selects.
    private static func findings(of policy: NetworkPolicy, _ state: DeclaredState) -> [Finding] {
        let named = policy.ingress.flatMap { $0.ports ?? [] }.compactMap {
            entry -> (NetworkPolicy.PortEntry, String)? in
            if case .named(let name) = entry.number { (entry, name) } else { nil }
        }
        guard !named.isEmpty else { return [] }
        let pods = state.workloads(selectedBy: policy)
        guard !pods.isEmpty else { return [] }
        return named.compactMap { entry, name in
            guard !pods.contains(where: { $0.template.port(named: name, entry.transport) != nil }) else { return nil }
            return finding(
                policy.object, at: ManifestPlace(file: policy.object.file, line: entry.line),
                summary:
                    "\(policy.object.title) allows the port named \(name.escaped(limit: 63)), which no container of the pods it selects has.",
                evidence: pods.prefix(3).map(ports),
                cause: "A named port is looked up in each selected pod; where none has it the rule allows nothing.",
                remedy: ["use the number of the pods' port, or the name that their containers give it"])
        }
    }
}
