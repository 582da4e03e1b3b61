import Manifests
import NetValues
import YAML

/// What the declared VirtualServices make of a request.
enum MeshRouting {
    /// None of their routes takes it.
    case uncovered([VirtualService])
    /// It is bound to no gateway, and one listens for the host.
    case unbound(VirtualService, MeshGateway)
    /// None of the gateways that it is bound to listens for the host.
    case unheard(VirtualService, [MeshGateway])
    /// No VirtualService has the host, and one of a gateway that listens for it has nearly that name.
    case misnamed(VirtualService, near: String, MeshGateway)
    case routed(VirtualService, VirtualService.Route)

    /// Nil where what was read does not say.
    init?(_ request: AskedRequest, _ view: DeclaredView) {
        let mesh = view.state.mesh
        guard !mesh.virtualServices.isEmpty else { return nil }
        let service = view.service(named: request.host)
        let host = service.map { "\($0.name).\($0.namespace).svc.cluster.local" } ?? request.host
        let ranked = mesh.virtualServices.compactMap { candidate in
            Self.rank(of: candidate, host).map { (service: candidate, rank: $0) }
        }
        guard let best = ranked.map(\.rank).max() else {
            guard service == nil, let near = Self.misnamed(host, mesh) else { return nil }
            self = near
            return
        }
        let candidates = ranked.filter { $0.rank == best }.map(\.service)
        // A name of the cluster is asked for through the sidecar, any other at a gateway.
        let isMesh = service != nil
        let bound = candidates.filter { $0.isBound(toMesh: isMesh) }
        guard !bound.isEmpty else {
            guard !isMesh, let unbound = Self.unbound(candidates, host, mesh) else { return nil }
            self = unbound
            return
        }
        if !isMesh, let unheard = Self.unheard(bound, host, mesh) {
            self = unheard
            return
        }
        let routes = bound.flatMap { service in
            service.routes.filter { $0.layer == .http }.map {
                (service: service, route: $0, taking: $0.takes(request))
            }
        }
        guard let first = routes.first(where: { $0.taking != .no }) else {
            guard !routes.isEmpty else { return nil }
            self = .uncovered(bound)
            return
        }
        // Of several VirtualServices of one host nobody knows whose routes come first.
        guard first.taking == .yes,
            !routes.contains(where: { $0.taking != .no && $0.service.object.title != first.service.object.title })
        else { return nil }
        self = .routed(first.service, first.route)
    }

    /// By the longest of its hosts that holds; a name before every pattern.
    private static func rank(of service: VirtualService, _ host: String) -> Int? {
        service.hostTexts.compactMap { written in
            let full = MeshHost.full(written.lowercased(), in: service.object.namespace)
            guard MeshHost.matches(host, full) else { return nil }
            return full.hasPrefix("*") ? full.utf8.count : .max
        }.max()
    }

    private static func unbound(_ candidates: [VirtualService], _ host: String, _ mesh: MeshState) -> MeshRouting? {
        let isEntry = mesh.serviceEntries.contains { $0.hosts.contains { MeshHost.matches(host, $0) } }
        guard !isEntry, let service = candidates.first,
            let gateway = mesh.gateways.first(where: { $0.serves(host, from: service.object.namespace) })
        else { return nil }
        return .unbound(service, gateway)
    }

    /// One gateway that was not read may listen for it.
    private static func unheard(_ bound: [VirtualService], _ host: String, _ mesh: MeshState) -> MeshRouting? {
        let named = bound.flatMap(\.gateways).filter { !$0.isMesh }
        let read = named.compactMap { mesh.gateway($0.name) }
        guard !read.isEmpty, read.count == named.count,
            !bound.contains(where: { service in
                read.contains { $0.serves(host, from: service.object.namespace) }
            })
        else { return nil }
        return .unheard(bound[0], read)
    }

    private static func misnamed(_ host: String, _ mesh: MeshState) -> MeshRouting? {
        for gateway in mesh.gateways {
            let bound = mesh.virtualServices.filter { service in
                service.gateways.contains {
                    $0.name == DeclaredState.Name(gateway.object.namespace, gateway.object.name) && !$0.isMesh
                } && gateway.serves(host, from: service.object.namespace)
            }
            guard let near = nearestWord(to: host, among: bound.flatMap(\.hostTexts)),
                let service = bound.first(where: { $0.hostTexts.contains(near) })
            else { continue }
            return .misnamed(service, near: near, gateway)
        }
        return nil
    }
}

extension VirtualService {
    /// Without any gateway it is of the mesh.
    fileprivate func isBound(toMesh isMesh: Bool) -> Bool {
        gateways.isEmpty ? isMesh : gateways.contains { $0.isMesh == isMesh }
    }
}
