import ChildProcesses
import Observations
import PacketBuilding
import Testing
import Wire

@testable import PacketAnalysis

/// Frame by frame, all fifteen flags, round trips and handshake times are those of tshark 4.0.
@Suite(.enabled(if: TsharkProgram.path != nil, Comment(rawValue: TsharkProgram.absence)))
@MainActor
struct TCPAgreementTests {
    @Test(arguments: 1...6)
    func agreesOnRandomConversations(seed: UInt64) throws {
        let seen = try compare(RandomConversations(seed: seed, count: 150).exchange)
        // Else the conversations would prove nothing.
        #expect(seen.isSuperset(of: [.retransmission, .spuriousRetransmission, .outOfOrder, .duplicateAck]))
        #expect(seen.isSuperset(of: [.lostSegment, .ackLostSegment, .zeroWindow, .zeroWindowProbe, .windowFull]))
        #expect(seen.isSuperset(of: [.windowUpdate, .keepAlive, .reusedPorts]))
    }

    @Test func agreesAcrossTheEndOfTheNumbers() throws {
        var made = Conversation()
        made.clientBase = 0xffff_fe00
        made.handshake()
        for index in 0..<6 { made.segment(fromClient: true, .psh, 1 + index * 200, ack: 1, length: 200) }
        made.segment(fromClient: false, [], 1, ack: 401)
        for _ in 0..<4 { made.segment(fromClient: false, [], 1, ack: 401) }
        made.segment(fromClient: true, .psh, 401, ack: 1, length: 200)
        made.segment(fromClient: false, [], 1, ack: 1201)
        #expect(try compare(made.exchange).isSuperset(of: [.duplicateAck, .fastRetransmission]))
    }

    @Test func agreesOnStallsAndProbes() throws {
        var made = Conversation()
        made.handshake(scale: 0)
        made.segment(fromClient: true, .psh, 1, ack: 1, length: 500)
        made.segment(fromClient: false, [], 1, ack: 501, window: 0)
        made.segment(fromClient: true, [], 501, ack: 1, length: 1, after: 300_000_000)
        made.segment(fromClient: false, [], 1, ack: 501, window: 0)
        made.segment(fromClient: true, [], 500, ack: 1, length: 0, after: 700_000_000)
        made.segment(fromClient: false, [], 1, ack: 501, window: 800)
        made.segment(fromClient: true, [], 501, ack: 1, length: 800)
        made.segment(fromClient: true, [], 1300, ack: 1, length: 1, after: 3_000_000_000)
        made.segment(fromClient: false, [], 1, ack: 1301, window: 800)
        let seen = try compare(made.exchange)
        #expect(seen.isSuperset(of: [.zeroWindow, .zeroWindowProbe, .zeroWindowProbeAck, .windowUpdate, .windowFull]))
        #expect(seen.contains(.keepAlive))
    }

    @Test func agreesOnPortsUsedAgain() throws {
        var made = Conversation()
        made.handshake()
        made.segment(fromClient: true, .fin, 1, ack: 1)
        made.segment(fromClient: false, .fin, 1, ack: 2)
        // The same number: no new conversation.
        made.segment(fromClient: true, .syn, 0, after: 1_000_000_000)
        made.clientBase = 90_000
        made.serverBase = 70_000
        made.handshake()
        made.segment(fromClient: false, [.syn, .ack], 9, ack: 1)
        #expect(try compare(made.exchange).contains(.reusedPorts))
        #expect(made.exchange.summary().tcp.flows == 2)
    }

    @Test func agreesOnOddBeginningsAndEnds() throws {
        var made = Conversation()
        // Both at once.
        made.segment(fromClient: true, .syn, 0, options: [.mss(1460), .windowScale(2)])
        made.segment(fromClient: false, .syn, 0, options: [.mss(1460)])
        made.segment(fromClient: true, .syn, 0, ack: 1, options: [.windowScale(2)])
        made.segment(fromClient: false, .syn, 0, ack: 1)
        made.segment(fromClient: true, .rst, 1, ack: 1, length: 40)
        made.segment(fromClient: false, .rst, 1)
        // In the middle, with one direction only.
        made.client = "198.18.0.3:40000"
        for index in [0, 3, 1, 1, 2, 9] { made.segment(fromClient: true, [], 1 + index * 10, ack: 70, length: 10) }
        #expect(try compare(made.exchange).isSuperset(of: [.lostSegment, .outOfOrder]))
    }

    /// Its list of unacknowledged segments ends at 10 000, and then forgets that a FIN takes a number.
    @Test func agreesBeyondTheListOfUnacknowledgedSegments() throws {
        var made = Conversation()
        made.handshake()
        for index in 0..<10_050 { made.segment(fromClient: true, [], 1 + index * 10, ack: 1, length: 10, after: 1000) }
        made.segment(fromClient: true, .fin, 100_501, ack: 1)
        made.segment(fromClient: true, .fin, 100_501, ack: 1)
        for ack in stride(from: 95_001, through: 100_502, by: 500) { made.segment(fromClient: false, [], 1, ack: ack) }
        made.segment(fromClient: false, [], 1, ack: 100_502)
        // So the second FIN is nothing that was there before.
        #expect(try compare(made.exchange).isDisjoint(with: .anyRetransmission))
    }

    /// - Returns: the flags that were seen.
    private func compare(_ exchange: Exchange) throws -> TCPAnalysisFlags {
        let theirs = try Tshark.verdicts(exchange.capture)
        var ours = SegmentVerdicts()
        exchange.visit(&ours)
        try #require(theirs.count == exchange.frames.count)
        var seen: TCPAnalysisFlags = []
        for (frame, verdict) in theirs {
            seen.formUnion(verdict.flags)
            #expect(ours.flags[frame] == verdict.flags, "frame \(frame)")
            #expect(ours.roundTrips[frame] == verdict.roundTrip, "frame \(frame)")
            // Shown only on frames of which there is something else to say.
            if let handshake = verdict.handshakeRTT { #expect(ours.handshakes[frame] == handshake, "frame \(frame)") }
        }
        return seen
    }
}
