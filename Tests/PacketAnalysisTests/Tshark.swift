import ChildProcesses
import Foundation
import PacketBuilding

@testable import PacketAnalysis

/// What tshark says of a capture, to hold ours against.
enum Tshark {
    /// What it says of one TCP segment.
    struct Verdict {
        var flags: TCPAnalysisFlags = []
        /// Nanoseconds; nil where it shows none.
        var roundTrip: Int64?
        var handshakeRTT: Int64?
    }

    private static let fields: [(name: String, flag: TCPAnalysisFlags)] = [
        ("retransmission", .retransmission), ("fast_retransmission", .fastRetransmission),
        ("spurious_retransmission", .spuriousRetransmission), ("out_of_order", .outOfOrder),
        ("duplicate_ack", .duplicateAck), ("lost_segment", .lostSegment), ("ack_lost_segment", .ackLostSegment),
        ("zero_window", .zeroWindow), ("zero_window_probe", .zeroWindowProbe),
        ("zero_window_probe_ack", .zeroWindowProbeAck), ("window_full", .windowFull), ("window_update", .windowUpdate),
        ("keep_alive", .keepAlive), ("keep_alive_ack", .keepAliveAck), ("reused_ports", .reusedPorts),
    ]

    /// By frame, of those with TCP.
    static func verdicts(_ capture: CaptureBytes) throws -> [Int: Verdict] {
        let file = "/tmp/leadsman-agreement-\(UUID().uuidString).pcap"
        defer { unlink(file) }
        try Data(capture.bytes).write(to: URL(fileURLWithPath: file))
        let names = fields.map(\.name) + ["ack_rtt", "initial_rtt"]
        let text = try TsharkProgram.run(
            ["-n", "-r", file, "-Y", "tcp", "-T", "fields", "-e", "frame.number"]
                + names.flatMap { ["-e", "tcp.analysis.\($0)"] })
        var verdicts: [Int: Verdict] = [:]
        for line in text.split(separator: "\n") {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == names.count + 1, let frame = Int(columns[0]) else { continue }
            verdicts[frame] = verdict(Array(columns.dropFirst()))
        }
        return verdicts
    }

    private static func verdict(_ columns: [String]) -> Verdict {
        var verdict = Verdict()
        for (column, field) in zip(columns, fields) where !column.isEmpty { verdict.flags.insert(field.flag) }
        // Its field "retransmission" is there with the other two kinds as well.
        if !verdict.flags.isDisjoint(with: [.fastRetransmission, .spuriousRetransmission]) {
            verdict.flags.remove(.retransmission)
        }
        verdict.roundTrip = nanoseconds(columns[columns.count - 2])
        verdict.handshakeRTT = nanoseconds(columns[columns.count - 1])
        return verdict
    }

    /// Of seconds with nine digits behind the point.
    private static func nanoseconds(_ text: String) -> Int64? {
        let parts = text.drop { $0 == "-" }.split(separator: ".")
        guard parts.count == 2, let seconds = Int64(parts[0]), let rest = Int64(parts[1]), parts[1].count == 9 else {
            return nil
        }
        return (text.hasPrefix("-") ? -1 : 1) * (seconds * 1_000_000_000 + rest)
    }
}
