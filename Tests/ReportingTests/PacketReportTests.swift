import Diagnosis
import JSON
import NetValues
import Observations
import Testing

@testable import Reporting

// On the main thread, as TextReportTests.
@MainActor @Suite struct PacketReportTests {
    private func text(
        _ report: PacketReport, _ format: PacketFormat = .text, width: Int = 80,
        _ verbosity: TextStyle.Verbosity = .normal, tables: [PacketTable] = [], top: Int? = nil, color: Bool = false
    ) -> String {
        let style = TextStyle(width: width, color: color, verbosity: verbosity)
        var text: [UInt8] = []
        report.write(as: PacketRendering(format: format, style: style, tables: tables, top: top)) { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    @Test(arguments: SamplePackets.all.map(\.name))
    func page_isAsRecorded(name: String) throws {
        let report = try #require(SamplePackets.all.first { $0.name == name }).report
        try expectSnapshot(text(report), "packets-\(name).txt")
        try expectSnapshot(text(report, .text, .verbose), "packets-\(name)-verbose.txt")
        try expectSnapshot(text(report, .text, .quiet), "packets-\(name)-quiet.txt")
    }

    private func text(
        _ report: PacketReport, _ format: PacketFormat, _ verbosity: TextStyle.Verbosity
    ) -> String { text(report, format, width: 80, verbosity) }

    @Test(arguments: SamplePackets.all.map(\.name))
    func document_isAsRecorded(name: String) throws {
        let report = try #require(SamplePackets.all.first { $0.name == name }).report
        try expectSnapshot(text(report, .json), "packets-\(name).json")
    }

    @Test(arguments: PacketTable.allCases)
    func tables_areAsRecorded(table: PacketTable) throws {
        let report = SamplePackets.busy
        try expectSnapshot(text(report, tables: [table]), "packets-\(table.rawValue).txt")
        try expectSnapshot(text(report, .csv, tables: [table]), "packets-\(table.rawValue).csv")
        try expectSnapshot(text(report, .jsonl, tables: [table]), "packets-\(table.rawValue).jsonl")
    }

    @Test func csv_holdsNoFormula_whateverPeersSend() throws {
        for table in [PacketTable.flows, .dns, .tls, .http] {
            let csv = text(SamplePackets.hostile, .csv, tables: [table])
            let cells = try Self.cells(csv)
            #expect(cells.count > 1)
            for row in cells {
                #expect(row.count == cells[0].count)
                #expect(!row.contains { $0.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false })
            }
        }
        try expectSnapshot(text(SamplePackets.hostile, .csv, tables: [.dns]), "packets-hostile-dns.csv")
    }

    /// Reads CSV as RFC 4180 defines it.
    private static func cells(_ text: String) throws -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == byte: cell.append(byte); bytes.removeFirst()
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                row.append(String(decoding: cell, as: UTF8.self))
                cell = []
            case 0x0d where !isQuoted:
                #expect(bytes.popFirst() == 0x0a)
                rows.append(row + [String(decoding: cell, as: UTF8.self)])
                (row, cell) = ([], [])
            default: cell.append(byte)
            }
        }
        #expect(!isQuoted && cell.isEmpty && row.isEmpty)
        return rows
    }

    @Test(arguments: [20, 40, 53, 80, 120, 200])
    func pages_keepToTheWidth(width: Int) {
        for (name, report) in SamplePackets.all {
            for verbosity in [TextStyle.Verbosity.quiet, .normal, .verbose] {
                for tables in [[], PacketTable.allCases] {
                    let text = text(report, width: width, verbosity, tables: tables)
                    let lines = text.split(separator: "\n").map(String.init)
                    let widest = lines.max { $0.displayWidth < $1.displayWidth } ?? ""
                    #expect(widest.displayWidth <= max(40, width), "\(name): \(widest)")
                    #expect(!lines.contains { $0.last == " " }, "\(name)")
                }
            }
        }
    }

    @Test func pages_holdNoControlCharacters_whateverPeersSend() {
        for tables in [[], PacketTable.allCases] {
            for format in PacketFormat.allCases {
                let text = text(SamplePackets.hostile, format, tables: tables)
                let forbidden = text.unicodeScalars.filter {
                    $0 != "\n" && $0 != "\r"
                        && ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
                }
                #expect(forbidden.isEmpty)
            }
        }
    }

    @Test func colour_changesNothingButColour() {
        let painted = text(SamplePackets.busy, color: true)
        #expect(painted.contains("\u{1b}["))
        #expect(painted.replacing(/\u{1b}\[[0-9;]*m/, with: "") == text(SamplePackets.busy))
    }

    @Test func top_boundsEveryList() throws {
        let json = try JSONParser.parse(Array(text(SamplePackets.busy, .json, top: 1).utf8))
        #expect(json["flows"]?.array?.count == 1)
        #expect(json["dns"]?["transactions"]?.array?.count == 1)
        #expect(json["tls"]?["handshakes"]?.array?.count == 1)
        #expect(text(SamplePackets.busy, .csv, top: 1).split(separator: "\r\n").count == 2)
        #expect(text(SamplePackets.busy, .jsonl, tables: [.dns], top: 1).split(separator: "\n").count == 3)
    }
}
