import CLinux
import Glibc
import LinuxIO
import Wire

/// How a fault server breaks the stream of a DNS answer over TCP (RFC 1035 section 4.2.2).
package enum DNSTCPFault: Sendable {
    /// What becomes of the connection after the bytes.
    package enum End: Sendable { case close, hold, shutdown, reset }

    /// The right answer behind a length prefix that lies.
    case prefix(UInt16, end: End)
    /// A right prefix and the first half of the answer.
    case half(end: End)
    case silence(end: End)
    /// The right answer, a byte at a time with this pause before each.
    case drip(Duration)
    /// Messages of the largest size, which answer nothing, without end.
    case flood
}

extension DNSFaultServer {
    /// - Returns: when nothing more is to be done with the connection.
    func play(_ fault: DNSTCPFault, _ reply: [UInt8], on connection: OwnedSocket) async {
        let head = Self.prefix(UInt16(clamping: reply.count))
        switch fault {
        case .prefix(let length, let end): await finish(Self.prefix(length) + reply, end, connection)
        case .half(let end): await finish(head + reply.prefix(reply.count / 2), end, connection)
        case .silence(let end): await finish([], end, connection)
        case .drip(let pause):
            for byte in head + reply {
                guard await nap(pause), await write([byte], to: connection) else { return }
            }
        case .flood:
            let message = Self.prefix(.max) + [UInt8](repeating: 0, count: Int(UInt16.max))
            while await write(message, to: connection) { await Task.yield() }
        }
    }

    private static func prefix(_ length: UInt16) -> [UInt8] {
        [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
    }

    private func finish(_ bytes: [UInt8], _ end: DNSTCPFault.End, _ connection: OwnedSocket) async {
        guard await write(bytes, to: connection) else { return }
        switch end {
        case .close: return
        case .hold: break
        case .shutdown: Glibc.shutdown(connection.descriptor, Int32(SHUT_WR))
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            return
        }
        // Until the client has had enough.
        while await read(1, from: connection) != nil {}
    }
}
