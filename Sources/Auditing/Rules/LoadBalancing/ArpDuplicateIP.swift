import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A pool of load balancer addresses that somebody else has (catalogue section 5).
enum ArpDuplicateIP: AuditRule {
    static let explanation = FindingExplanation.shared("arp-duplicate-ip", severity: .critical)

    static func findings(in state: DeclaredState) -> [Finding] {
        let pools = MetalLBPool.all(in: state)
        guard !pools.isEmpty else { return [] }
        let nodes = state.objects("Node", "").flatMap { node in
            (node["status", "addresses"]?.items ?? []).filter { $0["type"]?.text == "InternalIP" }.compactMap { item in
                item["address"]?.text.flatMap { IPAddress($0) }.map { (node: node.name, address: $0) }
            }
        }
        return pools.flatMap { pool in
            let within = nodes.compactMap { node in pool.contains(node.address).map { (node: node, span: $0) } }
            return within.isEmpty ? risk(pool) : Array(within.prefix(1).map { taken(pool, $0.node, $0.span) })
        }
    }

    private static func taken(
        _ pool: MetalLBPool, _ node: (node: String, address: IPAddress), _ span: MetalLBPool.Span
    ) -> Finding {
        finding(
            pool.object, at: span.place,
            summary:
                "The pool \(span.text) of \(pool.object.title) holds \(node.address), which is the node \(node.node.escaped(limit: 63)).",
            evidence: ["Node \(node.node.escaped(limit: 63)) has InternalIP \(node.address)"],
            cause:
                "Once MetalLB gives this address to a Service, two machines answer for it, and neighbours reach one or the other.",
            remedy: ["take the addresses of nodes out of the pool"])
    }

    /// The networks that home and office routers hand out in whole by DHCP when nobody changes them.
    private static let routerDefaults = ["192.168.0.0/24", "192.168.1.0/24"].compactMap { AddressRange($0) }

    private static func risk(_ pool: MetalLBPool) -> [Finding] {
        guard pool.isOld, pool.isLayer2 else { return [] }
        let spans = pool.spans.filter { span in
            routerDefaults.contains { $0.contains(span.span.first) && $0.contains(span.span.last) }
        }
        return spans.prefix(1).map { span in
            finding(
                pool.object, at: span.place, severity: .warning, confidence: .possible,
                summary:
                    "The pool \(span.text) lies in a network whose router usually gives out such addresses by DHCP: two machines may get one.",
                evidence: [
                    "layer 2: MetalLB answers ARP for these \(counted(span.span.count, "address", "addresses")) of a shared network",
                    "192.168.0.0/24 and 192.168.1.0/24 are what routers are delivered with",
                ],
                cause:
                    "Nobody tells the DHCP server of the pool. A risk, not a fault that was seen: leadsman check of such an address from the same network shows duplicates.",
                remedy: ["take the pool out of the range of the DHCP server, or use a network of its own for it"])
        }
    }
}
