import NetValues
import Observations

/// All TCP of a capture in a few lines.
enum TCPText {
    /// - Parameter secondSights: packets that the capture saw twice.
    static func write(_ tcp: TCPTally, secondSights: Int, to page: inout TextPage) {
        guard tcp.flows > 0 else { return }
        page.section("TCP")
        page.entry("\(counted(tcp.flows, "connection")): \(states(tcp))")
        if tcp.handshakesWithoutData > 0 {
            page.entry("\(counted(tcp.handshakesWithoutData, "handshake")) without any data after it")
        }
        if let spread = tcp.handshakeRTT { page.entry("handshake RTT \(spread.words)") }
        page.entry("\(counted(tcp.segments, "segment")): \(events(tcp))")
        if secondSights > 0 {
            page.entry(
                "\(counted(secondSights, "packet")) seen a second time on the way through this host: counted as tshark does, and no sign of loss"
            )
        }
    }

    /// By what a person does about them, the most frequent first.
    private static func states(_ tcp: TCPTally) -> String {
        var counts: [String: Int] = [:]
        for (state, count) in tcp.states { counts[state.words, default: 0] += count }
        return counts.isEmpty ? "states unknown" : tallyByWord(counts)
    }

    private static func tallyByWord(_ counts: [String: Int]) -> String {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.map { "\(grouped($0.value)) \($0.key)" }.joined(separator: ", ")
    }

    private static func events(_ tcp: TCPTally) -> String {
        let parts = words(tcp.counters) + (tcp.resets > 0 ? [counted(tcp.resets, "reset")] : [])
        return parts.isEmpty ? "none lost, repeated or out of order" : parts.joined(separator: ", ")
    }

    /// What was counted, in words; nothing for what did not happen.
    static func words(_ counters: TCPCounters) -> [String] {
        var parts: [String] = []
        func add(_ count: UInt32, _ one: String, _ many: String? = nil) {
            if count > 0 { parts.append("\(grouped(Int(count))) \(count == 1 ? one : many ?? one)") }
        }
        if counters.retransmission > 0 {
            var kinds: [String] = []
            if counters.fastRetransmission > 0 { kinds.append("\(grouped(Int(counters.fastRetransmission))) fast") }
            if counters.spuriousRetransmission > 0 {
                kinds.append("\(grouped(Int(counters.spuriousRetransmission))) spurious")
            }
            let text = counted(Int(counters.retransmission), "retransmission")
            parts.append(kinds.isEmpty ? text : "\(text) (\(kinds.joined(separator: ", ")))")
        }
        add(counters.outOfOrder, "out of order")
        add(counters.duplicateAck, "duplicate ACK", "duplicate ACKs")
        add(counters.lostSegment, "gap before a segment", "gaps before segments")
        add(counters.ackLostSegment, "ACK of what was not captured", "ACKs of what was not captured")
        add(counters.zeroWindow, "zero window", "zero windows")
        add(counters.zeroWindowProbe, "zero-window probe", "zero-window probes")
        add(counters.zeroWindowProbeAck, "answer to a zero-window probe", "answers to zero-window probes")
        add(counters.windowFull, "window full")
        add(counters.windowUpdate, "window update", "window updates")
        add(counters.keepAlive, "keep-alive", "keep-alives")
        add(counters.keepAliveAck, "answer to a keep-alive", "answers to keep-alives")
        add(counters.reusedPorts, "port used again", "ports used again")
        return parts
    }
}

extension ConnectionState {
    /// The client is who sent the SYN.
    var words: String {
        switch self {
        case .noAnswer: "without an answer"
        case .established: "open"
        case .closed: "closed"
        case .rejected: "refused"
        case .closedByA, .closedByB, .finWithoutAnswer, .finWithoutSYN: "half closed"
        case .resetByA: "reset by the client"
        case .resetByB: "reset by the server"
        case .abandoned: "abandoned by the client"
        case .resetWithoutSYN: "reset without a SYN"
        case .midstream: "begun before the capture"
        }
    }

    /// For a cell of a table.
    var word: String {
        switch self {
        case .noAnswer: "no answer"
        case .established: "open"
        case .closed: "closed"
        case .rejected: "refused"
        case .closedByA, .closedByB, .finWithoutAnswer, .finWithoutSYN: "half closed"
        case .resetByA, .abandoned: "reset →"
        case .resetByB, .resetWithoutSYN: "reset ←"
        case .midstream: "midstream"
        }
    }

    var paint: Paint {
        switch self {
        case .noAnswer: .bad
        case .rejected, .resetByA, .resetByB, .abandoned, .resetWithoutSYN: .doubtful
        case .established, .closed, .closedByA, .closedByB, .finWithoutAnswer, .finWithoutSYN, .midstream: .plain
        }
    }
}
