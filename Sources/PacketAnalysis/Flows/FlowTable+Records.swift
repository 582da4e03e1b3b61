import NetValues
import Observations
import Wire

/// Flows as they are reported.
extension FlowTable {
    /// Those in the table, the largest first.
    func records(_ annotations: FlowAnnotations) -> [FlowRecord] {
        var order: [(bytes: Int, place: UInt32)] = []
        order.reserveCapacity(flows.count)
        for place in 0..<UInt32(flows.extent) where flows[place].isLive {
            order.append((flows[place].a.bytes &+ flows[place].b.bytes, place))
        }
        order.sort { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : flows[$0.place].number < flows[$1.place].number }
        return order.map { record(flows[$0.place], annotations) }
    }

    private func record(_ flow: Flow, _ annotations: FlowAnnotations) -> FlowRecord {
        var record = FlowRecord(
            protocolNumber: flow.key.protocolNumber, a: flow.endpointA, b: flow.endpointB,
            firstAt: WallTime(nanoseconds: flow.firstAt), lastAt: WallTime(nanoseconds: flow.lastAt))
        record.fromA = flow.a.record
        record.fromB = flow.b.record
        record.tunnel = flow.tunnel
        record.vlan = flow.vlan
        record.application = flow.application
        if flow.conversation != Flow.noConversation {
            record.tcp = conversations[flow.conversation].record(in: pools)
        }
        annotations.annotate(&record, flow: flow.number)
        return record
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
