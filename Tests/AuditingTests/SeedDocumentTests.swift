import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Testing

/// The document of five scenarios that people copy from: what its manifests show by themselves (catalogue section 15).
@Suite struct SeedDocumentTests {
    /// A row of the catalogue's list: lines of the document (any of the ranges), and the finding that stands there.
    struct Expected: Hashable, CustomStringConvertible {
        let lines: [ClosedRange<Int>]
        let id: String

        /// From "43 / 129-134 policy-namespace-mismatch".
        init(_ row: String) {
            let words = row.split(separator: " ").filter { $0 != "/" }
            id = String(words.last ?? "")
            lines = words.dropLast().compactMap { word in
                let ends = word.split(separator: "-").compactMap { Int($0) }
                return ends.first.map { $0...(ends.last ?? $0) }
            }
        }

        var description: String { "\(id) in \(lines.map { "\($0.lowerBound)-\($0.upperBound)" })" }

        func isMet(by finding: Finding) -> Bool {
            finding.id == id && lines.contains { $0.contains(finding.location?.line ?? 0) }
        }
    }

    static let expected: [Expected] = [
        "36-89 manifest-document-separator",
        "43 policy-namespace-mismatch",
        "74-75 policy-namespace-mismatch",
        "52-59 policy-ipblock-excludes-lb-source",
        "60-67 policy-missing-dns-egress",
        "79-80 / 117-121 policy-missing-default-deny",
        "92-121 manifest-document-separator",
        "92-107 lb-config-ineffective",
        "92-107 public-lb-unrestricted",
        "92-107 plaintext-service",
        "138-173 manifest-document-separator",
        "138-173 ingress-backend-missing",
        "138-173 tls-default-certificate",
        "129-134 env-isolation-breach",
        "177-188 monitor-selects-nothing",
        "252-256 alert-rule-defective",
        "260-267 lb-health-check-misconfigured",
        "309-319 multicluster-export-invalid",
        "321-333 vip-collides-reserved",
        "346-347 / 396-397 policy-selector-matches-nothing",
        "360-368 policy-missing-dns-egress",
        "360-368 replication-path-broken",
        "351-368 policy-peer-mismatch",
        "374-397 tls-plaintext-on-tls-port",
        "374-397 service-no-endpoints",
        "374-397 lb-config-ineffective",
        "420-436 manifest-api-unknown",
        "420-436 dns-ttl-delays-failover",
        "420-436 vip-collides-reserved",
        "420-436 dns-stale-record",
        "438-466 manifest-invalid",
        "438-466 headless-service-missing",
        "438-466 manifest-ref-missing",
        "438-466 replication-path-broken",
        "555-568 failover-not-happening",
        "623-657 mesh-version-skew",
        "623-657 mesh-sidecar-throttled",
        "663-705 mesh-route-missing",
        "663-705 mesh-subset-undefined",
        "663-705 manifest-ref-missing",
        "687-705 mesh-version-skew",
        "709-718 mtls-required",
        "720-737 mesh-authz-denied",
        "781-782 mesh-sidecar-missing",
        "872-876 alert-rule-defective",
        "880-887 lb-health-check-misconfigured",
        "945-947 / 1254 cidr-overlap",
        "1003 manifest-api-removed",
        "1003-1026 manifest-invalid",
        "1003-1026 sync-delayed",
        "1031-1056 policy-namespace-mismatch",
        "1031-1056 policy-peer-mismatch",
        "1031-1056 sync-endpoint-unreachable",
        "1059-1074 lb-ip-pending",
        "1059-1074 arp-duplicate-ip",
        "1178-1185 alert-rule-defective",
        "1194-1202 sync-delayed",
        "1245-1275 manifest-document-separator",
        "1245-1275 manifest-api-unknown",
        "1245-1275 cidr-overlap",
        "1245-1275 ip-pool-exhausted",
        "1279-1298 / 1399-1405 dns-forward-inconsistent-upstreams",
        "1279-1298 manifest-api-unknown",
        "1303-1333 / 1363-1365 policy-port-not-targetport",
        "1303-1333 policy-peer-mismatch",
        "1303-1333 policy-namespace-mismatch",
        "1341-1360 lb-config-ineffective",
        "1408-1422 monitor-selects-nothing",
        "1494-1509 health-check-icmp-only",
    ].map(Expected.init)

    /// Those of the list that no rule raises yet. A rule that is added takes its rows out of here.
    static let pending: Set<Expected> = []

    /// What follows from the text too and the list does not name, each with its line.
    static let besides: Set<String> = [
        // The Secret's placeholders are no base64.
        "manifest-invalid:147",
        // Section 12 of the catalogue: an address written by hand.
        "multicluster-export-invalid:332",
        // Section 14: a claim, a ConfigMap and a Secret that nothing declares; KubeFed.
        "manifest-ref-missing:997", "manifest-ref-missing:1020", "manifest-ref-missing:1025",
        "manifest-api-removed:409",
        "monitor-selects-nothing:481", "sync-endpoint-unreachable:1328",
    ]

    static let found: [Finding] = {
        let folder = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/Fixtures/scenarios.md"
        return AuditBook.judge(DeclaredState((try? ManifestReader().read(paths: [path])) ?? ManifestSet()))
    }()

    @Test(arguments: expected.filter { !pending.contains($0) })
    func whatTheListNames_isFound(row: Expected) {
        #expect(Self.found.contains(where: row.isMet))
    }

    @Test func whatIsPending_isNotFound() {
        let done = Self.pending.filter { row in Self.found.contains(where: row.isMet) }
        #expect(done.isEmpty, "take these rows out of `pending`")
    }

    @Test func nothingElse_isFound() {
        let more = Self.found.filter { finding in !Self.expected.contains { $0.isMet(by: finding) } }
        #expect(more.places.filter { !Self.besides.contains($0) } == [])
    }

    /// An exception of one address that nobody has is of no harm.
    @Test func theHarmlessException_raisesNothing() {
        #expect(!Self.found.contains { (1055...1056).contains($0.location?.line ?? 0) })
    }
}
