import Diagnosis
import JSON
import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Reporting
import Wire

extension FuzzTarget {
    /// What a capture of hostile frames is told as, in every format. Frames one after another, each behind its length in two bytes
    /// and what says when it came.
    static let packetReport = FuzzTarget(
        "packet-report",
        words: [
            "\u{1b}[31m", "=cmd()", "\u{202e}", "GET / HTTP/1.1\r\nHost: ", "HTTP/1.1 200 OK\r\n\r\n",
            "\u{16}\u{3}\u{1}",
        ],
        seeds: { reportSeeds }
    ) { bytes in
        let summary = summary(of: bytes)
        let judge = Judge(resolver: ResolverConfiguration(servers: []), now: summary.lastAt ?? WallTime(nanoseconds: 0))
        let report = PacketReport(summary: summary, judgement: judge.judge(packets: summary), toolVersion: "0")
        try checkJSON(report)
        try checkLines(report)
        for table in PacketTable.allCases { try checkTable(report, table) }
        for tables in [[], PacketTable.allCases] {
            let page = rendered(report, .text, tables)
            try hold(page.unicodeScalars.allSatisfy(isFit), "a page that commands a terminal")
        }
    }

    /// The step of time is of a few milliseconds either way, or as far as the clock goes.
    private static func summary(of bytes: [UInt8]) -> PacketSummary {
        var settings = AnalysisSettings()
        settings.mostFlows = 8
        settings.mostTransactions = 8
        var analyzer = PacketAnalyzer(settings)
        var (at, frames) = (0, 0)
        var time: Int64 = 1_700_000_000_000_000_000
        while at + 3 <= bytes.count {
            let length = min(Int(bytes[at]) << 8 | Int(bytes[at + 1]), bytes.count - at - 3)
            switch bytes[at + 2] {
            case 0xff: time = .max
            case 0xfe: time = .min
            case 0xfd: time = 0
            case let step: time = time &+ Int64(Int8(bitPattern: step)) * 100_000_000
            }
            frames += 1
            let frame = [UInt8](bytes[(at + 3)..<(at + 3 + length)])
            analyzer.add(CapturedFrame(number: frames, time: time, length: length, linkType: .ethernet), frame.span)
            at += 3 + length
        }
        return analyzer.finish()
    }

    private static func rendered(_ report: PacketReport, _ format: PacketFormat, _ tables: [PacketTable]) -> String {
        var text: [UInt8] = []
        report.write(as: PacketRendering(format: format, style: TextStyle(), tables: tables)) { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    private static func checkJSON(_ report: PacketReport) throws {
        let text = rendered(report, .json, [])
        guard case .object(let document) = try? JSONParser.parse(Array(text.utf8)) else {
            throw Violation(description: "no JSON: \(text.prefix(200))")
        }
        try hold(document["packets"] == .int(report.summary.packets), "another number of packets")
        try hold(!text.utf8.contains { $0 < 0x20 && $0 != 0x0a }, "JSON with control characters")
    }

    private static func checkLines(_ report: PacketReport) throws {
        for line in rendered(report, .jsonl, PacketTable.allCases).split(separator: "\n") {
            guard (try? JSONParser.parse(Array(line.utf8))) != nil else {
                throw Violation(description: "no JSON: \(line.prefix(200))")
            }
        }
    }

    private static func checkTable(_ report: PacketReport, _ table: PacketTable) throws {
        let text = rendered(report, .csv, [table])
        try hold(text.hasSuffix("\r\n"), "a table without an end")
        let rows = text.utf8.split(separator: 0x0a).map { cells(Array($0)) }
        for row in rows {
            try hold(row.count == rows[0].count, "\(row.count) cells of \(rows[0].count) in \(table)")
            try hold(!row.contains { isFormula($0) }, "a formula in \(table)")
        }
        try hold(text.unicodeScalars.allSatisfy { isFit($0) || $0 == "\r" }, "a table that commands a terminal")
    }

    /// The cells of a line (RFC 4180), without what ends it.
    private static func cells(_ line: [UInt8]) -> [[UInt8]] {
        var cells: [[UInt8]] = [[]]
        var isQuoted = false
        for byte in line where byte != 0x0d {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: cells.append([])
            default: cells[cells.count - 1].append(byte)
            }
        }
        return cells
    }

    /// Begins as a spreadsheet's formulas do, and is no number.
    private static func isFormula(_ cell: [UInt8]) -> Bool {
        guard let first = cell.first, "=+-@".utf8.contains(first) else { return false }
        return Double(String(decoding: cell, as: UTF8.self)) == nil
    }

    /// Neither a control character nor one that turns the direction of writing (UAX 9).
    private static func isFit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a: true
        case 0..<0x20, 0x7f...0x9f, 0x200e...0x200f, 0x202a...0x202e, 0x2066...0x2069: false
        default: true
        }
    }

    // MARK: seeds

    private static var reportSeeds: [[UInt8]] {
        let client: PacketEndpoint = "198.18.0.1:40000"
        let server: PacketEndpoint = "198.18.0.2:80"
        func stream(_ sequence: UInt32, _ payload: String) -> [UInt8] {
            PacketBytes.tcp(client, server, .ack, sequence: sequence, acknowledgement: 1, payload: Array(payload.utf8))
        }
        let request = stream(1, "GET /=a,\"b\" HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = PacketBytes.tcp(
            server, client, .ack, sequence: 1, acknowledgement: 37,
            payload: Array("HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n".utf8))
        let hello: [UInt8] =
            .hex("1603010047 01000043 0303") + [UInt8](repeating: 9, count: 32)
            + .hex("00 0002 1301 01 00 0018 0000 0006 0004 00 0001 3d 0010 0005 0003 02 6832 002b 0003 02 0304")
        let tls = PacketBytes.tcp(client, "198.18.0.2:443", .ack, sequence: 1, acknowledgement: 1, payload: hello)
        let query: [UInt8] = .hex("0007 0100 0001 0000 0000 0000 02 3d1b 07 6578616d706c65 00 0001 0001")
        let reply: [UInt8] =
            .hex("0007 8180 0001 0002 0000 0000 02 3d1b 07 6578616d706c65 00 0001 0001")
            + .hex("c00c 0005 0001 0000003c 0002 c00f c00f 0001 0001 0000003c 0004 c6120009")
        let dns = [
            PacketBytes.udp(client, "198.18.0.3:53", query), PacketBytes.udp("198.18.0.3:53", client, reply),
        ]
        let syn = PacketBytes.tcp(client, "198.18.0.9:81", .syn, sequence: 1)
        let echo = PacketBytes.echo("198.18.0.1", "198.18.0.2")
        let error = PacketBytes.icmpError("198.18.0.9", "198.18.0.1", type: 3, code: 1, quoting: syn)
        return [[request, answer], [tls], dns, [syn, syn, syn, error, echo]].map { packets in
            packets.map { PacketBytes.frame($0) }.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xff), 1] + $0 }
        }
    }
}
