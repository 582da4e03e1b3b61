import Diagnosis
import Observations

/// What a capture shows and what is wrong in it: all that the formats of `pcap` and `capture` are made from. Names in it are
/// as they stood in packets.
package struct PacketReport: Sendable {
    package static let schema = "leadsman/packets/v1"

    package var tool: Report.Tool
    package var summary: PacketSummary
    package var verdict: Judgement.Verdict
    /// The headline first.
    package var findings: [Report.FindingEntry]
    /// Reading or capturing was stopped before its end.
    package var isInterrupted: Bool

    /// - Parameter judgement: of the packets alone; its checks are not told.
    package init(
        summary: PacketSummary, judgement: Judgement, toolVersion: String, isInterrupted: Bool = false
    ) {
        tool = Report.Tool(name: "leadsman", version: toolVersion)
        self.summary = summary
        verdict = judgement.verdict
        findings = judgement.findings.map { Report.FindingEntry(finding: $0) }
        self.isInterrupted = isInterrupted
    }
}

/// The forms in which the result of a capture can be asked for.
package enum PacketFormat: String, Hashable, Sendable, CaseIterable {
    case text, json, jsonl, csv
}

/// What of a capture is told line by line.
package enum PacketTable: String, Hashable, Sendable, CaseIterable {
    case flows, dns, tls, http, icmp, arp
}

/// How a capture is told.
package struct PacketRendering: Sendable {
    package var format: PacketFormat
    package var style: TextStyle
    /// Empty: the page for reading. Formats of lines take `flows` then.
    package var tables: [PacketTable]
    /// Of every list the first; nil for all.
    package var top: Int?

    package init(format: PacketFormat = .text, style: TextStyle, tables: [PacketTable] = [], top: Int? = nil) {
        self.format = format
        self.style = style
        self.tables = tables
        self.top = top
    }
}

extension PacketReport {
    /// A piece of the result, about: so that not each row is a system call, and never all is in memory.
    static let blockSize = 64 << 10

    /// Writes the result piece by piece: a capture may hold more flows than one text should.
    /// - Parameter write: takes UTF-8, whole lines.
    package func write<Failure: Error>(
        as rendering: PacketRendering, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        switch rendering.format {
        case .text: try write(Array(PacketText.text(self, rendering).utf8))
        case .json: try PacketDocument(self, top: rendering.top).write(to: write)
        case .jsonl: try PacketLines(self, rendering).write(to: write)
        case .csv: try CSVTable.write(summary, rendering, to: write)
        }
    }
}
