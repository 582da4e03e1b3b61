import NetValues
import Testing
import Wire

@Suite struct ICMPExtensionsTests {
    private static func bytes(_ text: String) -> ArraySlice<UInt8> {
        let digits = text.filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).compactMap { at in
            UInt8(digits[digits.index(digits.startIndex, offsetBy: at)...].prefix(2), radix: 16)
        }[...]
    }

    /// Label 16001, class 3, ttl 1, and beneath it 24, class 0, bottom, ttl 255 (RFC 4950 section 3).
    @Test func labelStacks_areRead_outermostFirst() throws {
        let extensions = try ICMPExtensions(decoding: Self.bytes("2000 0000  000c 01 01  03e81 6 01  00018 1 ff"))
        #expect(extensions.labels.map(\.label) == [16001, 24])
        #expect(extensions.labels.map(\.trafficClass) == [3, 0])
        #expect(extensions.labels.map(\.isBottom) == [false, true])
        #expect(extensions.labels.map(\.timeToLive) == [1, 255])
    }

    @Test func objectsOfOtherClasses_arePassedOver() throws {
        let interface = "0008 02 02 00000001"
        let extensions = try ICMPExtensions(
            decoding: Self.bytes("2000 0000 \(interface) 0008 01 01 00018 1 01 0000 0000"))
        #expect(extensions.labels.map(\.label) == [24])
    }

    @Test(arguments: [
        ("1000 0000 0008 0101 00018101", "extension version"),
        ("2000 0001 0008 0101 00018101", "extension checksum"),
        ("2000 0000 0003 0101 00018101", "extension object"),
        ("2000 0000 0010 0101 00018101", "extension object"),
        ("2000 00", "extension checksum"),
    ]) func whatIsBroken_isSaidToBe(text: String, field: String) {
        #expect {
            _ = try ICMPExtensions(decoding: Self.bytes(text))
        } throws: { error in
            (error as? WireError)?.field == field
        }
    }

    @Test func aHostileStack_isBounded() throws {
        let entries = String(repeating: "00018001", count: 300)
        let length = String(4 + 1200, radix: 16)
        let extensions = try ICMPExtensions(decoding: Self.bytes("2000 0000 0\(length) 0101 \(entries)"))
        #expect(extensions.labels.count == 16)
    }

    @Test func quotedPackets_tellHopLimitAndTrafficClass() throws {
        let v4 = try QuotedPacket(
            decoding: Self.bytes("45b8 001c 0000 0000 0111 0000 c6120001 c6120002 c350829a 0008 0000"), .v4)
        #expect(v4.hopLimit == 1 && v4.trafficClass == 0xb8)
        let addresses = "fd000018000000000000000000000001 fd000018000000000000000000000002"
        let v6 = try QuotedPacket(decoding: Self.bytes("6b80 0000 0008 1101 \(addresses) c350829a 0008 0000"), .v6)
        #expect(v6.hopLimit == 1 && v6.trafficClass == 0xb8)
    }

    private static func quote(_ header: String, bytes count: Int, then extensions: String) -> ArraySlice<UInt8> {
        (bytes(header) + [UInt8](repeating: 0x45, count: count) + bytes(extensions))[...]
    }

    /// In IPv4 by words of four bytes, in IPv6 of eight; from old routers behind 128 bytes, when the checksum says so.
    @Test func extensionsOfAnError_areFoundBehindItsQuote() {
        let stack = "2000 0000 0008 0101 00018101"
        let v4 = ICMPExtensions(ofError: Self.quote("0b00 0000 0021 0000", bytes: 132, then: stack), .v4)
        #expect(v4?.labels.map(\.label) == [24])
        let v6 = ICMPExtensions(ofError: Self.quote("0300 0000 1100 0000", bytes: 136, then: stack), .v6)
        #expect(v6?.labels.map(\.label) == [24])
        let old = Self.quote("0b00 0000 0000 0000", bytes: 128, then: "2000 5df4 0008 0101 00018101")
        #expect(ICMPExtensions(ofError: old, .v4)?.labels.map(\.label) == [24])
        let unsure = Self.quote("0b00 0000 0000 0000", bytes: 128, then: stack)
        #expect(ICMPExtensions(ofError: unsure, .v4) == nil)
    }

    @Test(arguments: [
        "", "0b00", "0b00 0000 00ff 0000", "0b00 0000 00ff 0000 4500", "0800 0000 0001 0000 00000000 2000 0000",
    ])
    func whatIsNoErrorOrCutShort_hasNoExtensions(text: String) {
        #expect(ICMPExtensions(ofError: Self.bytes(text), .v4) == nil)
        #expect(ICMPExtensions(ofError: Self.bytes(text), .v6) == nil)
    }
}
