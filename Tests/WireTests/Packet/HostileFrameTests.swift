import PacketBuilding
import Testing
import Wire

/// Frames that are whole, of every kind that is taken apart, with their link types.
let sampleFrames: [(bytes: [UInt8], linkType: LinkType)] = {
    let tcp = PacketBytes.tcp(
        "198.18.0.1:40000", "198.18.0.2:443", .syn, sequence: 1,
        options: [.mss(1460), .sackPermitted, .timestamps(1, echo: 2), .windowScale(7), .sack([(1, 2), (3, 4)])],
        payload: [1, 2, 3], PacketBytes.Internet(options: [131, 7, 4, 198, 18, 0, 9, 0]))
    let udp6 = PacketBytes.internet(
        "fd00:18::1", "fd00:18::2", 0,
        PacketBytes.extensionHeader(next: 60) + PacketBytes.extensionHeader(next: 17)
            + PacketBytes.udpDatagram("[fd00:18::1]:40000", "[fd00:18::2]:53", [1, 2, 3]))
    var samples: [(bytes: [UInt8], linkType: LinkType)] = TunnelCase.all.map { ($0.frame, .ethernet) }
    for link in LinkCase.all {
        samples.append((link.wrap(tcp), link.linkType))
        samples.append((link.wrap(udp6), link.linkType))
    }
    return samples
}()

@Suite struct HostileFrameTests {
    @Test func everyPrefix_endsInAnAnswer() {
        var decoder = FrameDecoder()
        for (bytes, linkType) in sampleFrames {
            for end in bytes.indices {
                for length in [end, bytes.count] {
                    let found = decoder.collect([UInt8](bytes[..<end]), linkType: linkType, length: length)
                    #expect(found.packets.count + found.others.count > 0)
                    #expect(found.packets.allSatisfy { $0.packet.payloadLength <= max(length, end) })
                }
            }
        }
    }

    @Test func everyByte_mayBeAnything() {
        var decoder = FrameDecoder()
        for (bytes, linkType) in sampleFrames {
            for index in bytes.indices {
                for value in [0, 0x7f, 0xff, ~bytes[index], bytes[index] &+ 1] as [UInt8] {
                    var wrong = bytes
                    wrong[index] = value
                    let found = decoder.collect(wrong, linkType: linkType)
                    #expect(found.packets.count + found.others.count + found.arps.count > 0)
                }
            }
        }
    }

    @Test func everyLinkType_endsInAnAnswer_whenTheFrameIsEmptyOrItsLengthIsNot() {
        var decoder = FrameDecoder()
        for type in UInt32(0)...300 {
            for length in [0, -1, .max] {
                let found = decoder.collect([], linkType: LinkType(rawValue: type), length: length)
                #expect(found.packets.isEmpty)
                #expect(found.others.count == 1)
            }
        }
    }
}
