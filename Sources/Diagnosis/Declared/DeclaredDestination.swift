import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// What was declared for the target of a check: the Service it names, and the workloads that its packets come to.
struct DeclaredDestination {
    /// Nil where a pod itself, or something outside, is the target.
    let service: DeclaredService?
    /// The port that was asked for.
    let port: UInt16
    let transport: PortTransport
    /// Where packets end up once the Service is resolved: each workload with the port of its pods.
    let ends: [End]

    struct End {
        let party: Party
        let port: UInt16

        var isPod: Bool { if case .workload = party { true } else { false } }
    }

    /// "Service shop/api", "shop/db[StatefulSet]", "192.0.2.9"
    let title: String
}

extension DeclaredView {
    /// Nil for what was not declared and is no address outside, and for a Service of another cluster.
    func destination(of check: CheckEvidence) -> DeclaredDestination? {
        guard let transport = PortTransport(check), let port = check.targetPort, strangeAddresses(of: check) == nil
        else {
            return nil
        }
        if let service = service(of: check) { return destination(service, port, transport) }
        guard let address = check.addresses.first else { return nil }
        guard let end = end(at: address, transport, port) else { return nil }
        return DeclaredDestination(
            service: nil, port: port, transport: transport, ends: [end],
            title: title(of: end.party) ?? address.description)
    }

    /// A pod, or an address that surely is none; nil where it may be that of a pod in no manifest.
    func end(at address: IPAddress, _ transport: PortTransport, _ port: UInt16) -> DeclaredDestination.End? {
        let party = evaluation.party(at: address)
        if case .range = party, !isOutside(address, transport, port) { return nil }
        return DeclaredDestination.End(party: party, port: port)
    }

    private func title(of party: Party) -> String? {
        if case .workload(let index) = party { state.workloads[index].title } else { nil }
    }

    /// Where a port of a Service leads: each workload that it selects, with the port of its pods.
    func ends(of service: DeclaredService, _ transport: PortTransport, _ port: UInt16) -> [DeclaredDestination.End] {
        let wanted = service.ports.first { $0.number == port && $0.transport == transport }
        return workloads(of: service).compactMap { index in
            let template = state.workloads[index].template
            // A headless Service changes no port.
            let target = service.isHeadless ? port : wanted.flatMap { $0.port(at: template) }
            return target.map { DeclaredDestination.End(party: .workload(index), port: $0) }
        }
    }

    private func destination(
        _ service: DeclaredService, _ port: UInt16, _ transport: PortTransport
    ) -> DeclaredDestination {
        DeclaredDestination(
            service: service, port: port, transport: transport, ends: ends(of: service, transport, port),
            title: "Service \(service.namespace)/\(service.name)")
    }

    /// The Service that a check names, with the addresses that its name has here, where the manifests give it others: they are of
    /// another cluster then, or older than the Service.
    func strangeAddresses(of check: CheckEvidence) -> (service: DeclaredService, found: [IPAddress])? {
        guard let service = namedService(of: check) else { return nil }
        let declared = service.clusterIPs.compactMap { IPAddress($0) }
        let found = check.addresses.filter { address in declared.contains { $0.family == address.family } }
        guard !found.isEmpty, found.allSatisfy({ !service.addresses.contains($0) }) else { return nil }
        return (service, found)
    }

    private func namedService(of check: CheckEvidence) -> DeclaredService? {
        guard let host = check.check.target.host, host.address == nil else { return nil }
        return service(named: host.description)
    }

    private func service(of check: CheckEvidence) -> DeclaredService? {
        if let service = namedService(of: check) { return service }
        return check.addresses.lazy.compactMap { servicesByAddress[$0] }.first.map { state.services[$0] }
    }

    /// `api`, `api.shop`, `api.shop.svc`, `api.shop.svc.cluster.local`: as the search list of a pod completes them.
    func service(named name: String) -> DeclaredService? {
        let labels = name.lowercased().split(separator: ".").map(String.init)
        switch labels.count {
        case 0: return nil
        case 1: return vantageNamespace.flatMap { state.service($0, labels[0]) }
        case 2: return state.service(labels[1], labels[0])
        default: return labels[2] == "svc" ? state.service(labels[1], labels[0]) : nil
        }
    }
}

extension PortTransport {
    /// Nil for a check without ports.
    fileprivate init?(_ check: CheckEvidence) {
        switch check.check.kind {
        case "tcp", "tls", "http": self = .tcp
        case "udp": self = .udp
        default: return nil
        }
    }
}

extension CheckEvidence {
    fileprivate var targetPort: UInt16? {
        switch check.target {
        case .url(let url): url.port
        case .hostPort(let place): place.port
        default: nil
        }
    }
}
