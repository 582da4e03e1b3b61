import CLinux
import Glibc
import NetValues
import Observations

/// A non-blocking, close-on-exec socket that is closed when its owner lets go of it.
package final class OwnedSocket: Sendable {
    package let descriptor: Int32

    package init(family: IPAddress.Family, type: Int32, protocol number: Int32) throws(SystemCallFailure) {
        let domain = family == .v4 ? AF_INET : AF_INET6
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = Glibc.socket(domain, type | flags, number)
        guard descriptor >= 0 else { throw SystemCallFailure("socket") }
    }

    /// Takes over a descriptor, as from accept4.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    package func set(_ level: Int32, _ option: Int32, to value: Int32) throws(SystemCallFailure) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallFailure("setsockopt")
        }
    }

    package func bind(to endpoint: Endpoint) throws(SystemCallFailure) {
        guard SocketAddress(endpoint).withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw SystemCallFailure("bind")
        }
    }

    /// 0, or the errno (EINPROGRESS as a rule).
    package func connect(to endpoint: Endpoint) -> Int32 {
        SocketAddress(endpoint).withPointer { Glibc.connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// The pending error of the socket (SO_ERROR), which is thereby cleared.
    package func takeError() -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    /// Whether netfilter let a packet of this connection out of the host, be it to another address (DNAT): the entry in its
    /// table stands only when the packet has passed the last hook (`nf_conntrack_confirm`), and SO_ORIGINAL_DST
    /// (linux/netfilter_ipv4.h, ip6_tables.h) finds it. False as well where connections are not tracked.
    package func isLetOut(_ family: IPAddress.Family) -> Bool {
        var original = sockaddr_storage()
        var length = socklen_t(family == .v4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
        let level = Int32(family == .v4 ? IPPROTO_IP : IPPROTO_IPV6)
        return getsockopt(descriptor, level, Self.originalDestination, &original, &length) == 0
    }

    private static let originalDestination: Int32 = 80

    package var localEndpoint: Endpoint? { endpoint(getsockname) }
    var peerEndpoint: Endpoint? { endpoint(getpeername) }

    private func endpoint(
        _ read: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> Endpoint? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { read(descriptor, $0, &length) }
        }
        return code == 0 ? Endpoint(storage) : nil
    }

    /// The next record of the socket's error queue (ip(7), IP_RECVERR must be on), with the bytes of our packet that came back.
    /// - Parameter room: bytes of it that are wanted.
    package func nextQueuedError(room: Int = 256) -> QueuedError? {
        var record = leadsman_socket_error()
        var quoted = [UInt8](repeating: 0, count: room)
        guard leadsman_next_socket_error(descriptor, &record, &quoted, UInt32(quoted.count)) == 1 else { return nil }
        let origin: ICMPErrorReport.Origin? =
            switch Int32(record.origin) {
            case SO_EE_ORIGIN_LOCAL: .local
            case SO_EE_ORIGIN_ICMP: .icmp
            case SO_EE_ORIGIN_ICMP6: .icmpv6
            default: nil
            }
        let offender = Endpoint(record.offender)?.address
        let report = origin.map { origin in
            ICMPErrorReport(
                origin: origin, type: record.type, code: record.code, offender: offender,
                mtu: record.info > 0 ? Int(record.info) : nil, isFromOwnHost: isOwn(offender),
                hopLimit: record.hop_limit >= 0 ? Int(record.hop_limit) : nil)
        }
        let code = Int32(record.error)
        return QueuedError(
            failure: SocketFailure(code: code, name: errnoName(code), icmp: report),
            destination: Endpoint(record.destination)?.address,
            quoted: Array(quoted.prefix(Int(record.payload_length))), stamp: record.received_realtime_ns,
            extensions: Int(record.extensions))
    }

    /// Not where the peer itself is on this host: there its errors come from the same address.
    private func isOwn(_ address: IPAddress?) -> Bool {
        guard let address, let own = localEndpoint?.address, own == address else { return false }
        // getpeername(2) knows no peer of a raw or ping socket, which has no port.
        return peerEndpoint?.address != address
    }

    /// The error `code` of a call on this socket, with the ICMP error behind it when the queue holds one.
    package func failure(_ code: Int32) -> SocketFailure {
        var last: ICMPErrorReport?
        while let next = nextQueuedError() { last = next.failure.icmp ?? last }
        return SocketFailure(code: code, name: errnoName(code), icmp: last)
    }

    /// Asks for ICMP errors in the error queue.
    package func reportICMPErrors(_ family: IPAddress.Family) throws(SystemCallFailure) {
        switch family {
        case .v4: try set(Int32(IPPROTO_IP), IP_RECVERR, to: 1)
        case .v6: try set(Int32(IPPROTO_IPV6), IPV6_RECVERR, to: 1)
        }
    }
}

/// A record of a socket's error queue.
package struct QueuedError {
    package let failure: SocketFailure
    /// Where the packet that came back was sent to; nil where the kernel does not say.
    let destination: IPAddress?
    /// Bytes of that packet, of its transport header on; by UDP of what is behind that.
    package let quoted: [UInt8]
    /// The kernel's, in nanoseconds of CLOCK_REALTIME; 0 where SO_TIMESTAMPNS is not on.
    let stamp: Int64
    /// Where in `quoted` ICMP extensions (RFC 4884) begin; 0 for none, and where IP_RECVERR_RFC4884 is not on.
    let extensions: Int
}
