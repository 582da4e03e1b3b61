import Wire

extension FuzzTarget {
    /// What a server or client of a throughput test says.
    static let iperfMessage = FuzzTarget(
        "iperf-message",
        words: [
            "\"streams\":[", "\"bytes\":", "\"len\":", "\"parallel\":", "\"udp\":true", "18446744073709551615", "1e308",
            "\\ud800",
        ],
        seeds: {
            var parameters = IperfParameters()
            parameters.isUDP = true
            parameters.length = 1448
            var results = IperfResults()
            results.isLeadsman = true
            results.streams = [IperfResults.Stream(id: 1, bytes: 1 << 40, retransmits: 3, end: 2.5)]
            return [
                parameters.encoded, results.encoded,
                Array("{\"streams\":[{\"id\":1,\"bytes\":18446744073709551615}]}".utf8),
            ]
        },
        check: { bytes in
            if let parameters = IperfParameters(decoding: bytes) {
                try hold((1...IperfParameters.mostStreams).contains(parameters.streams), "streams: \(parameters)")
                try hold((16...IperfParameters.mostLength).contains(parameters.length), "length: \(parameters)")
                try hold(parameters.seconds >= 0 && parameters.rate >= 0 && parameters.bytes >= 0, "\(parameters)")
            }
            if let results = IperfResults(decoding: bytes) {
                try hold(results.streams.allSatisfy { $0.bytes >= 0 && $0.errors >= 0 && $0.jitter >= 0 }, "\(results)")
                try hold(IperfResults(decoding: results.encoded) != nil, "not read back: \(results)")
            }
            for isWide in [false, true] {
                guard let datagram = IperfDatagram(bytes.span, wide: isWide) else { continue }
                try hold(datagram.sentAt >= 0, "before the epoch: \(datagram)")
            }
        })
}
