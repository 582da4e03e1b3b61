import NetValues
import Planning

/// `leadsman probes [KIND]` for people.
package enum ProbesCatalogueText {
    package static func list(_ probes: [ProbeDescription], style: TextStyle) -> String {
        var page = TextPage(style: style)
        let width = probes.reduce(0) { max($0, $1.kind.displayWidth) }
        for probe in probes {
            page.paragraph(
                probe.summary, lead: [TextPage.Run(probe.kind.padded(to: width), .bold), TextPage.Run("  ")])
        }
        return page.text
    }

    package static func explanation(_ probe: ProbeDescription, style: TextStyle) -> String {
        var page = TextPage(style: style)
        page.paragraph(probe.summary, lead: [TextPage.Run(probe.kind, .bold), TextPage.Run("  ")], hang: 2)
        page.section("Risk", [probe.risk].compactMap(\.self))
        page.section("Target", [probe.targetForm.syntax])
        page.section("Latency", [probe.latency])
        keys("Keys of its own", probe.parameters, to: &page)
        keys("Keys under expect", probe.expectations + [latencyLimits(probe)], to: &page)
        page.section("Rights", [probe.rights])
        page.section("Notes", [probe.notes])
        example(probe, to: &page)
        return page.text
    }

    /// What `expect` takes of every kind.
    private static func latencyLimits(_ probe: ProbeDescription) -> ParameterDescription {
        let quantiles = LatencyLimit.Quantile.allCases.map(\.rawValue)
        let keys = quantiles + probe.stages.map(\.rawValue) + [LatencyLimit.windowKey]
        let stages = probe.stages.isEmpty ? "" : ", or of a stage by itself (connect: {p95: 500ms})"
        return ParameterDescription(
            "latency", .record(keys),
            "limits of the latency over all samples\(stages); with for: 5m only where it lasts so long")
    }

    private static func keys(_ title: String, _ parameters: [ParameterDescription], to page: inout TextPage) {
        guard !parameters.isEmpty else { return }
        page.blank()
        page.line(title, .bold)
        let width = parameters.reduce(0) { max($0, $1.key.displayWidth) }
        for parameter in parameters {
            let lead = [TextPage.Run(parameter.key.padded(to: width), .notice), TextPage.Run("  ")]
            page.paragraph("\(parameter.summary) (\(parameter.type.syntax))", indent: 2, lead: lead)
        }
    }

    private static func example(_ probe: ProbeDescription, to page: inout TextPage) {
        page.blank()
        page.line("Example plan", .bold)
        for line in ExamplePlan.lines(of: probe) { page.verbatim(line, indent: 2) }
    }
}
