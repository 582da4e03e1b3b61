import Observations

/// What the flow table keeps of a flow for those who look into payloads. Bytes that nobody wants cost no more than to ask it.
struct ApplicationMark {
    enum Stage: UInt8 {
        /// Payloads are looked at until they are recognised, or enough of them were not.
        case unknown
        case tls, http, quic
        /// Another protocol, which may go over to TLS.
        case beforeTLS
    }

    var stage = Stage.unknown
    var application: FlowRecord.Application?
    /// Payloads looked at in vain.
    private var tries: (fromA: UInt8, fromB: UInt8) = (0, 0)
    private var isDone: (fromA: Bool, fromB: Bool) = (false, false)
    /// Of the conversation that its stage keeps.
    var place = PlaceMark()

    init() {}

    /// Whether payloads of this direction are to be handed on.
    @inline(__always)
    func wants(fromA: Bool) -> Bool { !(fromA ? isDone.fromA : isDone.fromB) }

    /// Recognised, and both directions are looked at anew.
    mutating func restart(as stage: Stage) {
        self.stage = stage
        tries = (0, 0)
        isDone = (false, false)
    }

    mutating func finish() { isDone = (true, true) }

    mutating func finish(fromA: Bool) {
        if fromA { isDone.fromA = true } else { isDone.fromB = true }
    }

    /// Counts a payload that said nothing.
    mutating func tryInVain(fromA: Bool, atMost most: UInt8) {
        if fromA { tries.fromA += 1 } else { tries.fromB += 1 }
        if (fromA ? tries.fromA : tries.fromB) >= most { finish(fromA: fromA) }
    }
}
