import JSON
import NetValues

/// What a transfer came to, the rate first.
enum TransferText {
    static func lines(_ fact: JSONValue) -> [String] {
        guard let bytes = fact["bytes"]?.int, let rate = fact["bitsPerSecond"]?.int, bytes > 0 else { return [] }
        return [head(fact, bytes, rate), curve(fact)].compactMap(\.self)
            + [bound(fact), roundTrip(fact), packets(fact), limits(fact), processors(fact)].compactMap(\.self)
            + (fact["contrasts"]?.array ?? []).compactMap(contrast)
    }

    private static func rate(_ bits: Int) -> String { BitRate(bitsPerSecond: bits).description }

    /// `94.3 Mbit/s up over tcp, 1 stream: 23.6 MB in 2.0 s, with iperf3 at 198.18.2.2:5201`
    private static func head(_ fact: JSONValue, _ bytes: Int, _ bits: Int) -> String {
        let way = fact["direction"]?.string ?? "?"
        let streams = counted(fact["streams"]?.int ?? 1, "stream")
        let span = (fact["spanMs"]?.number).map(Milliseconds.spoken) ?? "?"
        let peer = "\(fact["peer"]?.string ?? "?") at \(fact["endpoint"]?.string ?? "?")"
        let end = fact["cutByBytes"]?.bool == true ? ", ended by its number of bytes" : ""
        return
            "\(rate(bits)) \(way) over \(fact["transport"]?.string ?? "?"), \(streams): \(spoken(bytes: bytes)) in \(span), with \(peer)\(end)"
    }

    private static let steps = Array("▁▂▃▄▅▆▇█")
    private static let widest = 40

    /// `▁▃▆██████ 80.1 to 97.2 Mbit/s, each 50 ms`
    private static func curve(_ fact: JSONValue) -> String? {
        let parts = (fact["intervals"]?.array ?? []).compactMap { part -> (bytes: Int, span: Double)? in
            guard let bytes = part["bytes"]?.int, let span = part["spanMs"]?.number, span > 0 else { return nil }
            return (bytes, span)
        }
        guard parts.count > 1 else { return nil }
        let width = (parts.count + widest - 1) / widest
        let rates = stride(from: 0, to: parts.count, by: width).map { start -> Double in
            let group = parts[start..<min(start + width, parts.count)]
            let span = group.reduce(0.0) { $0 + $1.span }
            return group.reduce(0.0) { $0 + Double($1.bytes) } * 8000 / span
        }
        guard let most = rates.max(), let least = rates.min(), most > 0 else { return nil }
        let bars = rates.map { steps[min(steps.count - 1, Int($0 / most * Double(steps.count - 1) + 0.5))] }
        let each = Milliseconds.spoken(parts[0].span * Double(width))
        return "\(String(bars)) \(rate(Int(least))) to \(rate(Int(most))), each \(each)"
    }

    private static func bound(_ fact: JSONValue) -> String? {
        if fact["boundedBy"]?.string == "senderPace", let sent = fact["datagrams"]?["sentBitsPerSecond"]?.int,
            let asked = fact["requestedBitsPerSecond"]?.int
        {
            let who = fact["direction"]?.string == "up" ? "this host" : "the server"
            return "bounded by \(who): it sent \(rate(sent)) of the \(rate(asked)) asked for, so the path was not tried"
        }
        return fact["boundedBy"]?.string.flatMap { words[$0] }.map { "bounded by \($0)" }
    }

    private static let words = [
        "requestedRate": "the rate that was asked for", "ownProcessor": "this machine's processor",
        "senderPace": "the sender, which did not keep up with the rate that was asked for",
        "peerProcessor": "the peer's processor", "receiverWindow": "the receiver's window",
        "sendBuffer": "the sender's buffer", "queue": "a queue on the path (a link or a shaper)",
        "policer": "a policer, or a queue of a few packets", "loss": "packet loss at any rate",
        "singleFlow": "something that limits one flow", "stall": "a stall: no full-sized packet comes through",
    ]

    private static func roundTrip(_ fact: JSONValue) -> String? {
        guard let idle = fact["queueingMs"]?["idle"]?.number, let loaded = fact["queueingMs"]?["loaded"]?.number else {
            return nil
        }
        var line = "round trip \(Milliseconds.spoken(idle)) idle → \(Milliseconds.spoken(loaded)) under load"
        if let outside = fact["outside"], let sent = outside["loadedSent"]?.int, sent > 0 {
            let carrier = outside["carrier"]?.string == "echo" ? "by echo" : "by handshakes"
            let lost = outside["loadedLost"]?.int ?? 0
            line += " (\(sent) beside it \(carrier)\(lost > 0 ? ", \(lost) lost" : ""))"
        }
        return line
    }

    private static func packets(_ fact: JSONValue) -> String? {
        let share = (fact["lossPercent"]?.number).map { " (\($0.decimals(2)) %)" } ?? ""
        if let count = fact["datagrams"], let sent = count["sent"]?.int {
            let jitter = (count["jitterMs"]?.number).map { ", jitter \(Milliseconds.spoken($0))" } ?? ""
            let copies = (count["copies"]?.int).map { $0 > 0 ? ", \($0) came twice" : "" } ?? ""
            let late = ((count["late"]?.int).map { ", \($0) out of order" } ?? "") + copies
            guard let lost = count["lost"]?.int else {
                return
                    "\(sent) datagrams sent; how many were lost is not known: the server's count contradicts what it received (datagrams that come twice, or a server that miscounts)\(late)\(jitter)"
            }
            return "\(lost) of \(sent) datagrams lost\(share)\(late)\(jitter)"
        }
        guard let sender = fact["sender"], let again = sender["retransmits"]?.int else { return nil }
        var line = "\(counted(again, "segment")) sent again\(share)"
        if let window = sender["congestionWindow"]?.int { line += ", window \(window) segments" }
        if let size = sender["segmentSize"]?.int { line += " of \(size) bytes" }
        if let control = sender["congestionControl"]?.string { line += ", \(control.escaped(limit: 20))" }
        return line
    }

    /// How long the sender was held up, where that is a part of its time worth telling.
    private static func limits(_ fact: JSONValue) -> String? {
        guard let sender = fact["sender"], let busy = sender["busyMs"]?.number, busy > 0 else { return nil }
        let parts = [("receiver's window", "windowLimitedMs"), ("send buffer", "bufferLimitedMs")].compactMap {
            name, key -> String? in
            guard let span = sender[key]?.number, span / busy >= 0.05 else { return nil }
            return "the \(name) \((min(1, span / busy) * 100).decimals(0)) %"
        }
        return parts.isEmpty ? nil : "of the busy time held up by \(parts.joined(separator: ", "))"
    }

    private static func processors(_ fact: JSONValue) -> String? {
        var parts = [("here", "ownProcessor"), ("at the peer", "peerProcessor")].compactMap { place, key in
            (fact[key]?.number).map { "\(($0 * 100).decimals(0)) % \(place)" }
        }
        if let wait = fact["ownProcessorWait"]?.number, wait >= 0.05 {
            parts.append("waited for one \((wait * 100).decimals(0)) % of the time here")
        }
        return parts.isEmpty ? nil : "processor: \(parts.joined(separator: ", "))"
    }

    private static func contrast(_ contrast: JSONValue) -> String? {
        guard let bits = contrast["bitsPerSecond"]?.int else { return nil }
        if contrast["kind"]?.string == "moreStreams" {
            return "again with \(contrast["streams"]?.int ?? 0) streams: \(rate(bits))"
        }
        return
            "again below that, at \(rate(bits)): \(contrast["lost"]?.int ?? 0) of \(contrast["packets"]?.int ?? 0) packets lost"
    }
}
