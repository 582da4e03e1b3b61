import Manifests

extension DeclaredRoute {
    /// The ports of Services that requests from a Gateway end at: of those that may be referred to, and get a share.
    func backends(in state: DeclaredState) -> [(backend: Backend, service: DeclaredService, port: DeclaredService.Port)]
    {
        guard parents.contains(where: { $0.reference.kind == "Gateway" && $0.reference.group == GatewayAPI.group })
        else {
            return []
        }
        let transport: PortTransport = object.kind == "UDPRoute" ? .udp : .tcp
        return rules.flatMap(\.backends).compactMap { backend in
            let reference = backend.reference
            guard reference.kind == "Service", reference.group.isEmpty, backend.weight > 0,
                let service = state.service(reference.namespace, reference.name),
                let port = service.ports.first(where: { $0.number == backend.port && $0.transport == transport }),
                reference.namespace == namespace || isGranted(reference, in: state)
            else { return nil }
            return (backend, service, port)
        }
    }

    private func isGranted(_ reference: GatewayReference, in state: DeclaredState) -> Bool {
        state.objects("ReferenceGrant", GatewayAPI.group).compactMap(ReferenceGrant.init).contains {
            $0.allows(object, reference)
        }
    }
}
