import Observations

/// What tshark says of one segment (`tcp.analysis.*`). Several may hold.
package struct TCPAnalysisFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Neither fast nor spurious, unlike the counter of that name.
    package static let retransmission = TCPAnalysisFlags(rawValue: 1 << 0)
    package static let fastRetransmission = TCPAnalysisFlags(rawValue: 1 << 1)
    package static let spuriousRetransmission = TCPAnalysisFlags(rawValue: 1 << 2)
    package static let outOfOrder = TCPAnalysisFlags(rawValue: 1 << 3)
    package static let duplicateAck = TCPAnalysisFlags(rawValue: 1 << 4)
    package static let lostSegment = TCPAnalysisFlags(rawValue: 1 << 5)
    package static let ackLostSegment = TCPAnalysisFlags(rawValue: 1 << 6)
    package static let zeroWindow = TCPAnalysisFlags(rawValue: 1 << 7)
    package static let zeroWindowProbe = TCPAnalysisFlags(rawValue: 1 << 8)
    package static let zeroWindowProbeAck = TCPAnalysisFlags(rawValue: 1 << 9)
    package static let windowFull = TCPAnalysisFlags(rawValue: 1 << 10)
    package static let windowUpdate = TCPAnalysisFlags(rawValue: 1 << 11)
    package static let keepAlive = TCPAnalysisFlags(rawValue: 1 << 12)
    package static let keepAliveAck = TCPAnalysisFlags(rawValue: 1 << 13)
    package static let reusedPorts = TCPAnalysisFlags(rawValue: 1 << 14)

    package static let anyRetransmission: TCPAnalysisFlags = [
        .retransmission, .fastRetransmission, .spuriousRetransmission,
    ]
}

extension TCPCounters {
    mutating func count(_ flags: TCPAnalysisFlags) {
        if flags.isEmpty { return }
        if !flags.isDisjoint(with: .anyRetransmission) { retransmission &+= 1 }
        if flags.contains(.fastRetransmission) { fastRetransmission &+= 1 }
        if flags.contains(.spuriousRetransmission) { spuriousRetransmission &+= 1 }
        if flags.contains(.outOfOrder) { outOfOrder &+= 1 }
        if flags.contains(.duplicateAck) { duplicateAck &+= 1 }
        if flags.contains(.lostSegment) { lostSegment &+= 1 }
        if flags.contains(.ackLostSegment) { ackLostSegment &+= 1 }
        if flags.contains(.zeroWindow) { zeroWindow &+= 1 }
        if flags.contains(.zeroWindowProbe) { zeroWindowProbe &+= 1 }
        if flags.contains(.zeroWindowProbeAck) { zeroWindowProbeAck &+= 1 }
        if flags.contains(.windowFull) { windowFull &+= 1 }
        if flags.contains(.windowUpdate) { windowUpdate &+= 1 }
        if flags.contains(.keepAlive) { keepAlive &+= 1 }
        if flags.contains(.keepAliveAck) { keepAliveAck &+= 1 }
        if flags.contains(.reusedPorts) { reusedPorts &+= 1 }
    }
}
