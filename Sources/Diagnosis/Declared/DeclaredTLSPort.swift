import Manifests
import NetValues
import YAML

/// Where a port of a Service that clients speak TLS to leads, and the port of its pods that seems to be meant.
struct DeclaredTLSPort {
    let service: DeclaredService
    let port: DeclaredService.Port
    /// Of the pods; nil where they do not agree, or are not known.
    let target: UInt16?
    let targetName: String?
    /// Another port that all of the pods declare, whose name or number is of TLS.
    let better: PodTemplate.Port?

    /// Nil where the check goes to no port of a declared Service.
    init?(_ check: CheckEvidence, _ view: DeclaredView) {
        guard let destination = view.destination(of: check), let service = destination.service,
            service.kind != .externalName,
            let port = service.ports.first(where: {
                $0.number == destination.port && $0.transport == destination.transport
            })
        else { return nil }
        self.service = service
        self.port = port
        let templates = view.workloads(of: service).map { view.state.workloads[$0].template }
        let targets = Set(destination.ends.map(\.port))
        let target = targets.count == 1 ? targets.first : nil
        self.target = target
        targetName = templates.lazy.flatMap(\.ports).first { $0.number == target && $0.name != nil }?.name
        better = service.isHeadless ? nil : Self.better(templates, than: targets)
    }

    /// The same one in each of the pods, and only one.
    private static func better(_ templates: [PodTemplate], than targets: Set<UInt16>) -> PodTemplate.Port? {
        let candidates = templates.map { template in
            template.ports.filter { $0.transport == .tcp && !targets.contains($0.number) && $0.isOfTLS }
        }
        guard let first = candidates.first, first.count == 1, let port = first.first,
            candidates.allSatisfy({ $0.count == 1 && $0[0].number == port.number && $0[0].name == port.name })
        else { return nil }
        return port
    }

    var title: String { "Service \(service.namespace)/\(service.name)" }

    /// "port 443 leads to port 8080 (http) of its pods"
    var words: String {
        let name = targetName.map { " (\($0.escaped(limit: 63)))" } ?? ""
        if let target { return "port \(port.number) leads to port \(target)\(name) of its pods" }
        return switch port.target {
        case .number(let number): "port \(port.number) leads to port \(number)"
        case .named(let name): "port \(port.number) leads to the port named \(name.escaped(limit: 63))"
        }
    }

    var betterWords: String? {
        better.map { "\($0.number)" + ($0.name.map { " (\($0.escaped(limit: 63)))" } ?? "") }
    }

    var location: Finding.Location {
        Finding.Location(file: service.object.file, line: port.targetLine, object: service.object.title)
    }

    /// For `kubectl patch service --patch-file`, which finds ports of Services by their number.
    var patch: String? {
        guard let better else { return nil }
        let lines =
            [
                "apiVersion: v1", "kind: Service", "metadata:", "  name: \(yamlScalar(service.name))",
                "  namespace: \(yamlScalar(service.namespace))", "spec:", "  ports:", "  - port: \(port.number)",
            ] + (port.name.map { ["    name: \(yamlScalar($0))"] } ?? []) + [
                "    protocol: \(port.transport.rawValue)",
                "    targetPort: \(better.name.map(yamlScalar) ?? String(better.number))",
            ]
        return lines.joined(separator: "\n")
    }
}

extension PodTemplate.Port {
    /// By what people call such ports, or by a number that is of TLS by custom.
    fileprivate var isOfTLS: Bool {
        let words = (name ?? "").lowercased().split(separator: "-").map(String.init)
        if !words.isEmpty { return words.contains { ["https", "tls", "ssl", "websecure"].contains($0) } }
        return [443, 8443, 9443].contains(number)
    }
}
