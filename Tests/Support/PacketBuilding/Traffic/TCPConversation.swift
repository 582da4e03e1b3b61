import RepeatableChance
import Wire

/// One TCP connection as a capture near the client shows it: what is sent is written down at its time, with the numbers that
/// follow from what was sent before.
struct TCPConversation {
    enum Sender { case client, server }

    struct Side {
        var host: TrafficHost
        var endpoint: PacketEndpoint
        /// The sequence number of what it sends next.
        var next: UInt32
        /// What it has received of the other side, in order.
        var received: UInt32 = 0
        var window: UInt16
        var scale: UInt8 = 7
    }

    /// Of a segment, where it is not as it would follow.
    struct Change {
        var sequence: UInt32?
        var acknowledgement: UInt32?
        var window: UInt16?
        var hopLimit: UInt8?
        /// It went past behind the place of the capture, or was lost before it.
        var isUnseen = false
        /// The receiver has it, and acknowledges it.
        var isReceived = true
        var sack: [(left: UInt32, right: UInt32)] = []
    }

    private(set) var frames: [TimedFrame] = []
    var client: Side
    var server: Side
    /// Nanoseconds since 1970.
    var time: Int64
    /// There and back beyond the place of the capture, in nanoseconds.
    let roundTrip: Int64
    let carriage: Carriage
    /// Of a segment, with time stamps, in 1500 bytes.
    let mostPayload: Int

    init(
        client: TrafficHost, port: UInt16, server: TrafficHost, serverPort: UInt16, at time: Int64, roundTrip: Int64,
        carriage: Carriage, _ random: inout SeededRandom
    ) {
        self.client = Side(
            host: client, endpoint: PacketEndpoint(client.address, port),
            next: UInt32(truncatingIfNeeded: random.next()), window: 502)
        self.server = Side(
            host: server, endpoint: PacketEndpoint(server.address, serverPort),
            next: UInt32(truncatingIfNeeded: random.next()), window: 509)
        self.time = time
        self.roundTrip = roundTrip
        self.carriage = carriage
        mostPayload = client.address.isIPv6 ? 1428 : 1448
    }

    /// - Parameter delay: since what was sent before, in nanoseconds.
    mutating func send(
        _ sender: Sender, _ flags: TCPFlags, _ payload: [UInt8] = [], after delay: Int64 = 40_000,
        _ change: Change = Change()
    ) {
        time += delay
        let from = sender == .client ? client : server
        let to = sender == .client ? server : client
        let sequence = change.sequence ?? from.next
        let acknowledgement = change.acknowledgement ?? (flags.contains(.ack) ? from.received : 0)
        if !change.isUnseen {
            var header = PacketBytes.Internet()
            header.hopLimit = change.hopLimit ?? from.host.hopLimit
            header.identification = UInt16(truncatingIfNeeded: frames.count &+ Int(from.endpoint.port))
            let packet = PacketBytes.tcp(
                from.endpoint, to.endpoint, flags, sequence: sequence, acknowledgement: acknowledgement,
                window: change.window ?? (flags.contains(.syn) ? 64_240 : from.window),
                options: options(flags, from, change.sack), payload: payload, header)
            frames.append(
                TimedFrame(time: time, bytes: carriage.frame(packet, from: from.host.link, to: to.host.link)))
        }
        let length = UInt32(payload.count) + (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
        let end = sequence &+ length
        let isNew = Int32(bitPattern: end &- from.next) > 0
        switch sender {
        case .client:
            if isNew { client.next = end }
            if change.isReceived, length > 0, sequence == server.received || flags.contains(.syn) {
                server.received = end
            }
        case .server:
            if isNew { server.next = end }
            if change.isReceived, length > 0, sequence == client.received || flags.contains(.syn) {
                client.received = end
            }
        }
    }

    private func options(_ flags: TCPFlags, _ from: Side, _ sack: [(left: UInt32, right: UInt32)]) -> [TCPOptionBytes] {
        let stamp = UInt32(truncatingIfNeeded: time / 1_000_000)
        if flags.contains(.syn) {
            let mss: UInt16 = from.endpoint.address.isIPv6 ? 1440 : 1460
            return [.mss(mss), .sackPermitted, .timestamps(stamp, echo: 0), .noOperation, .windowScale(from.scale)]
        }
        if flags.contains(.rst) { return [] }
        let stamps: [TCPOptionBytes] = [.noOperation, .noOperation, .timestamps(stamp, echo: stamp &- 1)]
        return sack.isEmpty ? stamps : stamps + [.noOperation, .noOperation, .sack(sack)]
    }

    mutating func handshake() {
        send(.client, .syn)
        send(.server, [.syn, .ack], after: roundTrip)
        send(.client, .ack)
    }

    /// Data in segments, with an acknowledgement of every second one as the receiver sends it.
    mutating func transfer(_ sender: Sender, _ data: [UInt8], after delay: Int64? = nil) {
        var at = 0
        var wait = delay ?? roundTrip
        var unacknowledged = 0
        while at < data.count {
            let end = min(data.count, at + mostPayload)
            send(sender, end == data.count ? [.psh, .ack] : .ack, [UInt8](data[at..<end]), after: wait)
            wait = 12_000
            at = end
            unacknowledged += 1
            if unacknowledged == 2 || at == data.count {
                acknowledge(from: sender == .client ? .server : .client)
                unacknowledged = 0
            }
        }
    }

    mutating func acknowledge(from receiver: Sender) {
        send(receiver, .ack, after: receiver == .client ? 5_000 : roundTrip)
    }

    mutating func close(by sender: Sender = .client) {
        let other: Sender = sender == .client ? .server : .client
        send(sender, [.fin, .ack], after: 200_000)
        send(other, [.fin, .ack], after: roundTrip)
        send(sender, .ack)
    }

    /// A connection of the same ends again.
    mutating func renew(_ random: inout SeededRandom) {
        client.next = UInt32(truncatingIfNeeded: random.next())
        server.next = UInt32(truncatingIfNeeded: random.next())
        client.received = 0
        server.received = 0
    }
}
