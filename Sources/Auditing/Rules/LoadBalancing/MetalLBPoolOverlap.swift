import Diagnosis
import Manifests
import NetValues
import Planning

/// Pools of load balancer addresses that have addresses in common with each other, or with pods and Services (catalogue section 5).
enum MetalLBPoolOverlap: AuditRule {
    static let explanation = FindingExplanation.shared("cidr-overlap", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let pools = MetalLBPool.all(in: state).filter { !$0.isOld }
        guard !pools.isEmpty else { return [] }
        let ranges = DeclaredRange.all(state).filter { $0.role == .pods || $0.role == .services }
        return pools.indices.compactMap { index in
            let pool = pools[index]
            // Pools of several clusters may lie in several files; only those of one namespace and file are surely of one MetalLB.
            for other in pools[..<index]
            where other.object.namespace == pool.object.namespace && other.object.file == pool.object.file {
                if let shared = pool.shared(with: other) { return tell(pool, shared.own, other, shared.other) }
            }
            for range in ranges {
                guard let span = pool.spans.first(where: { $0.span.overlaps(range.range) }) else { continue }
                return tell(pool, span, range)
            }
            return nil
        }
    }

    private static func tell(
        _ pool: MetalLBPool, _ span: MetalLBPool.Span, _ other: MetalLBPool, _ shared: MetalLBPool.Span
    ) -> Finding {
        finding(
            pool.object, at: span.place, confidence: .likely,
            summary:
                "The pools \(pool.name.escaped(limit: 63)) and \(other.name.escaped(limit: 63)) of MetalLB have addresses in common: \(span.text) and \(shared.text).",
            evidence: ["\(other.object.title)\(shared.place.words.map { " (\($0))" } ?? ""): \(shared.text)"],
            cause:
                "MetalLB refuses a configuration whose pools overlap, and goes on with the one before: neither change comes into effect.",
            remedy: ["give each pool addresses of its own"])
    }

    private static func tell(_ pool: MetalLBPool, _ span: MetalLBPool.Span, _ range: DeclaredRange) -> Finding {
        finding(
            pool.object, at: span.place, confidence: .likely,
            summary:
                "The pool \(span.text) of \(pool.object.title) lies in \(range.range), which the cluster gives to \(range.role == .pods ? "pods" : "Services").",
            evidence: [range.words],
            cause:
                "Nodes take such an address for one of their own network: packets for the load balancer end at a pod or a Service, or nowhere.",
            remedy: ["give load balancers a range of the nodes' network that neither pods nor Services use"])
    }
}
