import NetValues
import Testing
import Wire

@Suite struct IperfMessageTests {
    /// As a server of version 3.12 writes them: -1 without its sign.
    @Test func results_ofAServer() throws {
        let text =
            "{\"cpu_util_total\":12.5,\"cpu_util_user\":0.5,\"cpu_util_system\":12,\"sender_has_retransmits\":18446744073709551615,\"congestion_used\":\"bbr\",\"streams\":[{\"id\":1,\"bytes\":1250000,\"retransmits\":18446744073709551615,\"jitter\":0.001,\"errors\":2,\"packets\":100,\"start_time\":0,\"end_time\":1.5}]}"
        let results = try #require(IperfResults(decoding: Array(text.utf8)))
        #expect(results.processor == 12.5 && results.congestion == "bbr" && !results.sendsRetransmits)
        let stream = try #require(results.streams.first)
        #expect(stream.bytes == 1_250_000 && stream.retransmits == nil && stream.errors == 2 && stream.end == 1.5)
    }

    @Test func parameters_ofAClient_andBack() throws {
        var parameters = IperfParameters()
        parameters.isUDP = true
        parameters.isReverse = true
        parameters.length = 1448
        parameters.rate = 5_000_000
        parameters.hasWideCounters = true
        parameters.isLeadsman = true
        #expect(IperfParameters(decoding: parameters.encoded) == parameters)
        for text in [
            "{}", "[]", "{\"parallel\":0,\"len\":1448}", "{\"parallel\":1,\"len\":4}", "{\"udp\":true,\"len\":70000}",
            "{", "",
        ] {
            #expect(IperfParameters(decoding: Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test func datagramHeads() throws {
        // 16 octets: seconds 1, microseconds 500, number 2^32 + 7.
        let wide: [UInt8] = [0, 0, 0, 1, 0, 0, 1, 0xf4, 0, 0, 0, 1, 0, 0, 0, 7]
        let (whole, narrow, short) = (
            IperfDatagram(wide.span, wide: true), IperfDatagram(wide.span.extracting(0..<12), wide: false),
            IperfDatagram(wide.span.extracting(0..<15), wide: true)
        )
        let datagram = try #require(whole)
        #expect(datagram.number == 0x1_0000_0007 && datagram.sentAt == 1_000_500_000)
        #expect(narrow?.number == 1 && short == nil)
        var bytes = [UInt8](repeating: 0, count: 16)
        Self.write(IperfDatagram(sentAt: 1_000_500_000, number: 0x1_0000_0007), to: &bytes)
        #expect(bytes == wide)
    }

    private static func write(_ datagram: IperfDatagram, to bytes: inout [UInt8]) {
        var span = bytes.mutableSpan
        datagram.write(to: &span, at: 0, wide: true)
    }

    @Test func foreignJSON_isBounded() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        for text in [deep, "1e999", "nul", "\"\\x\"", "\"\\u12\"", "{\"a\":}", "[1,]", "1 2", "{\"a\" 1}", "[]"] {
            #expect(IperfJSON.object(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(IperfJSON.object([UInt8](repeating: 0x20, count: IperfJSON.mostBytes + 1)) == nil)
    }
}
