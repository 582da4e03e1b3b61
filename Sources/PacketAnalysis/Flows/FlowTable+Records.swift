import NetValues
import Observations
import Wire

/// Flows as they are reported.
extension FlowTable {
    /// Takes the flows out of the table, the largest first. Their memory goes as the records come.
    mutating func takeRecords(_ annotations: FlowAnnotations) -> [FlowRecord] {
        var records: [FlowRecord] = []
        records.reserveCapacity(flows.count)
        var order: [(bytes: Int, number: Int, index: Int)] = []
        order.reserveCapacity(flows.count)
        var owners = [Int](repeating: -1, count: conversations.extent)
        while let chunk = flows.removeLastChunk() {
            for flow in chunk.elements where flow.isLive {
                if flow.conversation != Flow.noConversation { owners[Int(flow.conversation)] = records.count }
                order.append((flow.a.bytes &+ flow.b.bytes, flow.number, records.count))
                records.append(flow.record)
                annotations.annotate(&records[records.count - 1], flow: flow.number)
            }
        }
        while let chunk = conversations.removeLastChunk() {
            for (offset, conversation) in chunk.elements.enumerated() {
                let owner = owners[Int(chunk.first) + offset]
                if owner >= 0 { records[owner].tcp = conversation.record(in: pools) }
            }
        }
        order.sort { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.number < $1.number }
        // In place: the records are most of what is in memory now. One that was swapped away is followed to where it went.
        for place in order.indices {
            var from = order[place].index
            while from < place { from = order[from].index }
            records.swapAt(place, from)
        }
        return records
    }

    /// All flows together, those that left among them.
    func sums() -> FlowTotals {
        var sums = totals
        for place in 0..<UInt32(flows.extent) where flows[place].isLive {
            let flow = flows[place]
            sums.add(flow, hash: hash)
            if flow.conversation != Flow.noConversation { sums.add(conversations[flow.conversation]) }
        }
        return sums
    }
}

extension FlowTable {
    /// A packet as a finding quotes it.
    func event(
        _ entry: Entry, _ packet: NetworkPacket, _ segment: TCPSegment?, _ frame: CapturedFrame
    ) -> PacketEvent {
        let conversation = flows[entry.place].conversation
        var base: UInt32 = 0
        if let segment, conversation != Flow.noConversation {
            let own = entry.isFromA ? conversations[conversation].a : conversations[conversation].b
            base = own.hasBase ? own.base : segment.flags.contains(.syn) ? segment.sequence : segment.sequence &- 1
        }
        return PacketEvent(
            at: frame.wallTime, isFromA: entry.isFromA, hopLimit: packet.hopLimit,
            payloadLength: segment?.payloadLength ?? packet.payloadLength, flags: segment?.flags,
            window: segment?.window ?? 0, sequence: (segment?.sequence ?? 0) &- base, direction: packet.link.direction)
    }
}

extension Flow {
    fileprivate var record: FlowRecord {
        var record = FlowRecord(
            protocolNumber: key.protocolNumber, a: endpointA, b: endpointB, firstAt: WallTime(nanoseconds: firstAt),
            lastAt: WallTime(nanoseconds: lastAt))
        record.fromA = a.record
        record.fromB = b.record
        record.tunnel = tunnel
        record.vlan = vlan
        record.application = application
        return record
    }
}
