import PacketBuilding
import Testing
import Wire

/// What agreement and speed are measured on must be what it says it is.
@Suite struct CaptureGeneratorTests {
    private func frames(seed: UInt64, _ count: Int) -> [TimedFrame] {
        var generator = CaptureGenerator(seed: seed)
        return (0..<count).map { _ in generator.next() }
    }

    @Test func isTheSame_fromTheSameSeed() {
        let (one, again, other) = (frames(seed: 3, 2000), frames(seed: 3, 2000), frames(seed: 4, 2000))
        #expect(one.map(\.bytes) == again.map(\.bytes))
        #expect(one.map(\.time) == again.map(\.time))
        #expect(one.map(\.bytes) != other.map(\.bytes))
    }

    @Test func isInOrder_wholeAndOfAllKinds() {
        let frames = frames(seed: 1, 20_000)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.time <= $1.time })
        var decoder = FrameDecoder()
        var collector = PacketCollector()
        for (index, frame) in frames.enumerated() {
            let captured = CapturedFrame(
                number: index + 1, time: frame.time, length: frame.bytes.count, linkType: .ethernet)
            decoder.decode(captured, frame.bytes.span, into: &collector)
        }
        #expect(collector.others.isEmpty)
        #expect(!collector.arps.isEmpty)
        #expect(Set(collector.packets.compactMap(\.packet.tunnel?.kind)) == [.vxlan, .geneve, .gre, .ipInIP])
        #expect(
            Set(collector.packets.map(\.packet.protocolNumber)).isSuperset(
                of: [IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmp, IPProtocol.icmpv6]))
        let average = frames.reduce(0) { $0 + $1.bytes.count } / frames.count
        #expect((600...800).contains(average))
    }
}
