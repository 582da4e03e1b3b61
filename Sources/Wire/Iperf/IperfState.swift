import NetValues

/// What iperf3's control connection says in one octet (esnet/iperf src/iperf_api.h).
package enum IperfState: Int8, Hashable, Sendable {
    case testStart = 1
    case testRunning = 2
    case testEnd = 4
    case exchangeParameters = 9
    case createStreams = 10
    case serverTerminate = 11
    case clientTerminate = 12
    case exchangeResults = 13
    case displayResults = 14
    case done = 16
    case accessDenied = -1
    /// Followed by two numbers of 32 bits: iperf3's error, and errno.
    case serverError = -2

    package init?(octet: UInt8) { self.init(rawValue: Int8(bitPattern: octet)) }
    package var octet: UInt8 { UInt8(bitPattern: rawValue) }
}

/// By which the connections of one test are known: 36 characters and a NUL.
package struct IperfCookie: Hashable, Sendable {
    package static let length = 37
    package let bytes: [UInt8]

    /// Nil unless it is of the right length and of printable characters: whoever speaks another protocol begins no test.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes.last == 0,
            bytes.dropLast().allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.bytes = bytes
    }

    package init(random: inout some RandomNumberGenerator) {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        bytes = (0..<Self.length - 1).map { _ in letters.randomElement(using: &random) ?? letters[0] } + [0]
    }
}

/// The words with which a UDP stream begins, in the sender's own byte order (iperf3 sends an int as it is), so both are known.
package enum IperfGreeting {
    package static let hello: [UInt8] = [0x39, 0x38, 0x37, 0x36]
    package static let reply: [UInt8] = [0x36, 0x37, 0x38, 0x39]
    /// 987654321, of versions before 3.10.
    private static let oldReply: [UInt8] = [0xb1, 0x68, 0xde, 0x3a]

    package static func isHello(_ bytes: [UInt8]) -> Bool {
        // 123456789 was the old one.
        let old: [UInt8] = [0x15, 0xcd, 0x5b, 0x07]
        return [hello, hello.reversed(), old, old.reversed()].contains(bytes)
    }

    package static func isReply(_ bytes: [UInt8]) -> Bool {
        [reply, reply.reversed(), oldReply, oldReply.reversed()].contains(bytes)
    }
}

/// The first octets of each datagram of a test: when it was sent by the sender's clock, and its number from 1 on.
package struct IperfDatagram: Hashable, Sendable {
    package static let mostHeader = 16
    package let seconds: UInt32
    package let microseconds: UInt32
    package let number: UInt64

    package static func headerLength(wide: Bool) -> Int { wide ? 16 : 12 }

    /// Nil for one that is too short.
    package init?(_ bytes: Span<UInt8>, wide: Bool) {
        guard bytes.count >= Self.headerLength(wide: wide) else { return nil }
        func word(_ place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[place + $1]) }
        }
        seconds = word(0)
        microseconds = word(4)
        number = wide ? UInt64(word(8)) << 32 | UInt64(word(12)) : UInt64(word(8))
    }

    package init(sentAt nanoseconds: Int64, number: UInt64) {
        seconds = UInt32(truncatingIfNeeded: nanoseconds / 1_000_000_000)
        microseconds = UInt32(truncatingIfNeeded: nanoseconds % 1_000_000_000 / 1000)
        self.number = number
    }

    package func write(to bytes: inout MutableSpan<UInt8>, at place: Int, wide: Bool) {
        func put(_ word: UInt32, _ at: Int) {
            for index in 0..<4 { bytes[place + at + index] = UInt8(truncatingIfNeeded: word >> (24 - 8 * index)) }
        }
        put(seconds, 0)
        put(microseconds, 4)
        if wide {
            put(UInt32(truncatingIfNeeded: number >> 32), 8)
            put(UInt32(truncatingIfNeeded: number), 12)
        } else {
            put(UInt32(truncatingIfNeeded: number), 8)
        }
    }

    /// The sender's clock in nanoseconds.
    package var sentAt: Int64 { Int64(seconds) * 1_000_000_000 + Int64(min(microseconds, 999_999)) * 1000 }
}
