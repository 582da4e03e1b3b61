import Manifests
import NetValues
import YAML

/// Where a Service's port leads to: policies are asked about pods and their ports, never about the Service's address.
package struct ServiceEndpoint: Hashable, Sendable {
    package let party: Party
    package let transport: PortTransport
    /// Nil where the pod has no port of the name that the Service wants.
    package let port: UInt16?
}

extension PolicyEvaluation {
    /// The endpoints of one port: pods that the selector selects, or what Endpoints and EndpointSlices of that name hold.
    package func endpoints(of service: DeclaredService, at port: DeclaredService.Port) -> [ServiceEndpoint] {
        guard let selector = service.selector else { return kept(service, port) }
        let labels = LabelSelector(matchLabels: selector)
        return state.workloads.indices.filter {
            state.workloads[$0].namespace == service.namespace && labels.matches(state.workloads[$0].labels)
        }.map { index in
            let number: UInt16? =
                switch port.target {
                case .number(let number): number
                case .named(let name): state.workloads[index].template.port(named: name, port.transport)
                }
            return ServiceEndpoint(party: .workload(index), transport: port.transport, port: number)
        }
    }

    /// The Service that has an address of its own.
    package func service(at address: IPAddress) -> DeclaredService? {
        let text = address.description
        return state.services.first { $0.clusterIPs.contains(text) }
    }

    private func kept(_ service: DeclaredService, _ port: DeclaredService.Port) -> [ServiceEndpoint] {
        var found: [ServiceEndpoint] = []
        func add(_ addresses: [YAMLNode], _ ports: [YAMLNode]) {
            for entry in ports where (entry["name"]?.text ?? "") == (port.name ?? "") {
                guard let number = entry["port"]?.int.flatMap({ UInt16(exactly: $0) }),
                    PortTransport(entry["protocol"]) == port.transport
                else { continue }
                for address in addresses.compactMap({ $0.text.flatMap { IPAddress($0) } }) {
                    found.append(
                        ServiceEndpoint(party: party(at: address), transport: port.transport, port: number))
                }
            }
        }
        if let object = state.object("Endpoints", service.namespace, service.name) {
            for subset in object["subsets"]?.items ?? [] {
                add((subset["addresses"]?.items ?? []).compactMap { $0["ip"] }, subset["ports"]?.items ?? [])
            }
        }
        for slice in state.objects("EndpointSlice", "discovery.k8s.io")
        where slice.namespace == service.namespace && slice.labels["kubernetes.io/service-name"] == service.name {
            let ready = (slice["endpoints"]?.items ?? []).filter { $0[["conditions", "ready"]]?.bool ?? true }
            add(ready.flatMap { $0["addresses"]?.items ?? [] }, slice["ports"]?.items ?? [])
        }
        return found.unique()
    }
}
