/// Datagrams of which not all fragments have come (RFC 791 page 28, RFC 8200 section 4.5), bounded in number, bytes and age: the
/// oldest are given up first.
///
/// Fragments that overlap end their datagram, as Linux and RFC 5722 have it: no receiver accepts what one could hide there. A
/// fragment that comes twice counts once. tshark puts overlapping ones together, the lower offset first.
struct FragmentTable {
    static let mostDatagrams = 1024
    /// Of what is stored, with what storing costs.
    static let mostBytes = 8 << 20
    /// In the time of the capture (net.ipv4.ipfrag_time; RFC 8200 section 4.5).
    static let longestAge: UInt64 = 30_000_000_000
    static let longestAgeIPv6: UInt64 = 60_000_000_000
    /// An IP packet has no more payload.
    static let mostPayload = 65_535

    /// Datagrams that were given up: too old, too many, or wrong.
    private(set) var abandoned = 0
    private var datagrams: [FragmentKey: FragmentedDatagram] = [:]
    /// As they began; those that were completed since are still here, for a while.
    private var order: [(key: FragmentKey, serial: Int)] = []
    private var firstInOrder = 0
    private var lastSerial = 0
    private var storedBytes = 0

    var count: Int { datagrams.count }

    /// - Parameter payload: whole, as the fragment's own length fields say.
    /// - Returns: the datagram's payload, and its protocol as the first fragment says, when this was the last one missing.
    mutating func add(
        _ part: FragmentPart, of key: FragmentKey, protocolNumber: UInt8, at time: Int64, _ payload: Span<UInt8>
    ) -> (payload: [UInt8], protocolNumber: UInt8)? {
        giveUpOld(at: time)
        guard payload.count > 0, part.offset + payload.count <= Self.mostPayload,
            part.isLast || payload.count % 8 == 0
        else {
            abandon(key)
            return nil
        }
        if datagrams[key] == nil { begin(key, at: time) }
        let outcome = datagrams[key]?.add(part, protocolNumber: protocolNumber, payload) ?? .wrong
        switch outcome {
        case .repeated: return nil
        case .wrong:
            abandon(key)
            return nil
        case .added:
            storedBytes += payload.count + FragmentedDatagram.costOfPart
            makeRoom()
            return nil
        case .complete:
            storedBytes += payload.count + FragmentedDatagram.costOfPart
            guard let datagram = remove(key) else { return nil }
            return (datagram.joined(), datagram.protocolNumber)
        }
    }

    private mutating func begin(_ key: FragmentKey, at time: Int64) {
        lastSerial += 1
        datagrams[key] = FragmentedDatagram(serial: lastSerial, time: time, protocolNumber: 0)
        order.append((key, lastSerial))
        // Those that were given up stand at its front, those that were completed anywhere.
        guard order.count > 4 * Self.mostDatagrams else { return }
        order = order[firstInOrder...].filter { datagrams[$0.key]?.serial == $0.serial }
        firstInOrder = 0
    }

    @discardableResult
    private mutating func remove(_ key: FragmentKey) -> FragmentedDatagram? {
        guard let datagram = datagrams.removeValue(forKey: key) else { return nil }
        storedBytes -= datagram.cost
        return datagram
    }

    private mutating func abandon(_ key: FragmentKey) {
        remove(key)
        abandoned += 1
    }

    private mutating func makeRoom() {
        while datagrams.count > Self.mostDatagrams || storedBytes > Self.mostBytes, let oldest = oldest() {
            abandon(oldest.key)
        }
    }

    private mutating func giveUpOld(at time: Int64) {
        while let (key, began) = oldest() {
            let limit = key.source.isIPv6 ? Self.longestAgeIPv6 : Self.longestAge
            guard time > began, UInt64(bitPattern: time &- began) > limit else { return }
            abandon(key)
        }
    }

    /// Takes from the order what was completed.
    private mutating func oldest() -> (key: FragmentKey, began: Int64)? {
        while firstInOrder < order.count {
            let (key, serial) = order[firstInOrder]
            if let datagram = datagrams[key], datagram.serial == serial { return (key, datagram.time) }
            firstInOrder += 1
        }
        order.removeAll(keepingCapacity: true)
        firstInOrder = 0
        return nil
    }
}

/// What fragments of one datagram have in common.
struct FragmentKey: Hashable {
    var source: PacketAddress
    var destination: PacketAddress
    var identification: UInt32
    /// Of IPv4 alone: over IPv6 the first fragment says it for all.
    var protocolNumber: UInt8
    var depth: UInt8
    var vlan: UInt16?

    init(_ packet: NetworkPacket) {
        source = packet.source
        destination = packet.destination
        identification = packet.identification
        protocolNumber = packet.source.isIPv6 ? 0 : packet.protocolNumber
        depth = packet.depth
        vlan = packet.link.vlan
    }
}

/// The fragments of one datagram that have come.
struct FragmentedDatagram {
    enum Outcome { case added, complete, repeated, wrong }

    /// An array, its bytes' rounding, and its place in the list.
    static let costOfPart = 64

    let serial: Int
    let time: Int64
    private(set) var protocolNumber: UInt8
    private var parts: [(offset: Int, bytes: [UInt8])] = []
    private var storedBytes = 0
    /// Of the payload; known from the last fragment.
    private var length: Int?

    init(serial: Int, time: Int64, protocolNumber: UInt8) {
        self.serial = serial
        self.time = time
        self.protocolNumber = protocolNumber
    }

    var cost: Int { storedBytes + parts.count * Self.costOfPart }

    mutating func add(_ part: FragmentPart, protocolNumber: UInt8, _ payload: Span<UInt8>) -> Outcome {
        let end = part.offset + payload.count
        // Mostly they come in order: from the end.
        var place = parts.count
        while place > 0, parts[place - 1].offset > part.offset { place -= 1 }
        if place > 0 {
            let before = parts[place - 1]
            let isRepeated = before.offset == part.offset && before.bytes.count == payload.count
            if isRepeated { return part.isLast == (length == end) ? .repeated : .wrong }
            guard before.offset + before.bytes.count <= part.offset else { return .wrong }
        }
        if place < parts.count, parts[place].offset < end { return .wrong }
        if part.isLast {
            guard length == nil, place == parts.count else { return .wrong }
            length = end
        }
        if let length, end > length { return .wrong }
        if part.offset == 0 { self.protocolNumber = protocolNumber }
        parts.insert((part.offset, [UInt8](payload)), at: place)
        storedBytes += payload.count
        return storedBytes == length ? .complete : .added
    }

    /// Without overlap and with all bytes there, the parts follow one another.
    func joined() -> [UInt8] {
        var whole: [UInt8] = []
        whole.reserveCapacity(storedBytes)
        for part in parts { whole += part.bytes }
        return whole
    }
}

extension [UInt8] {
    init(_ span: Span<UInt8>) {
        self.init()
        reserveCapacity(span.count)
        for index in span.indices { append(span[index]) }
    }
}
