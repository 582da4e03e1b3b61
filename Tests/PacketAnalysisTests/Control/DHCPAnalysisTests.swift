import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct DHCPAnalysisTests {
    private let client: LinkAddress = "02:00:00:00:00:0c"

    private func bytes(_ link: LinkAddress) -> [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: link.bits >> UInt64(40 - 8 * $0)) }
    }

    /// - Parameter options: behind the type.
    private func message(_ type: UInt8, of link: LinkAddress, address: UInt32 = 0, options: [UInt8] = []) -> [UInt8] {
        var message: [UInt8] = [type == 1 || type == 3 ? 1 : 2, 1, 6, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]
        message.append(uint32: address)
        message += [UInt8](repeating: 0, count: 8) + bytes(link) + [UInt8](repeating: 0, count: 202)
        message += [0x63, 0x82, 0x53, 0x63, 53, 1, type] + options + [255]
        return message
    }

    private func fromClient(_ message: [UInt8]) -> [UInt8] {
        PacketBytes.frame(PacketBytes.udp("0.0.0.0:68", "255.255.255.255:67", message))
    }

    private func fromServer(_ message: [UInt8]) -> [UInt8] {
        PacketBytes.frame(PacketBytes.udp("198.18.0.254:67", "255.255.255.255:68", message))
    }

    @Test func aLeaseFromBeginningToEnd() {
        var scene = Scene()
        let server: [UInt8] = [54, 4, 198, 18, 0, 254]
        scene.add(fromClient(message(1, of: client)), at: 0)
        scene.add(fromServer(message(2, of: client, address: 0xc612_0009, options: server)), at: 0.1)
        scene.add(fromClient(message(3, of: client, options: server)), at: 0.2)
        scene.add(
            fromServer(message(5, of: client, address: 0xc612_0009, options: server + [51, 4, 0, 0, 0x0e, 0x10])),
            at: 0.3)
        let summary = scene.summary()
        #expect(summary.dhcp.messages == ["DISCOVER": 1, "OFFER": 1, "REQUEST": 1, "ACK": 1])
        #expect(summary.dhcp.servers == ["198.18.0.254"])
        #expect(
            summary.dhcp.leases
                == [DHCPLease(client: client, address: "198.18.0.9", server: "198.18.0.254", lease: .seconds(3600))])
        #expect(summary.dhcp.unansweredClients.isEmpty)
        #expect(summary.flows.allSatisfy { $0.application == .dhcp })
    }

    @Test func whoAsksInVain() {
        var scene = Scene()
        for second in [0.0, 4, 12] { scene.add(fromClient(message(1, of: client)), at: second) }
        // Whoever takes an offer had one, seen or not; whoever asked once may have had one that did not pass here.
        let lucky: LinkAddress = "02:00:00:00:00:0d"
        for second in [0.0, 4] { scene.add(fromClient(message(1, of: lucky)), at: second) }
        scene.add(fromClient(message(3, of: lucky, options: [54, 4, 198, 18, 0, 254])), at: 5)
        scene.add(fromClient(message(1, of: "02:00:00:00:00:0e")), at: 0)
        #expect(scene.summary().dhcp.unansweredClients == [client])
    }

    @Test func refusalsAreAnswers() {
        var scene = Scene()
        for second in [0.0, 4] { scene.add(fromClient(message(3, of: client)), at: second) }
        scene.add(fromServer(message(6, of: client)), at: 4.1)
        let dhcp = scene.summary().dhcp
        #expect(dhcp.messages["NAK"] == 1 && dhcp.unansweredClients.isEmpty && dhcp.leases.isEmpty)
    }

    @Test func overIPv6AndThroughRelays() {
        var scene = Scene()
        let identifier: [UInt8] = [0, 1, 0, 10, 0, 3, 0, 1] + bytes(client)
        let given = PacketAddress("fd00:18::99").address.bytes
        let association: [UInt8] =
            [0, 3, 0, 40] + [UInt8](repeating: 0, count: 12) + [0, 5, 0, 24] + given + [0, 0, 0, 60, 0, 0, 0, 120]
        let reply = [7, 0, 0, 1] + identifier + association
        let relayed: [UInt8] =
            [13, 0] + [UInt8](repeating: 0, count: 32) + [0, 9, 0, UInt8(reply.count)] + reply
        scene.add(
            PacketBytes.frame(PacketBytes.udp("[fe80::1]:546", "[ff02::1:2]:547", [1, 0, 0, 1] + identifier)), at: 0)
        scene.add(PacketBytes.frame(PacketBytes.udp("[fd00:18::2]:547", "[fd00:18::3]:547", relayed)), at: 1)
        let dhcp = scene.summary().dhcp
        #expect(dhcp.messages == ["SOLICIT": 1, "REPLY": 1])
        #expect(
            dhcp.leases
                == [DHCPLease(client: client, address: "fd00:18::99", server: "fd00:18::2", lease: .seconds(120))])
    }
}
