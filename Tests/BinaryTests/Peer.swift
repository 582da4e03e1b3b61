import Foundation
import Glibc

/// A small server on 127.0.0.1 that does one thing to whoever connects.
final class Peer: Sendable {
    enum Manner {
        case accepting
        case silent
        /// Says this, after it has read something, and closes.
        case saying([UInt8])
        /// Says this again and again until nobody listens.
        case endless([UInt8])
        /// Says the first once and the second again and again, until nobody listens.
        case flooding([UInt8], [UInt8])
        /// Says this after it has read something, ends its own half of the connection, and goes on listening.
        case halfClosing([UInt8])
        /// Answers with what the request's header of that name holds, in all the ways in which a server may spell it.
        case echoing(header: String, padding: Int)
    }

    let port: UInt16
    /// Whoever connects.
    let visits: AsyncStream<Void>
    private let descriptor: Int32

    init(_ manner: Manner) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try Self.bind(descriptor)
        guard listen(descriptor, 256) == 0 else { throw POSIXError(.EADDRINUSE) }
        let descriptor = descriptor
        let (visits, visitors) = AsyncStream.makeStream(of: Void.self)
        self.visits = visits
        Thread.detachNewThread {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                visitors.yield()
                Thread.detachNewThread { Self.serve(connection, manner) }
            }
            // Here alone, or this thread could accept what belongs to whoever got the number next.
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// A port on which nothing listens, held so that nothing can begin to.
    static func closedPort() throws -> UInt16 {
        try bind(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    }

    private static func bind(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard done else { throw POSIXError(.EADDRNOTAVAIL) }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func serve(_ connection: Int32, _ manner: Manner) {
        defer { close(connection) }
        switch manner {
        case .accepting: break
        case .silent: while !read(connection).isEmpty {}
        case .saying(let bytes):
            _ = read(connection)
            say(bytes, to: connection)
        case .endless(let bytes): while say(bytes, to: connection) {}
        case .flooding(let head, let block):
            _ = read(connection)
            say(head, to: connection)
            while say(block, to: connection) {}
        case .halfClosing(let bytes):
            _ = read(connection)
            say(bytes, to: connection)
            shutdown(connection, Int32(SHUT_WR))
            while !read(connection).isEmpty {}
        case .echoing(let header, let padding):
            let request = String(decoding: read(connection), as: UTF8.self)
            say(Array(echo(of: request, header, padding).utf8), to: connection)
        }
    }

    private static func echo(of request: String, _ header: String, _ padding: Int) -> String {
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix(header.lowercased() + ":") } ?? ""
        let value = line.dropFirst(header.count + 1).trimmingCharacters(in: .whitespaces)
        let word = value.split(separator: " ").last.map(String.init) ?? value
        let base64 = Data(word.utf8).base64EncodedString()
        let percent = word.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? word
        let hex = word.utf8.map { String(format: "%02x", $0) }.joined()
        let fill = String(repeating: "A", count: padding)
        return """
            HTTP/1.1 500 \(fill)\(word)\r\nServer: \(word)\r\nX-Percent: \(percent)\r\nX-Base64: \(base64)\r\n\
            X-Whole: \(Data(value.utf8).base64EncodedString())\r\nConnection: close\r\n\r\n\
            \(fill)\(word) \(percent) \(base64) \(hex) "\(word)"
            """
    }

    private static func read(_ connection: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.recv(connection, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    @discardableResult
    private static func say(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let sent = bytes[start...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            start += sent
        }
        return true
    }
}
