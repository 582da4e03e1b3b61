import Manifests
import NetValues

/// Where a Service's port leads to: policies are asked about pods and their ports, never about the Service's address.
package struct ServiceTarget: Hashable, Sendable {
    package let party: Party
    package let transport: PortTransport
    /// Nil where the pod has no port of the name that the Service wants.
    package let port: UInt16?
}

extension PolicyEvaluation {
    /// The endpoints of one port: pods that the selector selects, or what Endpoints and EndpointSlices of that name hold. Of a headless
    /// Service clients get the pods' addresses, and nothing translates the port.
    package func targets(of service: DeclaredService, at port: DeclaredService.Port) -> [ServiceTarget] {
        guard let selector = service.selector else { return kept(service, port) }
        let labels = LabelSelector(matchLabels: selector)
        return state.indices(in: service.namespace, with: labels).map { index in
            ServiceTarget(
                party: .workload(index), transport: port.transport,
                port: service.isHeadless ? port.number : port.port(at: state.workloads[index].template))
        }
    }

    /// The Service that has an address of its own.
    package func service(at address: IPAddress) -> DeclaredService? {
        let text = address.description
        return state.services.first { $0.clusterIPs.contains(text) }
    }

    private func kept(_ service: DeclaredService, _ port: DeclaredService.Port) -> [ServiceTarget] {
        state.endpoints(of: service).flatMap { endpoints in
            endpoints.ports.filter { ($0.name ?? "") == (port.name ?? "") && $0.transport == port.transport }
                .flatMap { found in
                    endpoints.ready.compactMap(\.address).map {
                        ServiceTarget(party: party(at: $0), transport: port.transport, port: found.number)
                    }
                }
        }.unique()
    }
}
