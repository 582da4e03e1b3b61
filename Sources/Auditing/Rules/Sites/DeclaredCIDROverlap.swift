import Diagnosis
import Manifests
import NetValues
import Planning

/// Ranges of declared sites that have addresses in common (catalogue section 5, the static half).
enum DeclaredCIDROverlap: AuditRule {
    static let explanation = FindingExplanation.shared("cidr-overlap", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let sites = DeclaredSites(state)
        let byObject = Dictionary(grouping: sites.ranges) { range in "\(range.place.file ?? "") \(range.title)" }
        let own = byObject.keys.sorted().compactMap { within(byObject[$0] ?? []) }
        let others = between(byObject.keys.sorted().compactMap { byObject[$0] }, isMultiCluster(state))
        let strange = sites.ranges.compactMap { stranger(in: $0, sites) }
        return (own + others + strange).map(tell)
    }

    private struct Overlap {
        let range: DeclaredRange
        var severity: Severity?
        let confidence: Finding.Confidence
        let summary: String
        let evidence: [String]
        let cause: String
    }

    private static func isMultiCluster(_ state: DeclaredState) -> Bool {
        !state.objects("ServiceImport").isEmpty || !state.objects("ServiceExport").isEmpty
    }

    /// Pods and Services of one cluster.
    private static func within(_ ranges: [DeclaredRange]) -> Overlap? {
        for range in ranges where range.role == .services {
            guard let pods = ranges.first(where: { $0.role == .pods && $0.range.overlaps(range.range) }) else {
                continue
            }
            return Overlap(
                range: range, confidence: .certain,
                summary: "\(range.title) gives \(range.range) to Services and \(pods.range) to pods: they overlap.",
                evidence: [range.words, pods.words],
                cause: "An address that is both is taken for one of the two: packets for the other never arrive.")
        }
        return nil
    }

    /// A route to elsewhere that holds a cluster's own addresses, networks of two sites, and pods of clusters that speak to each other.
    private static func between(_ all: [[DeclaredRange]], _ isMultiCluster: Bool) -> [Overlap] {
        var found: [Overlap] = []
        for (index, ranges) in all.enumerated() {
            for others in all[(index + 1)...] {
                if let overlap = routed(ranges, others) ?? routed(others, ranges)
                    ?? sites(ranges, others, isMultiCluster)
                {
                    found.append(overlap)
                }
            }
        }
        return found
    }

    private static func routed(_ local: [DeclaredRange], _ remote: [DeclaredRange]) -> Overlap? {
        for route in remote where route.role == .route {
            let captured = local.filter {
                $0.role != .route && $0.range.length > route.range.length && route.range.contains($0.range)
            }
            guard let first = captured.first else { continue }
            let ranges = captured.map(\.range.description)
            return Overlap(
                range: first, confidence: .possible,
                summary:
                    "\(first.title) uses \(listed(ranges)) within \(route.range), which \(route.title) routes to other sites.",
                evidence: captured.map(\.words) + [route.words],
                cause:
                    "Within the cluster these addresses mean its own pods and Services: whatever other site has them cannot be reached from it, nor its pods from there."
            )
        }
        return nil
    }

    private static func sites(_ ranges: [DeclaredRange], _ others: [DeclaredRange], _ isMultiCluster: Bool) -> Overlap?
    {
        let roles: Set<DeclaredRange.Role> = isMultiCluster ? [.network, .pods, .services] : [.network, .pods]
        for range in ranges where roles.contains(range.role) {
            guard let other = others.first(where: { $0.role == range.role && $0.range.overlaps(range.range) }) else {
                continue
            }
            let isPods = range.role != .network
            return Overlap(
                range: range, severity: isPods && !isMultiCluster ? .info : nil,
                confidence: isPods ? .possible : .likely,
                summary:
                    "\(range.title) and \(other.title) both use \(range.range.length <= other.range.length ? other.range : range.range).",
                evidence: [range.words, other.words],
                cause: isPods
                    ? "Clusters may use the same range as long as none of its addresses is seen outside them; pods that speak to pods of the other cluster reach their own."
                    : "A router knows one way to an address: packets for the one site end in the other.")
        }
        return nil
    }

    /// The DNS server of another site has an address of this network.
    private static func stranger(in network: DeclaredRange, _ sites: DeclaredSites) -> Overlap? {
        let strangers = sites.strangers(in: network)
        guard let first = strangers.first else { return nil }
        return Overlap(
            range: network, confidence: .possible,
            summary:
                "\(network.title) is \(network.range), and \(first.address), the DNS server of site \(first.site ?? first.zone), lies in it.",
            evidence: [network.words]
                + strangers.map { "\($0.address) serves \($0.zone)\($0.place.words.map { " (\($0))" } ?? "")" },
            cause: "Either two sites use the same range, or one of them is declared with the range of the other.")
    }

    private static func tell(_ overlap: Overlap) -> Finding {
        var finding = DesignFinding.of(
            Self.self, subject: overlap.range.title, at: overlap.range.place, confidence: overlap.confidence,
            summary: overlap.summary, evidence: overlap.evidence, cause: overlap.cause)
        finding.severity = overlap.severity ?? explanation.severity
        finding.remedy = [
            "give one of the two another range, or translate the addresses between them",
            "on AKS keep out of 169.254.0.0/16, 172.30.0.0/16, 172.31.0.0/16 and 192.0.2.0/24, and out of every peered VNet",
        ]
        return finding
    }
}
