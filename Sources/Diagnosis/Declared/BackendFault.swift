import Manifests
import NetValues
import YAML

/// What is wrong with the declared backend of an Ingress or HTTPRoute.
struct BackendFault {
    enum Kind: Hashable {
        /// Where one of that name is, and one of nearly that name.
        case noService(elsewhere: [String], near: String?)
        case noPort(String, has: [String])
        case ofService(DeclaredServiceFault.Kind)
    }

    let front: DeclaredFront
    let kind: Kind
    /// Nothing that was not read can change it.
    let isSure: Bool

    /// Nil where the backend is as it should be, and where that is not known.
    init?(_ front: DeclaredFront, _ view: DeclaredView) {
        self.front = front
        let isWhole = view.state.set.hasAllPods
        guard let service = view.state.service(front.namespace, front.service) else {
            let namesakes = view.state.services.filter { $0.name == front.service }.map(\.namespace)
            let near = nearestWord(
                to: front.service,
                among: view.state.services.lazy.filter { $0.namespace == front.namespace }.map(\.name))
            guard view.state.set.hasAll("Service") || !namesakes.isEmpty || near != nil else { return nil }
            kind = .noService(elsewhere: namesakes, near: near)
            isSure = view.state.set.hasAll("Service")
            return
        }
        guard service.kind != .externalName else { return nil }
        guard let port = front.port.flatMap({ wanted in service.ports.first(where: wanted.isPort) }) else {
            guard let wanted = front.port, !service.ports.isEmpty else { return nil }
            kind = .noPort(wanted.words, has: service.ports.map { "\($0.number)" + ($0.name.map { " (\($0))" } ?? "") })
            isSure = true
            return
        }
        if let empty = view.emptiness(of: service) {
            kind = .ofService(empty.kind)
            isSure = isWhole
            return
        }
        let selected = view.workloads(of: service).map { view.state.workloads[$0] }
        guard !selected.isEmpty,
            case .nameUnknown(let name, let known)? = DeclaredServiceFault.portFault(port, selected)
        else { return nil }
        kind = .ofService(.nameUnknown(name, known: known))
        isSure = isWhole
    }

    /// Behind "leads … to".
    var words: String {
        let service = front.serviceTitle
        return switch kind {
        case .noService: "\(service), which \(isSure ? "does not exist" : "is in nothing that was read")"
        case .noPort(let port, let has):
            "port \(port.escaped(limit: 63)) of \(service), which has \(listed(has.map { $0.escaped(limit: 80) }, limit: 8))"
        case .ofService(.nothingSelected): "\(service), whose selector matches no workload"
        case .ofService(.scaledToZero(let workload)): "\(service), whose \(workload) has no replicas"
        case .ofService(.noneReady(let count)): "\(service), of whose \(counted(count, "pod")) none is ready"
        case .ofService(.nameUnknown(let name, _)):
            "\(service), which leads to a port named \(name.escaped(limit: 63)) that its pods do not have"
        case .ofService(.noSuchPort), .ofService(.notDeclared): service
        }
    }

    /// Further evidence.
    var lines: [String] {
        switch kind {
        case .noService(let elsewhere, let near):
            elsewhere.unique().prefix(3).map {
                "declared: a Service \(front.service.escaped(limit: 63)) is in namespace \($0.escaped(limit: 63))"
            } + (near.map { ["declared: \(front.namespace) has a Service \($0.escaped(limit: 63))"] } ?? [])
        case .ofService(.nameUnknown(_, let known)):
            [
                "declared: its pods name \(known.isEmpty ? "no port" : listed(known.map { $0.escaped(limit: 63) }, limit: 8))"
            ]
        default: []
        }
    }

    /// The line of the Ingress, or of the route, which a person would edit.
    var line: Int { if case .noPort = kind { front.portLine } else { front.line } }

    /// The backend as it would be right, where only one way to mend it is likely.
    var patch: String? {
        guard front.object.kind == "Ingress" else { return routePatch }
        switch kind {
        case .noService(_, let near?): return backend(near, front.port)
        case .noPort(_, let has) where has.count == 1: return backend(front.service, Self.number(has[0]))
        default: return nil
        }
    }

    private static func number(_ port: String) -> BackendPort? {
        UInt16(port.prefix { $0 != " " }).map(BackendPort.number)
    }

    private func backend(_ name: String, _ port: BackendPort?) -> String? {
        let value: String
        switch port {
        case .number(let number): value = "number: \(number)"
        case .named(let name): value = "name: \(yamlScalar(name))"
        case nil: return nil
        }
        return "backend:\n  service:\n    name: \(yamlScalar(name))\n    port:\n      \(value)"
    }

    private var routePatch: String? {
        switch (kind, front.port) {
        case (.noService(_, let near?), .number(let port)?): Self.reference(near, port)
        case (.noPort(_, let has), _) where has.count == 1:
            if case .number(let port)? = Self.number(has[0]) { Self.reference(front.service, port) } else { nil }
        default: nil
        }
    }

    private static func reference(_ name: String, _ port: UInt16) -> String {
        "backendRefs:\n- name: \(yamlScalar(name))\n  port: \(port)"
    }
}
