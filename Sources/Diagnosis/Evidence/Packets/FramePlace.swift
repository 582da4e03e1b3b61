import NetValues
import Observations

/// Where a frame can be looked at, so that a finding names it in words that somebody can follow.
enum FramePlace: Hashable, Sendable {
    /// In the capture that was read or taken: by its number there.
    case capture
    /// In the file that keeps the packets of a check.
    case file(String)
    /// Nowhere: it was seen and not kept.
    case nowhere

    init(of packets: CheckPackets) {
        self = packets.file.map { .file($0) } ?? .nowhere
    }

    /// "frame 4", "frame 4 of evidence/web.pcap", "at 12:00:00.123456 UTC"
    func name(_ frame: Int, at time: WallTime) -> String {
        switch self {
        case .capture: "frame \(frame)"
        case .file(let name): "frame \(frame) of \(name.escaped(limit: 200))"
        case .nowhere: "at \(time.preciseRFC3339.dropFirst(11).prefix(15)) UTC"
        }
    }
}
