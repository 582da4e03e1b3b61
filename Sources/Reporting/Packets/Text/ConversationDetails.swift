import NetValues
import Observations
import Wire

/// What `--verbose` tells of a conversation beneath its line: what each side did, and who reset it.
enum ConversationDetails {
    private static let errorLimit = 3

    static func lines(_ flow: FlowRecord) -> [String] {
        var lines: [String] = []
        if let tcp = flow.tcp {
            lines += [side("→", tcp.fromA), side("←", tcp.fromB)].compactMap { $0 }
            if let line = timing(tcp) { lines.append(line) }
            lines += tcp.resets.map { reset($0, in: flow) }
        }
        let duplicates = flow.fromA.duplicates + flow.fromB.duplicates
        if duplicates > 0 { lines.append("\(counted(duplicates, "packet")) seen twice") }
        lines += flow.icmpErrors.prefix(errorLimit).map(error)
        let more = flow.icmpErrors.count - errorLimit
        return more > 0 ? lines + ["… \(counted(more, "further ICMP error"))"] : lines
    }

    /// `← 9.0 MB new in 2.4 s (30.0 Mbit/s), 120 retransmissions, MSS 1460, window scale 7, at most 64 kB in flight`
    private static func side(_ arrow: String, _ side: TCPDirectionRecord) -> String? {
        var parts: [String] = []
        if side.uniqueBytes > 0 { parts.append(volume(side)) }
        parts += TCPText.words(side.counters)
        parts += offers(side)
        if side.largestInFlight > 0 { parts.append("at most \(spoken(bytes: side.largestInFlight)) in flight") }
        if let slowest = side.slowestRTT { parts.append("acknowledged within \(slowest.spoken)") }
        return parts.isEmpty ? nil : "\(arrow) \(parts.joined(separator: ", "))"
    }

    private static func volume(_ side: TCPDirectionRecord) -> String {
        let text = "\(spoken(bytes: side.uniqueBytes)) of data"
        guard let first = side.firstDataAt, let last = side.lastDataAt, last > first,
            let rate = spoken(bytes: side.uniqueBytes, over: last - first)
        else { return text }
        return "\(text) in \((last - first).spoken) (\(rate))"
    }

    private static func offers(_ side: TCPDirectionRecord) -> [String] {
        guard side.syns + side.synAcks > 0 else { return [] }
        return [
            side.mss.map { "MSS \($0)" }, side.windowScale.map { "window scale \($0)" },
            side.offersSACK ? nil : "no SACK", side.offersTimestamps ? nil : "no time stamps",
        ].compactMap { $0 }
    }

    private static func timing(_ tcp: TCPRecord) -> String? {
        var parts: [String] = []
        if let time = tcp.firstResponseTime { parts.append("first answer after \(time.spoken)") }
        if tcp.longestIdle >= .seconds(1) {
            let after = tcp.afterIdle.flatMap {
                $0 == .reset ? ", then reset" : $0 == .unanswered ? ", then no answer" : nil
            }
            parts.append("idle for up to \(tcp.longestIdle.spoken)\(after ?? "")")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// The reset beside what its sender sent before: a reset that somebody else forged shows by its TTL.
    private static func reset(_ reset: ResetRecord, in flow: FlowRecord) -> String {
        let side = reset.isFromA ? flow.tcp?.fromA : flow.tcp?.fromB
        let usual = (side?.usualHopLimit ?? side?.handshakeHopLimit).map { " (its other packets \($0))" } ?? ""
        return "reset by \(flow.text(of: reset.isFromA ? flow.a : flow.b)) at \(reset.at.timeOfDay) in frame "
            + "\(grouped(reset.frame)): TTL \(reset.hopLimit)\(usual), window \(grouped(Int(reset.window)))"
    }

    private static func error(_ error: QuotedError) -> String {
        let mtu = error.mtu.map { ", MTU \($0)" } ?? ""
        return "ICMP type \(error.type) code \(error.code) from \(error.sender) at \(error.at.timeOfDay)\(mtu)"
    }
}
