import NetValues
import Observations
import PacketBuilding
import Testing
import Wire

@testable import PacketAnalysis

/// What was captured beside probes finds its check, and nothing else does.
@Suite struct TrafficStoreTests {
    private static let own: PacketEndpoint = "198.18.0.1:40000"
    private static let web: PacketEndpoint = "198.18.0.2:80"
    private static let names: PacketEndpoint = "198.18.0.2:53"
    private static let tcp = TrafficKey(IPProtocol.tcp, own, web)

    private func store(_ packets: [[UInt8]], _ limits: TrafficStore.Limits = .init()) -> TrafficStore {
        let store = TrafficStore(dnsPorts: [53], limits: limits)
        for (index, packet) in packets.enumerated() {
            let bytes = PacketBytes.linuxCooked2(packet)
            store.take(
                CapturedFrame(
                    number: index + 1, time: Int64(index) * 1_000_000, length: bytes.count, linkType: .linuxCooked2),
                bytes.span)
        }
        return store
    }

    private func claim(
        _ store: TrafficStore, _ keys: TrafficKey..., about addresses: Set<PacketAddress> = [], since: Int64 = 0
    ) -> [KeptFrame] {
        store.claim(Set(keys), about: addresses, since: WallTime(nanoseconds: since)).frames
    }

    @Test("Both directions of a connection, in order, numbered from 1, and only once")
    func connection() {
        let store = store([
            PacketBytes.tcp("198.18.0.9:40000", Self.web, .syn), PacketBytes.tcp(Self.own, Self.web, .syn),
            PacketBytes.tcp(Self.web, Self.own, [.rst, .ack]),
        ])
        let frames = claim(store, Self.tcp)
        #expect(frames.map(\.frame.number) == [1, 2] && frames.map(\.frame.time) == [1_000_000, 2_000_000])
        #expect(claim(store, Self.tcp).isEmpty)
    }

    @Test("An ICMP error belongs to the packet that it quotes")
    func quoted() {
        let syn = PacketBytes.tcp(Self.own, Self.web, .syn)
        let store = store([
            syn, PacketBytes.icmpError("198.18.0.254", "198.18.0.1", type: 3, code: 13, quoting: syn),
            PacketBytes.icmpError(
                "198.18.0.254", "198.18.0.1", type: 3, code: 13,
                quoting: PacketBytes.tcp("198.18.0.1:40001", Self.web, .syn)),
        ])
        #expect(claim(store, Self.tcp).count == 2)
    }

    @Test("Questions of one socket are told apart by their ids")
    func dns() {
        func message(_ id: UInt8) -> [UInt8] { [0, id, 1, 0] + [UInt8](repeating: 0, count: 8) }
        let store = store([
            PacketBytes.udp(Self.own, Self.names, message(1)), PacketBytes.udp(Self.own, Self.names, message(2)),
            PacketBytes.udp(Self.names, Self.own, message(2)),
        ])
        let second = claim(store, TrafficKey(IPProtocol.udp, Self.own, Self.names, id: 2))
        #expect(second.count == 2)
        #expect(second.allSatisfy { $0.bytes.count == 20 + 28 + 12 }, "a message of DNS is kept whole")
        #expect(claim(store, TrafficKey(IPProtocol.udp, Self.own, Self.names, id: 1)).count == 1)
    }

    @Test(
        "Echoes by target and identifier, in both families",
        arguments: [("198.18.0.1", "198.18.0.2"), ("fd00:18::1", "fd00:18::2")])
    func echo(_ own: String, _ target: String) throws {
        let own = PacketAddress(try #require(IPAddress(own)))
        let target = PacketAddress(try #require(IPAddress(target)))
        let store = store([
            PacketBytes.echo(own, target, identifier: 7), PacketBytes.echo(target, own, isReply: true, identifier: 7),
            PacketBytes.echo(own, target, identifier: 8),
        ])
        #expect(claim(store, .echo(with: target, identifier: 7)).count == 2)
    }

    @Test("Payload of applications is not kept")
    func headersOnly() {
        let store = store([
            PacketBytes.tcp(Self.own, Self.web, [.psh, .ack], payload: Array("Authorization: Basic c2VjcmV0".utf8))
        ])
        #expect(claim(store, Self.tcp).first?.bytes.count == 20 + 40)
    }

    @Test("ARP about the target, from whoever asks")
    func neighbours() {
        let request = PacketBytes.ARP(
            operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.1", target: "198.18.0.2")
        let other = PacketBytes.ARP(
            operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.1", target: "198.18.0.3")
        let store = TrafficStore(dnsPorts: [53])
        for (index, arp) in [request, other].enumerated() {
            let bytes = PacketBytes.frame(arp)
            store.take(CapturedFrame(number: index + 1, time: 1, length: bytes.count, linkType: .ethernet), bytes.span)
        }
        #expect(claim(store, about: ["198.18.0.2"]).count == 1)
    }

    @Test("A question for the next hop's address, with its answer, by who asked")
    func nextHop() {
        let store = TrafficStore(dnsPorts: [53])
        let asked = PacketBytes.ARP(
            operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.1", target: "198.18.0.254")
        let foreign = PacketBytes.ARP(
            operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.9", target: "198.18.0.8")
        for (index, arp) in [asked, foreign].enumerated() {
            let bytes = PacketBytes.frame(arp)
            store.take(CapturedFrame(number: index + 1, time: 1, length: bytes.count, linkType: .ethernet), bytes.span)
        }
        let claimed = store.claim([Self.tcp], openedBy: [Self.own: Self.tcp], about: [], since: .init(nanoseconds: 0))
        #expect(claimed.frames.count == 1)
    }

    @Test("A connection that this host leads elsewhere is found by the endpoint that opened it")
    func translated() {
        let pod: PacketEndpoint = "10.244.1.5:8080"
        let packets = [
            PacketBytes.tcp(Self.own, pod, .syn), PacketBytes.tcp(pod, Self.own, [.syn, .ack]),
            PacketBytes.tcp("198.18.0.1:40001", pod, .syn),
        ]
        let openers = [Self.own: Self.tcp]
        let since = WallTime(nanoseconds: 0)
        #expect(store(packets).claim([Self.tcp], openedBy: openers, about: [], since: since).frames.count == 2)
        let direct = store(packets + [PacketBytes.tcp(Self.own, Self.web, .syn)])
        let frames = direct.claim([Self.tcp], openedBy: openers, about: [], since: since).frames
        #expect(frames.count == 1, "what has its own address needs no other")
    }

    @Test("Of a port that is not captured whole, only how a connection failed")
    func partial() {
        func claimed(_ openers: [PacketEndpoint: TrafficKey]) -> Int {
            let store = TrafficStore(dnsPorts: [53], wholePorts: [53, 443])
            let bytes = PacketBytes.frame(PacketBytes.tcp(Self.own, Self.web, .syn))
            store.take(CapturedFrame(number: 1, time: 1, length: bytes.count, linkType: .ethernet), bytes.span)
            return store.claim([Self.tcp], openedBy: openers, about: [], since: .init(nanoseconds: 0)).frames.count
        }
        #expect(claimed([:]) == 0 && claimed([Self.own: Self.tcp]) == 1)
    }

    @Test("Frames from before the check belong to somebody else who had the port")
    func earlier() {
        let store = store([PacketBytes.tcp(Self.own, Self.web, .syn), PacketBytes.tcp(Self.own, Self.web, .syn)])
        #expect(claim(store, Self.tcp, since: 500_000).count == 1)
    }

    @Test("A long transfer keeps its first frames, and says how many are not kept")
    func longTransfer() {
        var limits = TrafficStore.Limits()
        limits.framesPerExchange = 10
        let store = store((0..<25).map { PacketBytes.tcp(Self.own, Self.web, .ack, sequence: UInt32($0)) }, limits)
        let claimed = store.claim([Self.tcp], about: [], since: WallTime(nanoseconds: 0))
        #expect(claimed.frames.count == 10 && claimed.unkept == 15)
    }

    @Test("What nobody asks for makes room, the oldest first, and is counted")
    func room() {
        var limits = TrafficStore.Limits()
        limits.room = 64 << 10
        let store = store(
            (0..<2000).map { PacketBytes.tcp(PacketEndpoint("198.18.0.1", UInt16(30000 + $0)), Self.web, .syn) }, limits
        )
        #expect(store.used <= limits.room && store.lostFrames > 1000 && store.lostFrames < 2000)
        #expect(store.lostFrames(since: .init(nanoseconds: 0)) == store.lostFrames)
        #expect(store.lostFrames(since: .init(nanoseconds: 1_990_000_000)) == 0, "nobody misses what is older")
        #expect(claim(store, TrafficKey(IPProtocol.tcp, "198.18.0.1:30000", Self.web)).isEmpty)
        #expect(claim(store, TrafficKey(IPProtocol.tcp, "198.18.0.1:31999", Self.web)).count == 1)
    }

    @Test("The packets of a check: its flow with each packet as an event")
    func checkPackets() throws {
        let store = store([
            PacketBytes.tcp(Self.own, Self.web, .syn),
            PacketBytes.tcp(Self.web, Self.own, [.rst, .ack], PacketBytes.Internet(hopLimit: 63)),
        ])
        let packets = CheckPackets(
            claim(store, Self.tcp), ownAddresses: ["198.18.0.1"], drops: CaptureDrops(), place: "any")
        let flow = try #require(packets.flows.first)
        #expect(packets.flows.count == 1 && flow.a == Self.own && flow.tcp?.state == .rejected)
        #expect(flow.events.map(\.flags) == [.syn, [.rst, .ack]] && packets.isComplete)
    }
}
