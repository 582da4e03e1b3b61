import Observations
import Wire

/// What each address sent and received, of so many addresses as there is room for.
struct EndpointTotals {
    static let most = 1 << 16

    private var tallies: [EndpointTally] = []
    private var index = FlowIndex()
    /// Addresses with which a flow was counted and that had no room: the same one counts each time.
    private(set) var unlisted = 0

    mutating func add(_ address: PacketAddress, sent: DirectionCount, received: DirectionCount, hash: FlowHash) {
        let hashed = hash.hash(address.high, address.low ^ (address.isIPv6 ? 1 << 40 : 0))
        let place: Int
        if let known = index.find(hashed, { tallies[Int($0)].address == address }) {
            place = Int(known)
        } else if tallies.count < Self.most {
            place = tallies.count
            tallies.append(EndpointTally(address))
            index.insert(hashed, UInt32(place))
        } else {
            unlisted += 1
            return
        }
        tallies[place].packetsSent &+= sent.packets
        tallies[place].bytesSent &+= sent.bytes
        tallies[place].packetsReceived &+= received.packets
        tallies[place].bytesReceived &+= received.bytes
    }

    /// The most bytes first.
    var sorted: [EndpointTally] {
        tallies.sorted { left, right in
            let (ours, theirs) = (left.bytesSent &+ left.bytesReceived, right.bytesSent &+ right.bytesReceived)
            if ours != theirs { return ours > theirs }
            return (left.address.high, left.address.low) < (right.address.high, right.address.low)
        }
    }
}
