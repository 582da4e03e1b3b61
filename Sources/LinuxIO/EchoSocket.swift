import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// A descriptor for echo requests, and what differs between ping and raw sockets.
struct EchoSocket: Sendable {
    enum Kind {
        /// The kernel writes the identifier, and hands over only replies that carry it.
        case ping
        /// Replies to everybody's requests come, IPv4 with the IP header before them.
        case raw
    }

    let socket: OwnedSocket
    let kind: Kind
    let family: IPAddress.Family

    var descriptor: Int32 { socket.descriptor }

    init(_ kind: Kind, _ family: IPAddress.Family) throws(SystemCallFailure) {
        self.kind = kind
        self.family = family
        let type = Int32((kind == .ping ? SOCK_DGRAM : SOCK_RAW).rawValue)
        let number = Int32(family == .v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)
        socket = try OwnedSocket(family: family, type: type, protocol: number)
        if kind == .raw { try passOnlyEchoReplies() }
    }

    /// Spares us a wake-up for each of the host's other ICMP messages; errors reach the error queue all the same.
    private func passOnlyEchoReplies() throws(SystemCallFailure) {
        switch family {
        case .v4:
            // icmp(7), raw(7): ICMP_FILTER is a mask of the types to be withheld.
            try socket.set(SOL_RAW, 1, to: ~(1 << Int32(ICMPType.echoReply)))
        case .v6:
            // RFC 3542 section 3.2 as Linux has it: 256 bits, set for the types to be withheld.
            var mask = [UInt32](repeating: .max, count: 8)
            mask[Int(ICMPv6Type.echoReply) / 32] &= ~(1 << UInt32(ICMPv6Type.echoReply % 32))
            let length = socklen_t(MemoryLayout<UInt32>.stride * mask.count)
            guard setsockopt(descriptor, Int32(IPPROTO_ICMPV6), ICMP6_FILTER, &mask, length) == 0 else {
                throw SystemCallFailure("setsockopt")
            }
        }
    }

    /// - Parameter room: bytes for replies that wait: a burst must not be lost in our own queue and so be taken for loss of the
    ///   network.
    func configure(_ settings: EchoSettings, room: Int32) throws(SystemCallFailure) {
        try socket.reportICMPErrors(family)
        // Sandboxes without these still answer: then the stamp is ours and the hop limit unknown.
        try? socket.set(SOL_SOCKET, SO_TIMESTAMPNS, to: 1)
        do { try socket.set(SOL_SOCKET, SO_RCVBUFFORCE, to: room) } catch {
            try? socket.set(SOL_SOCKET, SO_RCVBUF, to: room)
        }
        switch family {
        case .v4: try configureIPv4(settings)
        case .v6: try configureIPv6(settings)
        }
    }

    private func configureIPv4(_ settings: EchoSettings) throws(SystemCallFailure) {
        let level = Int32(IPPROTO_IP)
        try? socket.set(level, IP_RECVTTL, to: 1)
        if let limit = settings.hopLimit { try socket.set(level, IP_TTL, to: Int32(clamping: limit)) }
        try socket.set(level, IP_MTU_DISCOVER, to: settings.dontFragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT)
    }

    private func configureIPv6(_ settings: EchoSettings) throws(SystemCallFailure) {
        let level = Int32(IPPROTO_IPV6)
        try? socket.set(level, IPV6_RECVHOPLIMIT, to: 1)
        if let limit = settings.hopLimit { try socket.set(level, IPV6_UNICAST_HOPS, to: Int32(clamping: limit)) }
        guard settings.dontFragment else { return }
        try socket.set(level, IPV6_MTU_DISCOVER, to: IPV6_PMTUDISC_DO)
        try socket.set(level, IPV6_DONTFRAG, to: 1)
    }

    func bind(to source: IPAddress) throws(SystemCallFailure) {
        try socket.bind(to: Endpoint(source, 0))
    }

    /// 0, or the errno: a host without a route learns it here.
    func connect(to address: IPAddress) -> Int32 { socket.connect(to: Endpoint(address, 0)) }

    /// What replies to a ping socket carry.
    var identifier: UInt16 { socket.localEndpoint?.port ?? 0 }

    /// From a connected socket: 0, or the errno.
    func send(_ packet: [UInt8]) -> Int32 {
        Glibc.send(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL)) >= 0 ? 0 : errno
    }

    func send(_ packet: [UInt8], to destination: SocketAddress) -> Int32 {
        let sent = destination.withPointer { address, length in
            sendto(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL), address, length)
        }
        return sent >= 0 ? 0 : errno
    }

    func nextQueuedError() -> QueuedError? { socket.nextQueuedError() }

    /// - Parameter size: bytes of the largest payload that is expected.
    static func batch(of most: Int, size: Int) -> DatagramBatch {
        // The largest IPv4 header, the ICMP header, and one byte more, so that a longer reply is seen to be longer.
        DatagramBatch(of: most, capacity: 60 + ICMPMessage.headerLength + size + 1)
    }

    func read(_ datagram: DatagramBatch.Datagram) -> EchoDatagram {
        EchoDatagram(datagram, hasHeader: kind == .raw && family == .v4)
    }
}

struct EchoDatagram {
    let sender: IPAddress?
    /// From the ICMP header on.
    let message: ArraySlice<UInt8>
    let hopLimit: Int?
    /// The kernel's, in nanoseconds of CLOCK_REALTIME; 0 when there is none.
    let stamp: Int64

    /// - Parameter hasHeader: the IPv4 header stands before the message.
    init(_ datagram: DatagramBatch.Datagram, hasHeader: Bool) {
        sender = datagram.sender?.address
        message = hasHeader ? (try? IPv4Header.stripped(datagram.bytes)) ?? [] : datagram.bytes
        hopLimit = datagram.hopLimit
        stamp = datagram.stamp
    }
}
