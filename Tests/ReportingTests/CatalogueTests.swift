import Diagnosis
import JSON
import NetValues
import Planning
import Testing

@testable import Reporting

@Suite struct CatalogueTests {
    private let findings = [
        FindingExplanation(
            id: "tcp-refused", severity: .error, title: "The port refuses connections",
            signals: ["a reset or an ICMP port unreachable answers each SYN within one round trip"],
            lookalikes: ["tcp-rejected: the refusal comes from a device on the way, at another distance"],
            traps: ["a proxy of this host may answer for the target"],
            remedy: ["Start the service.", "Compare the port."]),
        FindingExplanation(
            id: "latency-high-p95", severity: .warning, title: "Slow for one in twenty", signals: [], lookalikes: [],
            remedy: []),
    ]

    private let probe = ProbeDescription(
        kind: "icmp", summary: "Sends echo requests and tells loss, round trips and jitter.", targetForm: .host,
        latency: "the round trip of an echo request",
        parameters: [
            ParameterDescription("size", .number(0...65507), "bytes of payload"),
            ParameterDescription("mode", .words(["1.2", "1.3"]), "a word that needs quotes"),
            ParameterDescription("servers", .list, "whom to ask"),
            ParameterDescription("ttl", .record(["min", "max"]), "bounds"),
        ],
        expectations: [
            ParameterDescription("loss", .share, "most that may be lost"),
            ParameterDescription("validFor", .span, "never right", check: { _ in "wrong" }),
        ],
        rights: "A ping socket, or CAP_NET_RAW.", notes: "A host that answers no echo may be well.")

    @Test func findings_areAsRecorded() throws {
        let json = CatalogueDocument.json(findings: findings)
        try expectSnapshot(JSONWriter.text(json, layout: .indented) + "\n", "catalogue-findings.json")
        try expectSnapshot(FindingsCatalogueText.list(findings, style: TextStyle()), "catalogue-findings.txt")
        try expectSnapshot(FindingsCatalogueText.explanation(findings[0], style: TextStyle()), "catalogue-finding.txt")
    }

    @Test func probes_areAsRecorded() throws {
        let json = CatalogueDocument.json(probes: [probe])
        try expectSnapshot(JSONWriter.text(json, layout: .indented) + "\n", "catalogue-probes.json")
        try expectSnapshot(ProbesCatalogueText.list([probe], style: TextStyle()), "catalogue-probes.txt")
        try expectSnapshot(ProbesCatalogueText.explanation(probe, style: TextStyle()), "catalogue-probe.txt")
    }

    @Test(arguments: [40, 80])
    func catalogues_keepToTheWidth(width: Int) {
        let style = TextStyle(width: width)
        let texts = [
            FindingsCatalogueText.list(findings, style: style),
            FindingsCatalogueText.explanation(findings[0], style: style),
            ProbesCatalogueText.list([probe], style: style), ProbesCatalogueText.explanation(probe, style: style),
        ]
        for line in texts.flatMap({ $0.split(separator: "\n") }) { #expect(String(line).displayWidth <= width) }
    }

    @Test func examplePlan_leavesOutWhatTheProbeWouldRefuse() {
        let lines = ExamplePlan.lines(of: probe)
        #expect(lines.contains("    mode: \"1.2\""))
        #expect(lines.contains("      loss: 1%"))
        #expect(!lines.contains { $0.contains("validFor") })
    }
}
