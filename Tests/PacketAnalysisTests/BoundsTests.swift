import NetValues
import Observations
import PacketBuilding
import Testing
import Wire

@testable import PacketAnalysis

/// What is kept, and how long is searched, whatever a capture holds.
@MainActor @Suite struct BoundsTests {
    /// Numbers without order, of which nobody acknowledges any: not walked through for ever.
    @Test func segmentsThatNobodyAcknowledges_areGivenUp() {
        var pool = SegmentPool()
        var unacked = UnackedSegments()
        for number in 0..<10_000 as Range<UInt32> {
            let start = 0x4000_0000 + (number &* 0x9e37_79b9) >> 5
            unacked.append(start: start, end: start + 10, at: 1, in: &pool)
        }
        var acknowledgements: UInt32 = 0
        while !unacked.list.isEmpty, acknowledgements < 10_000 {
            acknowledgements += 1
            _ = unacked.acknowledge(0x3000_0000 + acknowledgements, in: &pool)
        }
        #expect((100..<1000).contains(acknowledgements))
        #expect(pool.used == 0)
    }

    /// A window of a thousand segments of which one was sent twice, acknowledged two by two: all are told.
    @Test func segmentsInFlightWithoutOrder_keepTheirRoundTrips() {
        var pool = SegmentPool()
        var unacked = UnackedSegments()
        func send(_ number: UInt32) {
            unacked.append(start: number * 10 + 1, end: number * 10 + 11, at: Int64(number) + 1, in: &pool)
        }
        for number in 0..<1000 as Range<UInt32> { send(number) }
        var told = 0
        for number in stride(from: 1000 as UInt32, to: 10_000, by: 2) {
            send(number)
            send(number + 1)
            send(number)
            let acknowledged = number - 998
            let (sentAt, _) = unacked.acknowledge(acknowledged * 10 + 1, in: &pool)
            if sentAt == Int64(acknowledged) { told += 1 }
        }
        #expect(told == 4500)
    }

    /// Even talkers: which of them are kept is no matter of chance, nor is the time that it takes.
    @Test func evenTalkers_areKeptByTheirAddresses() {
        var totals = EgressTotals(AnalysisSettings())
        let sources = (0..<100_000 as Range<UInt32>).map { 0x0a00_0000 + ($0 &* 0x9e37_79b9) >> 8 }
        for source in sources { totals.add(flow(from: source)) }
        var summary = PacketSummary()
        totals.fill(&summary) { _ in nil }
        #expect(summary.egress.talkers.count + summary.egress.unlistedTalkers == 100_000)
        #expect(summary.egress.talkers.map(\.source.low) == sources.sorted().prefix(1000).map { UInt64($0) })
    }

    private func flow(from source: UInt32) -> Flow {
        let packet = NetworkPacket(
            source: PacketAddress(ipv4: source), destination: "198.18.0.2", protocolNumber: IPProtocol.udp,
            hopLimit: 64,
            totalLength: 100, payloadOffset: 0, payloadLength: 80)
        var isLow = false
        let key = FlowKey(
            protocolNumber: IPProtocol.udp, source: PacketEndpoint(packet.source, 1000),
            destination: PacketEndpoint(packet.destination, 53), tunnel: nil, isLowSource: &isLow)
        var flow = Flow(key: key, number: 0, isLowA: isLow, packet: packet, time: 0, use: 0)
        flow.a.count(bytes: 100, payload: 80, hopLimit: 64)
        return flow
    }

    /// A pcapng file has as many link types as interfaces.
    @Test func linkTypes_areToldWithinBounds() {
        var analyzer = PacketAnalyzer()
        let bytes: [UInt8] = [1, 2, 3, 4]
        for number in 0..<1000 {
            analyzer.add(
                CapturedFrame(number: number, time: 0, length: 4, linkType: LinkType(rawValue: UInt32(number))),
                bytes.span)
        }
        let summary = analyzer.finish()
        #expect(summary.linkTypes.count == 64 && summary.packets == 1000)
    }

    /// Names as long as they can be: the oldest transactions go, and are still counted.
    @Test func longNames_areKeptWithinBounds() {
        var table = DNSTransactionTable(listed: 10_000)
        let name = String(repeating: "x", count: 1000)
        for number in 0..<40_000 {
            table.add(
                .init(
                    key: .init(flow: number, id: 1), frame: number, time: Int64(number), lastTime: Int64(number),
                    client: "198.18.0.1:40000", server: "198.18.0.53:53", transport: .udp, name: name, type: .a,
                    serverIndex: nil))
            table.keep(answers: [String](repeating: name, count: 8), of: number)
        }
        let transactions = table.transactions()
        let size = transactions.reduce(0) { sum, transaction in
            transaction.answers.reduce(sum + transaction.name.utf8.count) { $0 + $1.utf8.count }
        }
        #expect(table.count == 40_000)
        #expect((1 << 20...72 << 20).contains(size), "\(size) bytes")
        #expect(table.find(.init(flow: 39_999, id: 1)) != nil && table.find(.init(flow: 0, id: 1)) == nil)
    }
}
