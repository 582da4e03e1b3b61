import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Services that no pool of MetalLB gives an address: the pool they ask for, its namespaces, and pools that wait to be asked.
enum MetalLBAssignment: AuditRule {
    static let explanation = LBIPPending.explanation

    private static let poolKeys = ["metallb.io/address-pool", "metallb.universe.tf/address-pool"]
    private static let addressKeys = ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"]

    static func findings(in state: DeclaredState) -> [Finding] {
        let pools = MetalLBPool.all(in: state).filter { !$0.isOld }
        guard !pools.isEmpty else { return [] }
        return state.services.filter { $0.isLoadBalancer && $0.object.spec?["loadBalancerClass"] == nil }.compactMap {
            named($0, pools, state) ?? unserved($0, pools, state)
        }
    }

    private static func entry(_ service: DeclaredService, _ keys: [String]) -> YAMLEntry? {
        service.object["metadata", "annotations"]?.entries.first { keys.contains($0.key) }
    }

    private static func named(_ service: DeclaredService, _ pools: [MetalLBPool], _ state: DeclaredState) -> Finding? {
        guard let entry = entry(service, poolKeys), let name = entry.value.text else { return nil }
        let shown = name.escaped(limit: 63)
        if let pool = pools.first(where: { $0.name == name }) {
            guard !pool.serves(service.namespace) else { return nil }
            return tell(
                service, service.object.place(entry), .likely,
                "asks for an address of the pool \(shown), which is not for its namespace",
                [words(pool, "serviceAllocation.namespaces does not name \(service.namespace.escaped(limit: 63))")])
        }
        let near = nearestWord(to: name, among: pools.map(\.name))
        return tell(
            service, service.object.place(entry),
            state.set.hasAll("IPAddressPool", "AddressPool") ? .certain : near == nil ? .possible : .likely,
            "asks for an address of the pool \(shown), which is not there",
            ["pools that were read: \(listed(pools.map { $0.name.escaped(limit: 63) }))"])
    }

    /// Nobody but a person that names a pool or an address gets one of a pool with autoAssign: false.
    private static func unserved(_ service: DeclaredService, _ pools: [MetalLBPool], _ state: DeclaredState) -> Finding?
    {
        guard entry(service, poolKeys + addressKeys) == nil, service.object.spec?["loadBalancerIP"] == nil,
            !pools.contains(where: { $0.assignsByItself && $0.serves(service.namespace) }), let first = pools.first
        else { return nil }
        let why = first.assignsByItself ? "is for other namespaces" : "has autoAssign: false"
        return tell(
            service, service.object.place, state.set.hasAll("IPAddressPool", "AddressPool") ? .certain : .likely,
            "gets no address: no pool of MetalLB gives it one by itself",
            pools.prefix(4).map { words($0, nil) }
                + [pools.count == 1 ? "the pool \(why)" : "each pool is for other namespaces, or has autoAssign: false"]
        )
    }

    private static func words(_ pool: MetalLBPool, _ why: String?) -> String {
        "\(pool.object.title)\(pool.object.place.words.map { " (\($0))" } ?? "")\(why.map { ": \($0)" } ?? "")"
    }

    private static func tell(
        _ service: DeclaredService, _ place: ManifestPlace, _ confidence: Finding.Confidence, _ what: String,
        _ evidence: [String]
    ) -> Finding {
        finding(
            service.object, at: place, severity: confidence == .possible ? .warning : nil, confidence: confidence,
            summary: "\(service.object.title) \(what).",
            evidence: evidence, cause: "A Service that no pool is for stays pending.",
            remedy: [
                "name a pool that is for the namespace: annotation metallb.io/address-pool",
                "or let a pool assign by itself (autoAssign: true) and serve the namespace (serviceAllocation.namespaces)",
            ])
    }
}
