import JSON
import NetValues

/// What `--verbose` tells of the packets that were captured of a check, also of a stored report.
enum CheckPacketsText {
    private static let flowLimit = 6
    private static let eventLimit = 8

    static func lines(of check: CheckReport) -> [String] {
        guard let packets = check.additions["packets"], let flows = packets["flows"]?.array else { return [] }
        var lines = flows.prefix(flowLimit).compactMap(line)
        let more = flows.count - flowLimit
        if flows.count > flowLimit { lines.append("… \(counted(more, "further conversation"))") }
        if lines.isEmpty { lines.append("no packet of this check was captured on \(packets["place"]?.string ?? "?")") }
        if packets["complete"]?.bool == false { lines.append("the capture lost packets: not all is here") }
        if let file = packets["file"]?.string { lines.append("packets kept in \(file)") }
        return lines
    }

    /// `tcp 198.18.0.1:40000 to 198.18.0.9:5432: 3 packets out, 0 back: → SYN, → SYN after 1.0 s`
    private static func line(_ flow: JSONValue) -> String? {
        guard let a = flow["a"]?.string, let b = flow["b"]?.string, let out = flow["packetsAtoB"]?.int,
            let back = flow["packetsBtoA"]?.int
        else { return nil }
        let events = flow["events"]?.array ?? []
        let first = events.first?["at"]?.string.flatMap { WallTime(rfc3339: $0) }
        var told = events.prefix(eventLimit).map { text($0, since: first) }
        if events.count > eventLimit { told.append("…") }
        let head = "packets \(flow["protocol"]?.string ?? "?") \(a) to \(b): \(grouped(out)) out, \(grouped(back)) back"
        return told.isEmpty ? head : "\(head): \(told.joined(separator: ", "))"
    }

    private static func text(_ event: JSONValue, since first: WallTime?) -> String {
        let arrow = event["from"]?.string == "a" ? "→" : "←"
        let flags = (event["flags"]?.array ?? []).compactMap(\.string).joined(separator: "+")
        let bytes = event["payloadBytes"]?.int ?? 0
        let what = [flags, bytes > 0 ? "\(grouped(bytes)) B" : ""].filter { !$0.isEmpty }.joined(separator: " ")
        let at = event["at"]?.string.flatMap { WallTime(rfc3339: $0) }
        guard let at, let first, at > first else { return "\(arrow) \(what)" }
        return "\(arrow) \(what) after \((at - first).spoken)"
    }
}
