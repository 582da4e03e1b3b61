import NetValues
import Observations
import Reporting

/// What a person sees on standard error while a capture runs. Only on a terminal; drawn anew in its place.
struct LiveDisplay {
    let isShown: Bool
    let interface: String
    private var lines = StatusLines()
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
        lines.draw(text.lines(width: StatusLines.width))
    }

    mutating func clear() {
        lines.clear()
    }
}
