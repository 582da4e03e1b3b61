import RepeatableChance
import Wire

/// Makes captures of mixed traffic from a seed: TCP with HTTP and TLS, DNS, ICMP, ARP and neighbour discovery over both families,
/// some of it in tunnels, and with what goes wrong in networks, at a mix as a busy office's uplink has it: some 30 packets a flow
/// and 700 bytes a packet. The same seed gives the same bytes.
package struct CaptureGenerator {
    var random: SeededRandom
    var queue = FrameQueue()
    /// When the next flow begins, nanoseconds since 1970.
    private var clock: Int64 = 1_700_000_000_000_000_000
    private var flows = 0

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// The next frame; there is always one.
    package mutating func next() -> TimedFrame {
        while queue.firstTime ?? .max > clock {
            beginFlow()
            clock += Int64(random.number(1_000...12_000)) * 1_000
            flows += 1
        }
        return queue.takeFirst() ?? TimedFrame(time: clock, bytes: [])
    }

    private mutating func beginFlow() {
        switch random.number(1...1000) {
        case ...330: addHTTP()
        case ...620: addTLS()
        case ...700: addTroubled()
        case ...730: addUnanswered()
        case ...900: addNames()
        case ...950: addEchoes()
        case ...980: addNeighbours()
        default: addDatagrams()
        }
    }

    mutating func add(_ frames: [TimedFrame]) {
        for frame in frames { queue.add(frame) }
    }

    /// A frame of its own, some time after the flow began.
    mutating func add(_ bytes: [UInt8], after delay: Int64) {
        queue.add(TimedFrame(time: clock + delay, bytes: bytes))
    }

    mutating func isIPv6() -> Bool { random.chance(30) }

    mutating func client(isIPv6: Bool) -> TrafficHost {
        Population.client(random.number(0...Population.clients - 1), isIPv6: isIPv6)
    }

    mutating func server(isIPv6: Bool) -> TrafficHost {
        Population.server(random.number(0...Population.servers - 1), isIPv6: isIPv6)
    }

    /// A connection that is to be filled.
    mutating func conversation(to port: UInt16) -> TCPConversation {
        let isIPv6 = isIPv6()
        let carriage: Carriage = random.chance(8) ? random.pick(Carriage.allCases) : .plain
        let roundTrip = Int64(random.pick([300, 900, 4_000, 12_000, 35_000, 90_000]) + random.number(0...200)) * 1_000
        return TCPConversation(
            client: client(isIPv6: isIPv6), port: ephemeralPort(), server: server(isIPv6: isIPv6), serverPort: port,
            at: clock, roundTrip: roundTrip, carriage: carriage, &random)
    }

    /// Not one that is known for a protocol.
    mutating func ephemeralPort() -> UInt16 { UInt16(32_768 + (flows * 17 + random.number(0...16)) % 28_000) }

    /// Bytes of an answer: mostly small, now and then large.
    mutating func answerSize() -> Int {
        random.chance(75) ? random.number(200...6_000) : random.number(6_000...70_000)
    }
}
