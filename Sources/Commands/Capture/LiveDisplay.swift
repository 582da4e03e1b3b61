import NetValues
import Observations
import Reporting

/// What a person sees on standard error while a capture runs. Only on a terminal; drawn anew in its place.
struct LiveDisplay {
    let isShown: Bool
    let interface: String
    private var lines = 0
    private var last: (packets: Int, bytes: Int, elapsed: Duration) = (0, 0, .zero)

    init(isShown: Bool, interface: String) {
        self.isShown = isShown
        self.interface = interface
    }

    mutating func draw(_ summary: PacketSummary, elapsed: Duration, isUp: Bool) {
        let text = LiveCaptureText(
            interface: interface, summary: summary, elapsed: elapsed, packetsSince: summary.packets - last.packets,
            bytesSince: summary.bytes - last.bytes, since: elapsed - last.elapsed, isInterfaceUp: isUp)
        last = (summary.packets, summary.bytes, elapsed)
        let drawn = text.lines(width: Terminal.width(of: StandardStream.error) ?? 80)
        try? writeAll(erasure + drawn.joined(separator: "\n") + "\n", to: StandardStream.error)
        lines = drawn.count
    }

    mutating func clear() {
        guard lines > 0 else { return }
        try? writeAll(erasure, to: StandardStream.error)
        lines = 0
    }

    /// To the first line that was drawn, and all from there on away (ECMA-48: CPL, ED).
    private var erasure: String { lines > 0 ? "\u{1b}[\(lines)F\u{1b}[J" : "" }
}
