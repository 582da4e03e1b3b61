/// What a link does to the frames of one direction. The relay of Tests/Support/LabRelay does it, whatever the kernel has.
struct Impairment: Sendable {
    /// Milliseconds; hold for all frames. Jitter is uniform, to both sides, and keeps the order.
    var delay: Double = 0
    var jitter: Double = 0
    /// Megabits a second, with a queue of so many kilobytes before it. For all frames.
    var rate: Double?
    var queue: Double = 100

    /// The frames that all below is for; all when empty.
    var only = Selection()
    /// Percent, by chance; the same seed has the same fate for the same frames.
    var loss: Double = 0
    var reorder: Double = 0
    /// Milliseconds that a reordered frame is held back.
    var reorderBy: Double = 5
    var duplicate: Double = 0
    /// Each Nth is lost, exactly.
    var every: Int?
    /// Those that are lost, counted from 1.
    var drop: ClosedRange<Int>?

    struct Selection: Sendable {
        enum Transport: String, Sendable { case tcp, udp, icmp, icmp6 }

        var transport: Transport?
        var port: Int?

        static let icmp = Selection(transport: .icmp)
        static let icmp6 = Selection(transport: .icmp6)
        static func tcp(_ port: Int? = nil) -> Selection { Selection(transport: .tcp, port: port) }
        static func udp(_ port: Int? = nil) -> Selection { Selection(transport: .udp, port: port) }
    }

    /// As the relay reads it.
    var words: [String] {
        var words: [String] = []
        if delay > 0 { words.append("delay=\(delay)") }
        if jitter > 0 { words.append("jitter=\(jitter)") }
        if let rate { words += ["rate=\(rate)", "queue=\(queue)"] }
        if let transport = only.transport { words.append("protocol=\(transport.rawValue)") }
        if let port = only.port { words.append("port=\(port)") }
        if loss > 0 { words.append("loss=\(loss)") }
        if reorder > 0 { words += ["reorder=\(reorder)", "by=\(reorderBy)"] }
        if duplicate > 0 { words.append("duplicate=\(duplicate)") }
        if let every { words.append("every=\(every)") }
        if let drop { words.append("drop=\(drop.lowerBound)-\(drop.upperBound)") }
        return words
    }
}

/// What the relay counted in one direction, in frames.
struct RelayCounts: Sendable, Equatable {
    /// `matched` are those of the selection; `lost` those that it lost on purpose, `overflowed` those a full queue lost.
    let seen, matched, lost, overflowed, duplicated, reordered, sent: Int

    /// From a line `forth seen=3 matched=2 …`.
    init?(line: some StringProtocol) {
        let pairs = line.split(separator: " ").dropFirst().map { $0.split(separator: "=") }
        let counts = Dictionary(pairs.compactMap { $0.count == 2 ? ($0[0], Int($0[1])) : nil }) { first, _ in first }
        guard let seen = counts["seen"] ?? nil, let matched = counts["matched"] ?? nil,
            let lost = counts["lost"] ?? nil,
            let overflowed = counts["overflowed"] ?? nil, let duplicated = counts["duplicated"] ?? nil,
            let reordered = counts["reordered"] ?? nil, let sent = counts["sent"] ?? nil
        else { return nil }
        (self.seen, self.matched, self.lost, self.overflowed) = (seen, matched, lost, overflowed)
        (self.duplicated, self.reordered, self.sent) = (duplicated, reordered, sent)
    }
}
