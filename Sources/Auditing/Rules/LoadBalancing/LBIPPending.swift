import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A load balancer that gets no address (catalogue section 14).
enum LBIPPending: AuditRule {
    static let explanation = FindingExplanation(
        id: "lb-ip-pending", severity: .error, title: "A load balancer gets no address",
        signals: [
            "the status of a Service of type LoadBalancer holds no address",
            "MetalLB is configured by a ConfigMap, which it ignores since 0.13",
            "a pool that is asked for is not there or not for the namespace, or all pools wait to be asked",
            "more load balancers than addresses in the pools, or an address asked for that is in no pool",
        ],
        lookalikes: ["a Service that was made minutes ago: providers take their time"],
        traps: ["MetalLB before 0.13 does read the ConfigMap", "shared addresses serve several Services"],
        remedy: [
            "kubectl describe service NAME: the events say why",
            "MetalLB: declare IPAddressPool and L2Advertisement (or BGPAdvertisement)",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let pools = MetalLBPool.all(in: state)
        let current = pools.filter { !$0.isOld }
        return pools.filter(\.isOld).compactMap { old($0, current, state) }
            + (exhausted(current, state).map { [$0] } ?? [])
            + state.services.filter(\.isLoadBalancer).compactMap { pending($0, state) ?? elsewhere($0, current) }
    }

    /// A ConfigMap that is left beside the new objects does no harm.
    private static func old(_ pool: MetalLBPool, _ current: [MetalLBPool], _ state: DeclaredState) -> Finding? {
        guard current.isEmpty, !runsOldMetalLB(state) else { return nil }
        let noOther = state.set.objects.filter { $0.kind == "HelmChart" }.flatMap(disablers)
        return finding(
            pool.object, at: pool.place, confidence: .likely,
            summary:
                "\(pool.object.title) gives MetalLB its pool in a ConfigMap, which MetalLB ignores since 0.13: no load balancer gets an address.",
            evidence: ["no IPAddressPool (metallb.io) was declared", "pool: \(listed(pool.spans.map(\.text)))"]
                + noOther,
            cause:
                "Since 0.13 MetalLB reads its own kinds IPAddressPool and L2Advertisement only. Services of type LoadBalancer stay pending.",
            patch: patch(pool))
    }

    private static func runsOldMetalLB(_ state: DeclaredState) -> Bool {
        state.workloads.contains { workload in
            workload.template.containers.contains { container in
                guard let image = container["image"]?.text, image.contains("metallb"),
                    let tag = image.split(separator: ":").last
                else { return false }
                let numbers = tag.drop { $0 == "v" }.split(separator: ".").prefix(2).compactMap { Int($0) }
                return numbers.count == 2 && numbers[0] == 0 && numbers[1] < 13
            }
        }
    }

    private static func disablers(_ chart: ManifestObject) -> [String] {
        func texts(_ node: YAMLNode, _ depth: Int) -> [(String, YAMLNode)] {
            guard depth < 8 else { return [] }
            return (node.text.map { [($0, node)] } ?? []) + node.items.flatMap { texts($0, depth + 1) }
                + node.entries.flatMap { texts($0.value, depth + 1) }
        }
        return (chart.spec.map { texts($0, 0) } ?? []).filter { $0.0.contains("disable=servicelb") }.prefix(1).map {
            "k3s' own load balancer is switched off\(chart.place($0.1).words.map { " (\($0))" } ?? "")"
        }
    }

    private static func patch(_ pool: MetalLBPool) -> String? {
        guard !pool.spans.isEmpty else { return nil }
        let name = "default"
        return
            ([
                "apiVersion: metallb.io/v1beta1", "kind: IPAddressPool", "metadata:", "  name: \(name)",
                "  namespace: metallb-system", "spec:", "  addresses:",
            ] + pool.spans.map { "  - \($0.text)" } + [
                "---", "apiVersion: metallb.io/v1beta1",
                "kind: \(pool.isLayer2 ? "L2Advertisement" : "BGPAdvertisement")",
                "metadata:", "  name: \(name)", "  namespace: metallb-system", "spec:", "  ipAddressPools:",
                "  - \(name)",
            ]).joined(separator: "\n")
    }

    /// A minute or two is normal.
    private static let patience = Duration.seconds(300)

    /// What the cluster itself says.
    private static func pending(_ service: DeclaredService, _ state: DeclaredState) -> Finding? {
        guard service.object["metadata", "uid"] != nil, let status = service.object["status"]?.entry("loadBalancer"),
            status.value["ingress"]?.items.isEmpty ?? true
        else { return nil }
        let made = service.object["metadata", "creationTimestamp"]?.text.flatMap { WallTime(rfc3339: $0) }
        let age = made.flatMap { made in state.set.readAt.map { $0 - made } }
        if let age, age < patience { return nil }
        return finding(
            service.object, at: service.object.file == nil ? nil : service.object.place(status),
            confidence: age == nil ? .likely : .certain,
            summary: "\(service.object.title) waits for an address: its load balancer has none.",
            evidence: [
                "status.loadBalancer is empty" + (age.map { ", \($0.spoken) after the Service was made" } ?? "")
            ],
            cause:
                "Nothing in the cluster gives load balancers an address, or it refuses this one: quota, subnet, permission, or an empty pool."
        )
    }

    private static func exhausted(_ pools: [MetalLBPool], _ state: DeclaredState) -> Finding? {
        let total = pools.flatMap(\.spans).reduce(0) {
            $0.addingReportingOverflow($1.span.count).overflow ? .max : $0 + $1.span.count
        }
        guard let pool = pools.first, !pools.contains(where: \.spans.isEmpty) else { return nil }
        let wanting = state.services.filter { $0.isLoadBalancer && $0.object.spec?["loadBalancerClass"] == nil }
        let keys = ["metallb.universe.tf/allow-shared-ip", "metallb.io/allow-shared-ip"]
        let addresses = wanting.map { service in
            keys.lazy.compactMap { service.object.annotations[$0] }.first.map { "shared \($0)" } ?? service.object.title
        }.unique()
        guard addresses.count > total else { return nil }
        return finding(
            pool.object, at: pool.place, confidence: .likely,
            summary:
                "\(counted(addresses.count, "load balancer")) \(addresses.count == 1 ? "is" : "are") declared, and MetalLB has \(counted(total, "address", "addresses")) to give.",
            evidence: pools.map { "\($0.object.title): \(listed($0.spans.map(\.text)))" },
            cause: "Services beyond the last address of the pools stay pending.",
            remedy: ["enlarge the pool, or let Services share an address or an Ingress"])
    }

    /// An address that is asked for and in no pool.
    private static func elsewhere(_ service: DeclaredService, _ pools: [MetalLBPool]) -> Finding? {
        guard !pools.isEmpty, service.object.spec?["loadBalancerClass"] == nil else { return nil }
        let keys = ["metallb.universe.tf/loadBalancerIPs", "metallb.io/loadBalancerIPs"]
        let annotation = service.object["metadata", "annotations"]?.entries.first { keys.contains($0.key) }
        guard let entry = service.object.spec?.entry("loadBalancerIP") ?? annotation, let text = entry.value.text,
            let outside = text.split(separator: ",").compactMap({ IPAddress($0.filter { $0 != " " }) }).first(where: {
                address in !pools.contains { $0.contains(address) != nil }
            })
        else { return nil }
        return finding(
            service.object, at: service.object.place(entry), confidence: .likely,
            summary: "\(service.object.title) asks for \(outside), which is in no pool of MetalLB.",
            evidence: pools.prefix(5).map { "\($0.object.title): \(listed($0.spans.map(\.text)))" },
            cause: "MetalLB gives out addresses of its pools only; a Service that asks for another stays pending.",
            remedy: ["ask for an address of a pool, or add it to one"])
    }
}
