import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Pools of MetalLB whose addresses nobody announces: Services get one of them, and no packet finds its way there.
enum MetalLBAdvertisement: AuditRule {
    static let explanation = LBConfigIneffective.explanation

    private struct Advertisement {
        let object: ManifestObject
        let names: [YAMLNode]
        let selectors: [LabelSelector]

        init(_ object: ManifestObject) {
            self.object = object
            names = object.spec?["ipAddressPools"]?.items ?? []
            selectors = (object.spec?["ipAddressPoolSelectors"]?.items ?? []).compactMap(LabelSelector.init)
        }

        /// Without names and selectors it is for every pool.
        func announces(_ pool: MetalLBPool) -> Bool {
            object.namespace == pool.object.namespace
                && (names.isEmpty && selectors.isEmpty || names.contains { $0.text == pool.name }
                    || selectors.contains { $0.matches(pool.object.labels) })
        }
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        let pools = MetalLBPool.all(in: state).filter { $0.object.kind == "IPAddressPool" }
        guard !pools.isEmpty else { return [] }
        let advertisements = ["L2Advertisement", "BGPAdvertisement"].flatMap { state.objects($0, "metallb.io") }.map(
            Advertisement.init)
        return pools.filter { pool in !advertisements.contains { $0.announces(pool) } }.compactMap { pool in
            // Where none was read at all, they stand in another file.
            guard
                !advertisements.isEmpty || state.set.hasAll("L2Advertisement", "BGPAdvertisement")
                    || DeclaredState.isDocument(pool.object.file)
            else { return nil }
            return misnamed(pool, pools, advertisements) ?? tell(pool, advertisements, state)
        }
    }

    /// An advertisement that was meant for it: the line to mend is there.
    private static func misnamed(_ pool: MetalLBPool, _ pools: [MetalLBPool], _ all: [Advertisement]) -> Finding? {
        let known = Set(pools.map(\.name))
        for advertisement in all where advertisement.object.namespace == pool.object.namespace {
            guard
                let node = advertisement.names.first(where: { node in
                    node.text.map { !known.contains($0) && nearestWord(to: $0, among: [pool.name]) != nil } ?? false
                })
            else { continue }
            return finding(
                advertisement.object, at: advertisement.object.place(node), confidence: .likely,
                summary:
                    "\(advertisement.object.title) announces the pool \((node.text ?? "").escaped(limit: 63)), which is not there; there is \(pool.name.escaped(limit: 63)), which nobody announces.",
                evidence: ["\(pool.object.title)\(words(pool)): \(listed(pool.spans.map(\.text)))"], cause: cause,
                remedy: ["name the pool as it is called"],
                patch: "spec:\n  ipAddressPools:\n  - \(yamlScalar(pool.name))")
        }
        return nil
    }

    private static let cause =
        "MetalLB gives Services an address of the pool, and answers for it neither by ARP nor by BGP: connections from outside time out."

    private static func tell(_ pool: MetalLBPool, _ all: [Advertisement], _ state: DeclaredState) -> Finding {
        finding(
            pool.object, at: pool.place,
            confidence: state.set.hasAll("L2Advertisement", "BGPAdvertisement")
                ? .certain : all.isEmpty ? .possible : .likely,
            summary: "No advertisement announces the addresses of \(pool.object.title).",
            evidence: all.isEmpty
                ? [
                    "no L2Advertisement and no BGPAdvertisement was read"
                        + (state.set.hasAll("L2Advertisement", "BGPAdvertisement")
                            ? "" : "; one may be declared elsewhere")
                ]
                : all.prefix(4).map { advertisement in
                    "\(advertisement.object.title) of namespace \(advertisement.object.namespace.escaped(limit: 63)) is for \(advertisement.names.isEmpty ? "pools by their labels, or of its own namespace" : listed(advertisement.names.compactMap(\.text).map { $0.escaped(limit: 63) }))"
                }, cause: cause,
            remedy: ["declare an L2Advertisement (one network) or BGPAdvertisement (routers) for the pool"],
            patch: [
                "apiVersion: metallb.io/v1beta1", "kind: L2Advertisement", "metadata:",
                "  name: \(yamlScalar(pool.name))", "  namespace: \(yamlScalar(pool.object.namespace))", "spec:",
                "  ipAddressPools:", "  - \(yamlScalar(pool.name))",
            ].joined(separator: "\n"))
    }

    private static func words(_ pool: MetalLBPool) -> String { pool.place.words.map { " (\($0))" } ?? "" }
}
