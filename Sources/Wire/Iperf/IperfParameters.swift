import JSON

/// What the client of a test asks for (iperf3 3.12, `send_parameters`).
package struct IperfParameters: Hashable, Sendable {
    package static let mostStreams = 128
    package static let mostLength = 1 << 20

    package var isUDP = false
    package var isReverse = false
    package var isBothWays = false
    package var seconds = 10
    /// 0 for as many as go in the time.
    package var bytes = 0
    package var blocks = 0
    package var streams = 1
    package var length = 131_072
    /// Bits a second for each stream; 0 for as many as go.
    package var rate = 0
    package var omit = 0
    package var hasWideCounters = false
    package var congestion: String?
    /// The other side is a Leadsman, which tells and understands more.
    package var isLeadsman = false

    package init() {}

    /// For the streams of both ways.
    package var connections: Int { isBothWays ? 2 * streams : streams }

    /// Nil for what is not such a request, or asks for what nobody means.
    package init?(decoding bytes: [UInt8]) {
        guard let json = IperfJSON.object(bytes) else { return nil }
        isUDP = json["udp"]?.flag ?? false
        isReverse = json["reverse"]?.flag ?? false
        isBothWays = json["bidirectional"]?.flag ?? false
        seconds = json["time"]?.count(upTo: 86_400) ?? 0
        self.bytes = json["num"]?.count() ?? 0
        blocks = json["blockcount"]?.count() ?? 0
        streams = json["parallel"]?.count(upTo: Self.mostStreams) ?? 1
        length = json["len"]?.count(upTo: Self.mostLength) ?? 0
        rate = json["bandwidth"]?.count() ?? 0
        omit = json["omit"]?.count(upTo: 600) ?? 0
        hasWideCounters = json["udp_counters_64bit"]?.flag ?? false
        congestion = json["congestion"]?.string.flatMap { $0.utf8.count <= 15 ? $0 : nil }
        isLeadsman = json["leadsman"] != nil
        guard streams >= 1, length >= IperfDatagram.mostHeader, !isUDP || length <= 65_507 else { return nil }
    }

    package var encoded: [UInt8] {
        var members = [
            isUDP ? "\"udp\":true" : "\"tcp\":true", "\"omit\":\(omit)", "\"time\":\(seconds)", "\"num\":\(bytes)",
            "\"blockcount\":\(blocks)", "\"parallel\":\(streams)", "\"len\":\(length)", "\"pacing_timer\":1000",
            "\"client_version\":\"3.12\"",
        ]
        if isReverse { members.append("\"reverse\":true") }
        if rate > 0 || isUDP { members.append("\"bandwidth\":\(rate)") }
        if hasWideCounters { members.append("\"udp_counters_64bit\":1") }
        if let congestion { members.append("\"congestion\":\"\(congestion)\"") }
        if isLeadsman { members.append("\"leadsman\":1") }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }
}
