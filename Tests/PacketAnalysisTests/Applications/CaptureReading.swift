import Glibc
import NetValues
import Observations
import PacketAnalysis
import Testing
import Wire

/// A capture beside the tests, made by tcpdump on the loopback interface of a namespace of its own (Captures/README.md).
enum KeptCapture: String {
    case tls, http

    var path: String {
        let folder = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return folder.joined(separator: "/") + "/Captures/\(rawValue).pcap"
    }

    /// - Parameter snapLength: so much of each frame, as if the rest had not been captured.
    func summary(_ settings: AnalysisSettings = AnalysisSettings(), snapLength: Int = .max) throws -> PacketSummary {
        let bytes = try Self.read(path)
        var analyzer = PacketAnalyzer(settings)
        var position = 24
        var number = 0
        func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        while position + 16 <= bytes.count {
            let captured = min(word(position + 8), bytes.count - position - 16)
            number += 1
            let frame = CapturedFrame(
                number: number, time: Int64(word(position)) * 1_000_000_000 + Int64(word(position + 4)),
                length: word(position + 12), linkType: LinkType(rawValue: UInt32(word(20))))
            let shown = Array(bytes[position + 16..<position + 16 + min(captured, snapLength)])
            analyzer.add(frame, shown.span)
            position += 16 + captured
        }
        return analyzer.summary()
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
