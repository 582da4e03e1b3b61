import Diagnosis
import NetValues
import Observations
import Wire

/// The document `leadsman/packets/v1`: what the capture is, what it holds, its flows, its findings. Every member is always
/// there; what a capture cannot tell is null.
struct PacketDocument {
    private let report: PacketReport
    private let top: Int?

    init(_ report: PacketReport, top: Int? = nil) {
        self.report = report
        self.top = top
    }

    /// Flow by flow, since a text of all of them would be many times the memory of the analysis.
    func write<Failure: Error>(to write: (String) throws(Failure) -> Void) throws(Failure) {
        let members = (capture + layers).map { "\n  \(name($0.0))\(JSONWriter.text($0.1, layout: .rows, depth: 1))" }
        try write("{\(members.joined(separator: ",")),\n  \"flows\": [")
        var isFirst = true
        for flow in report.summary.flows.prefix(top ?? .max) {
            let line = JSONWriter.text(FlowJSON.json(flow), layout: .compact)
            try write("\(isFirst ? "" : ",")\n    \(line)")
            isFirst = false
        }
        let findings = JSONValue.array(report.findings.map(\.json))
        try write(
            "\(isFirst ? "" : "\n  ")],\n  \"findings\": \(JSONWriter.text(findings, layout: .indented, depth: 1))\n}\n"
        )
    }

    private func name(_ key: String) -> String { JSONWriter.text(.string(key), layout: .compact) + ": " }

    /// All but flows, findings, and the lists of transactions.
    var summary: JSONObject {
        JSONObject((capture + PacketDocument(report, top: 0).layers).filter { $0.0 != "endpoints" })
    }

    private var capture: [(String, JSONValue)] {
        let summary = report.summary
        return [
            ("schema", .string(PacketReport.schema)),
            (
                "tool",
                PacketJSON.object([("name", .string(report.tool.name)), ("version", .string(report.tool.version))])
            ),
            ("verdict", .string(report.verdict.rawValue)), ("interrupted", .bool(report.isInterrupted)),
            ("interface", PacketJSON.text(summary.interface)), ("filter", PacketJSON.text(summary.filter)),
            ("files", .strings(summary.files)), ("packets", .int(summary.packets)), ("bytes", .int(summary.bytes)),
            ("capturedBytes", .int(summary.capturedBytes)), ("firstAt", PacketJSON.time(summary.firstAt)),
            ("lastAt", PacketJSON.time(summary.lastAt)), ("durationMs", PacketJSON.span(summary.span)),
            ("linkTypes", .strings(summary.linkTypes.map(\.description))),
            ("truncated", .bool(summary.isTruncated)), ("problems", .strings(summary.problems)),
            ("drops", CaptureJSON.drops(summary.drops)), ("backwardSteps", .int(summary.backwardSteps)),
        ]
    }

    private var layers: [(String, JSONValue)] {
        let summary = report.summary
        return [
            ("protocols", CaptureJSON.protocols(summary.protocols)),
            ("endpoints", .array(summary.endpoints.first(top).map(CaptureJSON.endpoint))),
            ("tcp", TCPJSON.json(summary.tcp)), ("dns", NameJSON.json(summary.dns, top: top)),
            ("icmp", ControlJSON.json(summary.icmp, top: top)),
            ("arp", ControlJSON.json(summary.neighbours, top: top)),
            ("dhcp", ControlJSON.json(summary.dhcp, top: top)), ("tls", ApplicationJSON.json(summary.tls, top: top)),
            ("http", ApplicationJSON.json(summary.http, top: top)),
            ("egress", CaptureJSON.json(summary.egress, top: top)),
            ("limits", CaptureJSON.limits(summary.limits)),
        ]
    }
}

extension PacketSummary {
    /// From the first packet to the last; nil of an empty capture.
    var span: Duration? {
        guard let firstAt, let lastAt else { return nil }
        return lastAt - firstAt
    }
}
