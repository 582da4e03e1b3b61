import Diagnosis
import JSON
import NetValues
import Observations
import Wire

/// The document `leadsman/packets/v1`: what the capture is, what it holds, its flows, its findings. Every member is always
/// there, but for some of flows (`FlowJSON`); what a capture cannot tell is null.
struct PacketDocument {
    private let report: PacketReport
    private let top: Int?

    init(_ report: PacketReport, top: Int? = nil) {
        self.report = report
        self.top = top
    }

    /// Flow by flow, since a text of all of them would be many times the memory of the analysis.
    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var text = JSONWriter()
        text.add("{")
        for (key, value) in capture + layers {
            text.add("\n  ")
            text.add(.string(key), layout: .compact)
            text.add(": ")
            text.add(value, layout: .rows, depth: 1)
            text.add(",")
        }
        text.add("\n  \"flows\": [")
        let flows = report.summary.flows.prefix(top ?? .max)
        for (index, flow) in flows.enumerated() {
            text.add(index == 0 ? "\n    " : ",\n    ")
            text.add(FlowJSON.json(flow), layout: .compact)
            try text.flush(least: PacketReport.blockSize, to: write)
        }
        text.add(flows.isEmpty ? "],\n  \"findings\": " : "\n  ],\n  \"findings\": ")
        text.add(.array(report.findings.map(\.json)), layout: .indented, depth: 1)
        text.add("\n}\n")
        try text.flush(to: write)
    }

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
