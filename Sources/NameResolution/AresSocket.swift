import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit

/// A socket that c-ares asked for. It is ours, so that errno and the error queue are ours too.
final class AresSocket {
    let owned: OwnedSocket
    let isStream: Bool
    var isOpen = true
    /// Registered with the reactor.
    var isWatched = false
    var isWriterWaiting = false
    /// c-ares wants to know when it can write.
    var wantsWrite = false
    /// Datagrams read in a row since the reactor last had its turn.
    var burst = 0
    /// The last receive found nothing more to read.
    var isDrained = false
    /// What came over a TCP connection and is no whole message yet.
    var unread: [UInt8] = []
    /// Datagrams that did not fit the send buffer.
    var unsent: [[UInt8]] = []

    init(_ owned: OwnedSocket, isStream: Bool) {
        self.owned = owned
        self.isStream = isStream
    }

    var descriptor: Int32 { owned.descriptor }
    /// Once c-ares has connected it.
    lazy var localEndpoint = owned.localEndpoint

    /// The next whole message of the stream (RFC 1035 section 4.2.2: two bytes of length before each).
    func nextMessage() -> [UInt8]? {
        guard unread.count >= 2 else { return nil }
        let length = Int(unread[0]) << 8 | Int(unread[1])
        guard unread.count >= length + 2 else { return nil }
        defer { unread.removeFirst(length + 2) }
        return Array(unread[2..<length + 2])
    }

    /// Sends datagrams that had to wait; what still does not fit waits on.
    func flush() {
        while let first = unsent.first {
            guard Glibc.send(descriptor, first, first.count, Int32(MSG_NOSIGNAL)) >= 0 || errno != EAGAIN
            else { return }
            unsent.removeFirst()
        }
    }
}
