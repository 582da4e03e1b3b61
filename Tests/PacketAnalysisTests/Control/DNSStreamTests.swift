import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct DNSStreamTests {
    private let first = prefixed(Scene.query(1))
    private let second = prefixed(Scene.query(2))

    private static func prefixed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }

    @Test func severalMessagesInOneSegment() {
        var stream = DNSStream()
        let both = first + second
        let messages = stream.take(sequence: 0, both.span, length: both.count)
        #expect(messages.map(\.bytes) == [Scene.query(1), Scene.query(2)])
        #expect(messages.allSatisfy { $0.isWhole })
    }

    @Test func messagesByTheByte() {
        var stream = DNSStream()
        var messages: [DNSStream.Message] = []
        for (index, byte) in (first + second).enumerated() {
            messages += stream.take(sequence: UInt32(index), [byte].span, length: 1)
        }
        #expect(messages.map(\.bytes) == [Scene.query(1), Scene.query(2)])
    }

    @Test func dataSentAgainIsPassedOver() {
        var stream = DNSStream()
        let half = Array(first.prefix(9))
        let sequence = UInt32.max - 3
        #expect(stream.take(sequence: sequence, half.span, length: 9).isEmpty)
        #expect(stream.take(sequence: sequence, half.span, length: 9).isEmpty)
        let messages = stream.take(sequence: sequence, first.span, length: first.count)
        #expect(messages.map(\.bytes) == [Scene.query(1)])
        #expect(stream.take(sequence: sequence, first.span, length: first.count).isEmpty)
    }

    @Test func behindAGapAMessageBeginsAnew() {
        var stream = DNSStream()
        let half = Array(first.prefix(9))
        _ = stream.take(sequence: 0, half.span, length: 9)
        let messages = stream.take(sequence: 1000, second.span, length: second.count)
        #expect(messages.map(\.bytes) == [Scene.query(2)])
    }

    @Test func ofALongMessageTheBeginningIsKept() {
        var stream = DNSStream()
        let long = Self.prefixed([UInt8](repeating: 1, count: 60_000))
        var messages: [DNSStream.Message] = []
        for start in stride(from: 0, to: long.count, by: 1460) {
            let part = Array(long[start..<min(start + 1460, long.count)])
            messages += stream.take(sequence: UInt32(start), part.span, length: part.count)
        }
        #expect(messages.map(\.bytes.count) == [DNSStream.most])
        #expect(messages.map(\.isWhole) == [false])
    }

    @Test func whatTheCaptureCutIsNoMalformedMessage() {
        var stream = DNSStream()
        let captured = Array(first.prefix(20))
        let messages = stream.take(sequence: 0, captured.span, length: first.count)
        #expect(messages.map(\.isWhole) == [false])
        #expect(stream.take(sequence: UInt32(first.count), second.span, length: second.count).count == 1)
        #expect(stream.malformed == 0)
    }

    @Test func overTCPAsOverUDP() throws {
        var scene = Scene()
        let (client, server): (PacketEndpoint, PacketEndpoint) = ("198.18.0.1:40000", "198.18.0.53:53")
        let answer = Self.prefixed(Scene.response(1, addresses: ["198.18.0.9"]))
        scene.add(
            PacketBytes.frame(PacketBytes.tcp(client, server, [.psh, .ack], sequence: 1, payload: first)), at: 0)
        scene.add(
            PacketBytes.frame(
                PacketBytes.tcp(server, client, .ack, sequence: 1, payload: Array(answer.prefix(10)))), at: 0.1)
        scene.add(
            PacketBytes.frame(
                PacketBytes.tcp(server, client, .ack, sequence: 11, payload: Array(answer.dropFirst(10)))), at: 0.2)
        let dns = scene.summary().dns
        #expect(dns.queries == 1 && dns.responses == 1)
        let transaction = try #require(dns.transactions.first)
        #expect(transaction.transport == .tcp && transaction.latency == .milliseconds(200))
        #expect(transaction.answers == ["198.18.0.9"])
    }
}
