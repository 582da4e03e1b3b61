import Observations
import Wire

/// Tells by the first bytes of a side what a TCP conversation is. Each test reads a few bytes and keeps nothing.
enum StreamSignature {
    static func recognise(_ bytes: Span<UInt8>, _ context: PayloadContext) -> FlowRecord.Application? {
        guard bytes.count >= 4 else { return nil }
        let all = 0..<bytes.count
        if isTLS(bytes) { return .tls }
        if isHTTP(bytes) { return .http }
        if HTTPStartLine.startsWith(bytes, all, "SSH-") { return .ssh }
        if isPostgres(bytes) { return .postgres }
        if isMySQL(bytes) { return .mysql }
        if isRedis(bytes) { return .redis }
        if isSMTP(bytes) { return .smtp }
        if isLDAP(bytes) { return .ldap }
        if isDNS(bytes, context) { return .dns }
        return nil
    }

    /// RFC 8446 section 5.1: a hello, an alert, or data of a conversation that began before the capture.
    static func isTLS(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 5, bytes[1] == 3, bytes[2] <= 4 else { return false }
        let length = Int(bytes[3]) << 8 | Int(bytes[4])
        switch bytes[0] {
        case 21: return length == 2
        case 22: return length >= 4 && length <= 16_384 && (bytes.count < 6 || bytes[5] <= 2)
        case 23: return bytes[2] == 3 && length >= 17 && length <= 16_640
        default: return false
        }
    }

    private static func isHTTP(_ bytes: Span<UInt8>) -> Bool {
        let all = 0..<bytes.count
        return (bytes.count >= 8 && HTTPStartLine.begins(bytes, all))
            || HTTPStartLine.startsWith(bytes, all, "PRI * HTTP/2")
    }

    /// Length and protocol version 3, or one of the requests in its place (PostgreSQL 17, section 53.7).
    private static func isPostgres(_ bytes: Span<UInt8>) -> Bool {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.uint32(bytes), let code = cursor.uint32(bytes) else { return false }
        switch code {
        case 0x0003_0000...0x0003_0010: return length > 8 && length <= 10_000
        // SSLRequest, GSSENCRequest
        case 80_877_103, 80_877_104: return length == 8
        // CancelRequest
        case 80_877_102: return length >= 16 && length <= 300
        default: return false
        }
    }

    /// Protocol::HandshakeV10: a packet of number 0 with version 10 and a readable server version.
    private static func isMySQL(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 8, bytes[3] == 0, bytes[4] == 10, bytes[2] == 0, bytes[0] >= 30 else { return false }
        var index = 5
        while index < min(bytes.count, 69) {
            if bytes[index] == 0 { return index > 7 }
            guard bytes[index] >= 0x20, bytes[index] < 0x7f else { return false }
            index += 1
        }
        return false
    }

    /// An array of bulk strings, as every client sends its commands: `*1\r\n$4\r\nPING\r\n`.
    private static func isRedis(_ bytes: Span<UInt8>) -> Bool {
        guard bytes[0] == 0x2a else { return false }
        var index = 1
        while index < min(bytes.count, 8), bytes[index] >= 0x30, bytes[index] <= 0x39 { index += 1 }
        return index > 1 && index + 2 < bytes.count && bytes[index] == 0x0d && bytes[index + 1] == 0x0a
            && bytes[index + 2] == 0x24
    }

    /// The greeting is FTP's too, unless it says so; what a client says first is not.
    private static func isSMTP(_ bytes: Span<UInt8>) -> Bool {
        let all = 0..<bytes.count
        if HTTPStartLine.startsWith(bytes, all, "EHLO ") || HTTPStartLine.startsWith(bytes, all, "HELO ") {
            return true
        }
        guard HTTPStartLine.startsWith(bytes, all, "220 ") || HTTPStartLine.startsWith(bytes, all, "220-") else {
            return false
        }
        var index = 4
        while index + 4 < min(bytes.count, 256), bytes[index] != 0x0a {
            if HTTPStartLine.startsWith(bytes, index..<bytes.count, "SMTP") { return true }
            index += 1
        }
        return false
    }

    /// RFC 4511 section 4.1.1: a sequence of a message number and an operation.
    private static func isLDAP(_ bytes: Span<UInt8>) -> Bool {
        guard bytes[0] == 0x30, bytes.count >= 7 else { return false }
        var index = 2
        if bytes[1] >= 0x80 {
            guard bytes[1] >= 0x81, bytes[1] <= 0x84 else { return false }
            index += Int(bytes[1] & 0x7f)
        }
        guard index + 1 < bytes.count, bytes[index] == 2, bytes[index + 1] >= 1, bytes[index + 1] <= 4 else {
            return false
        }
        let operation = index + 2 + Int(bytes[index + 1])
        guard operation < bytes.count else { return false }
        switch bytes[operation] {
        case 0x42, 0x60, 0x61, 0x63, 0x64, 0x65, 0x66, 0x68, 0x6e, 0x77, 0x78: return true
        default: return false
        }
    }

    /// RFC 7766: a length before each message. So few bytes are certain that the port must say so too.
    private static func isDNS(_ bytes: Span<UInt8>, _ context: PayloadContext) -> Bool {
        PortHint.stream(context) == .dns && bytes.count >= 14 && DatagramSignature.isDNS(bytes, from: 2)
    }
}
