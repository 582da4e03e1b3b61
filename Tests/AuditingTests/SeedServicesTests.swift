import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Testing

/// The scenarios that people copy from: what the catalogue's section 15 expects of Services, load balancers and monitors.
@Suite struct SeedServicesTests {
    static let found: [Finding] = {
        let folder = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/Fixtures/scenarios.md"
        return AuditBook.judge(DeclaredState((try? ManifestReader().read(paths: [path])) ?? ManifestSet()))
    }()

    @Test(arguments: [
        ("lb-config-ineffective", 99...107), ("public-lb-unrestricted", 99...107), ("plaintext-service", 99...107),
        ("ingress-backend-missing", 138...173), ("tls-default-certificate", 138...173),
        ("monitor-selects-nothing", 177...188), ("lb-health-check-misconfigured", 260...267),
        ("tls-plaintext-on-tls-port", 374...397), ("service-no-endpoints", 374...397),
        ("lb-config-ineffective", 374...397), ("headless-service-missing", 438...466),
        ("lb-health-check-misconfigured", 880...887), ("lb-ip-pending", 1059...1074), ("arp-duplicate-ip", 1059...1074),
        ("lb-config-ineffective", 1341...1360), ("monitor-selects-nothing", 1408...1422),
    ])
    func whatTheCatalogueExpects_isFound(_ id: String, _ lines: ClosedRange<Int>) {
        #expect(Self.found.lines(of: id).contains(where: lines.contains))
    }

    /// One more stands in its section 14: the monitor of lines 472 to 487.
    @Test func nothingElse_isFound() {
        #expect(
            Self.found.ofServices.sorted() == [
                "arp-duplicate-ip:1073", "headless-service-missing:447", "ingress-backend-missing:153",
                "lb-config-ineffective:100", "lb-config-ineffective:1343", "lb-config-ineffective:1351",
                "lb-config-ineffective:379", "lb-health-check-misconfigured:265", "lb-health-check-misconfigured:884",
                "lb-ip-pending:1069", "monitor-selects-nothing:1418", "monitor-selects-nothing:183",
                "monitor-selects-nothing:481", "plaintext-service:104", "public-lb-unrestricted:102",
                "service-no-endpoints:396", "tls-default-certificate:161", "tls-plaintext-on-tls-port:395",
            ])
    }
}
