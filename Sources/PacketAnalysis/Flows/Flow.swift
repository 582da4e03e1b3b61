import NetValues
import Observations
import Wire

/// What is kept of a flow while it is in the table.
struct Flow {
    let key: FlowKey
    /// Of all flows of the capture; never used again.
    let number: Int
    /// The low endpoint of the key is `a` of the record.
    let isLowA: Bool
    /// Its key leads to it. A connection whose ports were used again is listed and no longer found.
    var isIndexed = true
    /// False of a vacant place.
    var isLive = true
    var application: FlowRecord.Application?
    var mark = ApplicationMark()
    let vlan: UInt16?
    let tunnel: Tunnel?
    /// Of the conversation; `noConversation` of anything but TCP.
    var conversation = Self.noConversation
    var a = DirectionCount()
    var b = DirectionCount()
    var firstAt: Int64
    var lastAt: Int64
    /// Number of the table's latest packet of this flow: the least goes first.
    var lastUse: Int

    static let noConversation = UInt32.max

    init(key: FlowKey, number: Int, isLowA: Bool, packet: NetworkPacket, time: Int64, use: Int) {
        self.key = key
        self.number = number
        self.isLowA = isLowA
        vlan = packet.link.vlan
        tunnel = packet.tunnel
        firstAt = time
        lastAt = time
        lastUse = use
    }

    var endpointA: PacketEndpoint { isLowA ? key.lowEndpoint : key.highEndpoint }
    var endpointB: PacketEndpoint { isLowA ? key.highEndpoint : key.lowEndpoint }
}

/// A flow for which nothing comes any more.
struct DepartedFlow {
    let number: Int
    let mark: ApplicationMark
    /// Its ports are used by another connection, and it is still in the list. Otherwise it was evicted.
    let isListed: Bool
    /// It was told of before, when its ports were used again.
    let isKnown: Bool

    init(_ flow: Flow, isListed: Bool) {
        number = flow.number
        mark = flow.mark
        self.isListed = isListed
        isKnown = !isListed && !flow.isIndexed
    }
}

/// One direction, whatever the protocol.
struct DirectionCount {
    var packets = 0
    var bytes = 0
    var payloadBytes = 0
    var duplicates: UInt32 = 0
    var secondSights: UInt32 = 0
    private var lowestHopLimit: UInt8 = 255
    private var highestHopLimit: UInt8 = 0

    mutating func count(bytes: Int, payload: Int, hopLimit: UInt8) {
        packets += 1
        self.bytes &+= bytes
        payloadBytes &+= payload
        lowestHopLimit = min(lowestHopLimit, hopLimit)
        highestHopLimit = max(highestHopLimit, hopLimit)
    }

    var record: FlowDirection {
        var direction = FlowDirection()
        direction.packets = packets
        direction.bytes = bytes
        direction.payloadBytes = payloadBytes
        if packets > 0 { direction.hopLimits = lowestHopLimit...highestHopLimit }
        direction.duplicates = Int(duplicates)
        direction.secondSights = Int(secondSights)
        return direction
    }
}
