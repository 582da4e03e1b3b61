import PacketBuilding
import RepeatableChance
import Wire

/// Conversations that break every rule, from a seed: what no list of cases would hold.
struct RandomConversations {
    private var generator: SeededRandom
    private(set) var exchange = Exchange()

    init(seed: UInt64, count: Int) {
        generator = SeededRandom(seed: seed)
        var open: [Side] = []
        var number = 0
        while number < count || !open.isEmpty {
            while number < count, open.count < 8 {
                open.append(Side(number: number, &generator))
                number += 1
            }
            let index = generator.below(open.count)
            step(&open[index])
            if open[index].left == 0 { open.remove(at: index) }
        }
    }

    private struct Side {
        let client: PacketEndpoint
        var next: [UInt32]
        var windows: [UInt16] = [1000, 1000]
        var sent: [[(sequence: UInt32, length: Int)]] = [[], []]
        var left: Int
        var steps = 0
        let isWild: Bool

        init(number: Int, _ generator: inout SeededRandom) {
            client = PacketEndpoint(PacketAddress(ipv4: 0xc612_0000 + UInt32(number)), 40000)
            let bases: [UInt32] = [0, 1, 0xffff_ff00, 0xffff_ffff, 0x7fff_ff80, 1000]
            next = [generator.pick(bases), generator.pick(bases)]
            left = 5 + generator.below(90)
            isWild = generator.below(3) == 0
        }
    }

    private mutating func step(_ side: inout Side) {
        side.steps += 1
        side.left -= 1
        let planned = side.isWild ? wild(side) : sane(&side)
        let end = planned.sequence &+ UInt32(planned.length)
        let takesNumber: UInt32 = planned.flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1
        let own = planned.fromClient ? 0 : 1
        if side.isWild ? generator.below(2) == 0 : Int32(bitPattern: end &- side.next[own]) >= 0 {
            side.next[own] = end &+ takesNumber
        }
        if planned.length > 0 { side.sent[own].append((planned.sequence, planned.length)) }
        var packet = PacketBytes.tcp(
            planned.fromClient ? side.client : Self.server, planned.fromClient ? Self.server : side.client,
            planned.flags, sequence: planned.sequence, acknowledgement: planned.acknowledgement,
            window: planned.window, options: options(planned.flags),
            payload: [UInt8](repeating: 0, count: planned.length),
            PacketBytes.Internet(identification: UInt16(truncatingIfNeeded: side.steps)))
        if generator.below(250) == 0 { packet[32] = UInt8(generator.pick([0, 1, 4])) << 4 }
        let waits: [Int64] = [
            0, 1000, 100_000, 1_000_000, 2_000_000, 3_000_000, 3_000_001, 5_000_000, 19_000_000, 20_000_000,
            300_000_000,
        ]
        let back: Int64 = generator.below(100) == 0 ? generator.pick([1, 1_000_000, 1_000_000_000]) : 0
        exchange.send(packet, after: generator.pick(waits) - back)
    }

    private static let server: PacketEndpoint = "198.19.0.1:9000"

    private struct Planned {
        var fromClient: Bool
        var flags: TCPFlags
        var sequence: UInt32
        var acknowledgement: UInt32
        var length: Int
        var window: UInt16
    }

    /// Numbers and flags with no order among them.
    private mutating func wild(_ side: Side) -> Planned {
        let fromClient = generator.below(2) == 0
        let own = fromClient ? 0 : 1
        let steps: [UInt32] = [0, 0, 0, 0, 1, 2, 10, 100, 0 &- 1, 0 &- 2, 0 &- 10, 0 &- 100, 200, 110]
        return Planned(
            fromClient: fromClient,
            flags: generator.pick([
                .ack, .ack, .ack, .ack, [.ack, .psh], .syn, [.syn, .ack], [.fin, .ack], .rst, [.rst, .ack], [], .fin,
                [.syn, .fin],
            ]),
            sequence: side.next[own] &+ generator.pick(steps),
            acknowledgement: side.next[1 - own] &+ generator.pick(steps),
            length: generator.pick([0, 0, 0, 1, 2, 10, 100]),
            window: generator.pick([0, 0, 1, 100, 100, 200, 1000]))
    }

    /// A connection that loses, repeats, reorders, stalls and probes.
    private mutating func sane(_ side: inout Side) -> Planned {
        var fromClient = generator.below(2) == 0
        var flags: TCPFlags = .ack
        var length = generator.pick([0, 0, 100, 100, 100, 1, 50])
        let opening: [(Bool, TCPFlags)] = [(true, .syn), (false, [.syn, .ack]), (true, .ack)]
        if side.steps <= 3, generator.below(5) > 0 {
            (fromClient, flags) = opening[side.steps - 1]
            length = 0
        } else if generator.below(33) == 0 {
            flags = generator.pick([[.fin, .ack], .rst, [.rst, .ack], .syn, [.syn, .ack]])
        }
        let own = fromClient ? 0 : 1
        var sequence = side.next[own]
        var acknowledgement = flags.contains(.ack) ? side.next[1 - own] : 0
        switch side.steps > 3 ? generator.below(100) : 99 {
        case ..<15:
            guard let old = side.sent[own].suffix(6).randomElement(using: &generator) else { break }
            (sequence, length) = old
        case ..<22: sequence &+= generator.pick([100, 200, 1, 50])
        case ..<26:
            sequence &-= 1
            length = generator.below(2)
        case ..<30: acknowledgement &-= generator.pick([100, 200, 50])
        case ..<33: acknowledgement &+= generator.pick([100, 1, 300])
        default: break
        }
        if generator.below(7) == 0 { side.windows[own] = generator.pick([0, 0, 100, 200, 300, 1000, 65535]) }
        if generator.below(10) == 0 {
            side.windows[own] = UInt16(truncatingIfNeeded: side.next[1 - own] &- acknowledgement)
        }
        return Planned(
            fromClient: fromClient, flags: flags, sequence: sequence, acknowledgement: acknowledgement, length: length,
            window: side.windows[own])
    }

    private mutating func options(_ flags: TCPFlags) -> [TCPOptionBytes] {
        var options: [TCPOptionBytes] = []
        if flags.contains(.syn) {
            if generator.below(3) > 0 { options.append(.mss(1460)) }
            if generator.below(3) > 0 { options.append(.windowScale(generator.pick([0, 1, 2, 7, 14, 15, 200]))) }
            if generator.below(2) == 0 { options.append(.sackPermitted) }
        } else if generator.below(10) == 0 {
            options = [.noOperation, .noOperation, .sack([(UInt32(generator.below(5000)), 7000)])]
        }
        return options
    }
}

extension SeededRandom {
    mutating func below(_ bound: Int) -> Int { number(0...bound - 1) }
}
