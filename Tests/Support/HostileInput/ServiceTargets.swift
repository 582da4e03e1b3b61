import NetValues
import Planning
import Wire

// Answers of UDP services, and ranges of targets.

extension FuzzTarget {
    static let ntpMessage = FuzzTarget(
        "ntp-message", words: ["DENY", "RATE", "GPS"],
        seeds: {
            let start: [UInt8] = [0x24, 2, 6, 0xe9]
            return [NTPMessage.request(nonce: 1), start + [UInt8](repeating: 0x83, count: 44), start]
        },
        check: { bytes in
            guard let message = try? NTPMessage(decoding: bytes) else { return }
            try hold((1...4).contains(message.version) && message.leap < 4 && message.mode < 8, "fields: \(message)")
            try hold(message.kissCode.map { $0.utf8.count == 4 } ?? true, "kiss: \(message)")
            for instant in [WallTime(nanoseconds: .min), WallTime(seconds: 0), WallTime(nanoseconds: .max)] {
                _ = message.offset(sentAt: instant, receivedAt: instant)
            }
        })

    static let sipResponse = FuzzTarget(
        "sip-response", words: ["SIP/2.0 ", "Call-ID", "i:", "Server", "\r\n", "200 OK"],
        seeds: {
            [
                Array("SIP/2.0 200 OK\r\nVia: x\r\nCall-ID: a@b\r\nServer: lab\r\n\r\n".utf8),
                Array("SIP/2.0 404\ni:x\n\n".utf8), SIPResponse.options(target: "a:5060", nonce: "n"),
            ]
        },
        check: { bytes in
            guard let answer = try? SIPResponse(decoding: bytes) else { return }
            try hold((100...699).contains(answer.status), "status: \(answer)")
            try hold(answer.reason.utf8.count <= 180 && answer.callID.utf8.count <= 360, "too long: \(answer)")
            try hold((answer.agent?.utf8.count ?? 0) <= 360, "too long: \(answer)")
        })

    static let quicVersions = FuzzTarget(
        "quic-versions",
        seeds: {
            let id = [UInt8](repeating: 7, count: 8)
            return [
                [0x80, 0, 0, 0, 0, 8] + id + [8] + id + [0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf],
                [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], QUICVersionNegotiation.request(nonce: 3),
            ]
        },
        check: { bytes in
            guard let answer = try? QUICVersionNegotiation(decoding: bytes) else { return }
            try hold(answer.versions.count <= QUICVersionNegotiation.mostVersions, "versions: \(answer)")
            try hold(answer.versions.allSatisfy { $0 & 0x0f0f_0f0f != 0x0a0a_0a0a }, "greased: \(answer)")
            try hold(answer.sourceID.count <= 20 && answer.destinationID.count <= 20, "identifiers: \(answer)")
            _ = answer.versions.map(QUICVersionNegotiation.words)
        })

    /// What a person writes, of any size.
    static let targetRange = FuzzTarget(
        "target-range", words: ["/28", "/0", "-", ",", "[fd00::/64]", "198.18.0.0", ":1-65535", "::"],
        seeds: {
            [
                "198.18.0.0/28:22,80,443", "host:8000-8010", "[fd00:18::/124]:443", "198.18.0.1-9:80", "0.0.0.0/0",
                "::/0",
            ]
            .map { Array($0.utf8) }
        },
        check: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            for form in [Target.Form.host, .hostPort] {
                guard let range = try? TargetRange(text, form: form) else { continue }
                let targets = range.targets(upTo: 64)
                try hold(range.count >= 1 && targets.count == min(64, range.count), "\(range.count), \(targets.count)")
                try hold(Set(targets).count == targets.count, "the same target twice: \(text)")
                try hold(range.excess(over: 4096) == nil || range.count > 4096, "excess: \(range.count)")
            }
        })
}
