import JSON

/// What one side of a test tells the other at its end.
package struct IperfResults: Hashable, Sendable {
    package struct Stream: Hashable, Sendable {
        package var id: Int
        package var bytes: Int
        /// Nil where it is not counted: iperf3 writes -1, as a number of 64 bits without a sign.
        package var retransmits: Int?
        /// Seconds.
        package var jitter = 0.0
        /// Datagrams that are missing.
        package var errors = 0
        package var packets = 0
        package var start = 0.0
        package var end: Double

        package init(id: Int, bytes: Int, retransmits: Int? = nil, end: Double) {
            self.id = id
            self.bytes = bytes
            self.retransmits = retransmits
            self.end = end
        }
    }

    /// Of a Leadsman: TCP_INFO of its sending side, microseconds.
    package struct SenderTrace: Hashable, Sendable {
        package var segments = 0
        package var roundTrip = 0
        package var leastRoundTrip = 0
        package var busy = 0
        package var windowLimited = 0
        package var bufferLimited = 0
        package var segmentSize = 0
        package var late = 0
        package var copies = 0

        package init() {}
    }

    /// Percent of one processor.
    package var processor = 0.0
    package var userProcessor = 0.0
    package var systemProcessor = 0.0
    package var sendsRetransmits = false
    package var congestion: String?
    package var streams: [Stream] = []
    package var isLeadsman = false
    package var trace: SenderTrace?

    package init() {}

    /// Stream ids are 1, 3, 4, 5 … (iperf3's own slip, by which both sides know them).
    package static func id(ofStream index: Int) -> Int { index == 0 ? 1 : index + 2 }

    package init?(decoding bytes: [UInt8]) {
        guard let json = IperfJSON.object(bytes), let list = json["streams"]?.array,
            list.count <= 2 * IperfParameters.mostStreams
        else { return nil }
        processor = Self.share(json["cpu_util_total"])
        userProcessor = Self.share(json["cpu_util_user"])
        systemProcessor = Self.share(json["cpu_util_system"])
        sendsRetransmits = json["sender_has_retransmits"]?.number == 1
        congestion = json["congestion_used"]?.string.flatMap { $0.utf8.count <= 32 ? $0 : nil }
        isLeadsman = json["leadsman"] != nil
        for element in list {
            guard let id = element["id"]?.count(upTo: 1 << 30), let count = element["bytes"]?.count() else {
                return nil
            }
            var stream = Stream(id: id, bytes: count, end: Self.seconds(element["end_time"]))
            stream.retransmits = element["retransmits"]?.count(upTo: 1 << 48)
            stream.jitter = Self.seconds(element["jitter"])
            stream.errors = element["errors"]?.count(upTo: 1 << 48) ?? 0
            stream.packets = element["packets"]?.count(upTo: 1 << 48) ?? 0
            stream.start = Self.seconds(element["start_time"])
            streams.append(stream)
        }
        if let told = json["leadsman"]?.object { trace = SenderTrace(told) }
    }

    private static func share(_ value: JSONValue?) -> Double {
        value?.number.map { min(max($0, 0), 100_000) } ?? 0
    }

    private static func seconds(_ value: JSONValue?) -> Double {
        value?.number.map { min(max($0, 0), 1e6) } ?? 0
    }

    package var encoded: [UInt8] {
        var members = [
            "\"cpu_util_total\":\(processor)", "\"cpu_util_user\":\(userProcessor)",
            "\"cpu_util_system\":\(systemProcessor)", "\"sender_has_retransmits\":\(sendsRetransmits ? 1 : -1)",
        ]
        if let congestion { members.append("\"congestion_used\":\"\(congestion)\"") }
        members.append("\"streams\":[\(streams.map(\.encoded).joined(separator: ","))]")
        if isLeadsman { members.append("\"leadsman\":\((trace ?? SenderTrace()).encoded)") }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }
}

extension IperfResults.Stream {
    fileprivate var encoded: String {
        "{\"id\":\(id),\"bytes\":\(bytes),\"retransmits\":\(retransmits ?? -1),\"jitter\":\(jitter),\"errors\":\(errors),"
            + "\"omitted_errors\":0,\"packets\":\(packets),\"omitted_packets\":0,\"start_time\":\(start),\"end_time\":\(end)}"
    }
}

extension IperfResults.SenderTrace {
    private static let names: [(String, any WritableKeyPath<Self, Int> & Sendable)] = [
        ("segments", \.segments), ("rtt", \.roundTrip), ("min_rtt", \.leastRoundTrip), ("busy", \.busy),
        ("rwnd_limited", \.windowLimited), ("sndbuf_limited", \.bufferLimited), ("mss", \.segmentSize),
        ("late", \.late), ("copies", \.copies),
    ]

    fileprivate init(_ json: JSONObject) {
        for (name, path) in Self.names { self[keyPath: path] = json[name]?.count(upTo: 1 << 48) ?? 0 }
    }

    fileprivate var encoded: String {
        "{\(Self.names.map { "\"\($0.0)\":\(self[keyPath: $0.1])" }.joined(separator: ","))}"
    }
}
