import Manifests
import NetValues

/// A Service with the pods behind it: those that were declared, and at least the labels that all of them have.
struct ServicePods {
    let service: DeclaredService
    let workloads: [Workload]

    init(_ service: DeclaredService, _ state: DeclaredState) {
        self.service = service
        workloads = state.workloads(of: service)
    }

    var title: String { service.object.title }

    /// Whether a selector surely means these pods. A requirement that some label be missing is no such word where no pod is known.
    func areSelected(by selector: LabelSelector) -> Bool {
        if !workloads.isEmpty { return workloads.allSatisfy { !$0.isHostNetwork && selector.matches($0.labels) } }
        guard let labels = service.selector else { return false }
        return selector.requirements.allSatisfy { $0.relation == .isIn || $0.relation == .exists }
            && selector.matches(labels)
    }

    /// Where packets for a port of the Service arrive. A named target port is looked up in the pods; nil where they differ or are not known,
    /// and of a headless Service with another target port, whose clients may use either (nothing translates it; SRV records name the target).
    func podPort(_ port: DeclaredService.Port) -> UInt16? {
        guard let found = target(port) else { return nil }
        return service.isHeadless && found != port.number ? nil : found
    }

    private func target(_ port: DeclaredService.Port) -> UInt16? {
        switch port.target {
        case .number(let number): return number
        case .named(let name):
            let numbers = Set(workloads.map { $0.template.port(named: name, port.transport) })
            return numbers.count == 1 ? numbers.first ?? nil : nil
        }
    }

    /// The name by which a policy may know the target port.
    func names(_ port: DeclaredService.Port) -> Set<String> {
        guard let number = podPort(port) else {
            if case .named(let name) = port.target { return [name] }
            return []
        }
        let all = workloads.flatMap(\.template.ports).filter { $0.number == number && $0.transport == port.transport }
        var names = Set(all.compactMap(\.name))
        if case .named(let name) = port.target { names.insert(name) }
        return names
    }

    /// Whether any pod says that it listens there.
    func listens(_ transport: PortTransport, _ number: UInt16) -> Bool {
        workloads.contains { $0.template.ports.contains { $0.number == number && $0.transport == transport } }
    }
}
