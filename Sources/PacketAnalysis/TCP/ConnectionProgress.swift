import Observations
import Wire

/// How far a connection came, for `conn_state`. After Zeek (base/protocols/conn/main.zeek), with two differences: of a connection that
/// was there before the capture a reset or an end counts as of one that was established, and of resets the first counts.
struct ConnectionProgress {
    private enum End {
        case silent, midstream, synSent, synAckSent, established, closed, reset
    }

    private var a = End.silent
    private var b = End.silent
    private var hasSYN = false
    private(set) var hasHandshake = false

    mutating func take(_ flags: TCPFlags, isFromA: Bool) {
        let side = flags.intersection([.syn, .ack, .rst])
        if side == .syn { hasSYN = true }
        if side == [.syn, .ack], (isFromA ? b : a) == .synSent { hasHandshake = true }
        if isFromA { Self.step(flags, &a, &b) } else { Self.step(flags, &b, &a) }
    }

    private static func step(_ flags: TCPFlags, _ own: inout End, _ other: inout End) {
        if flags.contains(.rst) {
            if other != .reset, own != .closed || other != .closed { own = .reset }
        } else if flags.contains([.syn, .ack]) {
            answer(&own, &other)
        } else if flags.contains(.syn) {
            if own == .silent || own == .midstream { own = .synSent }
        } else if flags.contains(.fin) {
            if own != .reset { own = .closed }
        } else if own == .silent {
            own = .midstream
            if other == .synAckSent { other = .established }
        }
    }

    /// SYN-ACK.
    private static func answer(_ own: inout End, _ other: inout End) {
        switch other {
        case .synSent:
            other = .established
            if own != .closed, own != .reset { own = .established }
        case .silent: if own == .silent || own == .midstream { own = .synAckSent }
        default: if own == .silent || own == .synSent { own = .established }
        }
    }

    var state: ConnectionState {
        switch (a, b) {
        case (.synSent, .reset): .rejected
        // Whoever sends a SYN-ACK first is taken for `b`.
        case (.silent, .reset), (.reset, .synAckSent): .resetWithoutSYN
        case (_, .reset): .resetByB
        case (.reset, .silent): hasSYN ? .abandoned : .midstream
        case (.reset, _): .resetByA
        case (.closed, .closed): .closed
        case (.closed, .silent): .finWithoutAnswer
        case (.closed, _): .closedByA
        case (.silent, .closed): .finWithoutSYN
        case (_, .closed): .closedByB
        case (.synSent, .silent): .noAnswer
        case (.established, _), (_, .established): .established
        default: .midstream
        }
    }
}
