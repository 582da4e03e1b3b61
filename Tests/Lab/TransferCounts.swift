import ChildProcesses
import Foundation

/// What was counted in a capture, by the names of leadsman's JSON.
struct TransferCounts: Sendable {
    private var values: [String: Int] = [:]
    /// Of each conversation with one, in milliseconds, the shortest first.
    private(set) var handshakes: [Double] = []

    subscript(name: String) -> Int { values[name] ?? 0 }

    /// JSON's `tcp`, and tshark's `tcp.analysis`.
    private static let analysis = [
        ("retransmission", "retransmission"), ("fastRetransmission", "fast_retransmission"),
        ("spuriousRetransmission", "spurious_retransmission"), ("outOfOrder", "out_of_order"),
        ("duplicateAck", "duplicate_ack"), ("lostSegment", "lost_segment"), ("ackLostSegment", "ack_lost_segment"),
        ("zeroWindow", "zero_window"), ("zeroWindowProbe", "zero_window_probe"),
        ("zeroWindowProbeAck", "zero_window_probe_ack"), ("windowFull", "window_full"),
        ("windowUpdate", "window_update"), ("keepAlive", "keep_alive"), ("keepAliveAck", "keep_alive_ack"),
        ("reusedPorts", "reused_ports"),
    ]

    /// In the order of a table.
    static let names =
        ["packets", "flows"] + analysis.map(\.0)
        + ["resets", "synWithoutAnswer", "dnsQueries", "dnsResponses", "dnsUnanswered", "dnsRetransmitted"]

    // MARK: Ours

    init(json: String) throws {
        guard let root = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any],
            let tcp = root["tcp"] as? [String: Any], let dns = root["dns"] as? [String: Any]
        else { throw LabFailure("this is no report of a capture: \(json.prefix(500))") }
        values["packets"] = root["packets"] as? Int
        for name in ["flows", "resets", "synWithoutAnswer"] + Self.analysis.map(\.0) {
            values[name] = tcp[name] as? Int
        }
        for name in ["queries", "responses", "unanswered", "retransmitted"] {
            values["dns\(name.capitalized)"] = dns[name] as? Int
        }
        let flows = root["flows"] as? [[String: Any]] ?? []
        handshakes = flows.compactMap { $0["initialRttMs"] as? Double }.sorted()
    }

    // MARK: Theirs

    private static let others = [
        "tcp.stream", "tcp.completeness", "tcp.flags.reset", "tcp.analysis.initial_rtt", "dns.flags.response",
        "dns.response_in", "dns.retransmit_request", "dns.retransmit_request_in", "dns.retransmit_response", "dns.time",
    ]

    /// Read twice (-2): only then it knows which question found no answer, and how far a conversation came.
    init(tsharkOf file: String) throws {
        let fields = Self.analysis.map { "tcp.analysis.\($0.1)" } + Self.others
        let text = try TsharkProgram.run(
            ["-n", "-2", "-r", file, "-T", "fields"] + fields.flatMap { ["-e", $0] })
        let frames = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { row in
            Frame(fields, row)
        }
        values["packets"] = frames.count
        for (name, field) in Self.analysis { values[name] = frames.count { $0.has("tcp.analysis.\(field)") } }
        values["resets"] = frames.count { $0["tcp.flags.reset"] == "1" }
        takeStreams(frames)
        takeNames(frames)
    }

    private struct Frame {
        private let columns: [String: Substring]

        init(_ fields: [String], _ row: Substring) {
            columns = Dictionary(
                uniqueKeysWithValues: zip(fields, row.split(separator: "\t", omittingEmptySubsequences: false)))
        }

        subscript(field: String) -> Substring { columns[field] ?? "" }
        func has(_ field: String) -> Bool { !self[field].isEmpty }
    }

    private mutating func takeStreams(_ frames: [Frame]) {
        var completeness: [Substring: Substring] = [:]
        var handshakes: [Substring: Double] = [:]
        for frame in frames where frame.has("tcp.stream") {
            completeness[frame["tcp.stream"]] = frame["tcp.completeness"]
            if let seconds = Double(frame["tcp.analysis.initial_rtt"]) {
                handshakes[frame["tcp.stream"]] = seconds * 1000
            }
        }
        values["flows"] = completeness.count
        values["synWithoutAnswer"] = completeness.values.count { $0 == "1" }
        self.handshakes = handshakes.values.sorted()
    }

    private mutating func takeNames(_ frames: [Frame]) {
        let queries = frames.filter { $0["dns.flags.response"] == "0" }
        values["dnsQueries"] = queries.count { !$0.has("dns.retransmit_request") }
        values["dnsRetransmitted"] = queries.count { $0.has("dns.retransmit_request") }
        values["dnsUnanswered"] = queries.count { !$0.has("dns.response_in") && !$0.has("dns.retransmit_request_in") }
        // A time is given to what answers a question; a copy of an answer may come as unsolicited, or as sent again.
        values["dnsResponses"] = frames.count { $0.has("dns.time") && !$0.has("dns.retransmit_response") }
    }

    // MARK: Both

    /// Our JSON gives microseconds, tshark nanoseconds.
    func agreesOnHandshakes(with other: TransferCounts) -> Bool {
        handshakes.count == other.handshakes.count
            && zip(handshakes, other.handshakes).allSatisfy { abs($0 - $1) < 0.0011 }
    }
}

/// `Scripts/lab --transfers`: the counts of both, side by side, a table for each condition.
enum TransferTable {
    static func text(_ comparisons: [TransferCondition.Comparison]) -> String {
        let places = comparisons.map(\.place)
        let width = (TransferCounts.names.map(\.count).max() ?? 0) + 2
        func row(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(1, 18 - $0.count)) + $0 }.joined()
        }
        let rows = TransferCounts.names.filter { name in comparisons.contains { $0.theirs[name] + $0.ours[name] > 0 } }
            .map { name in
                row(name, comparisons.map { cell($0.theirs[name], $0.ours[name]) })
            }
        let handshakes = comparisons.map { comparison in
            comparison.theirs.agreesOnHandshakes(with: comparison.ours)
                ? "\(comparison.ours.handshakes.count)" : "different"
        }
        return ([row(comparisons.first?.condition ?? "", places)] + rows + [row("initial RTTs", handshakes)])
            .joined(separator: "\n") + "\n"
    }

    private static func cell(_ theirs: Int, _ ours: Int) -> String {
        theirs == ours ? "\(ours)" : "\(theirs) != \(ours)"
    }
}
