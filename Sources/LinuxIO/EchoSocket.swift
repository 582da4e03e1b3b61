import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// The descriptor of one series of echo requests, and what differs between ping and raw sockets.
struct EchoSocket: Sendable {
    private enum Kind {
        /// The kernel writes the identifier, and hands over only replies that carry it.
        case ping
        /// Replies to everybody's requests come, IPv4 with the IP header before them.
        case raw(identifier: UInt16)
    }

    private let socket: OwnedSocket
    private let kind: Kind
    let address: IPAddress

    var descriptor: Int32 { socket.descriptor }
    var family: IPAddress.Family { address.family }

    init(to address: IPAddress, rawIdentifier: UInt16) throws(SystemCallFailure) {
        self.address = address
        let number = Int32(address.family == .v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)
        do throws(SystemCallFailure) {
            socket = try OwnedSocket(family: address.family, type: Int32(SOCK_DGRAM.rawValue), protocol: number)
            kind = .ping
        } catch {
            // EPROTONOSUPPORT: a kernel or sandbox without ping sockets.
            guard [EACCES, EPERM, EPROTONOSUPPORT].contains(error.code) else { throw error }
            socket = try OwnedSocket(family: address.family, type: Int32(SOCK_RAW.rawValue), protocol: number)
            kind = .raw(identifier: rawIdentifier)
            try passOnlyEchoReplies()
        }
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

    func configure(_ settings: EchoSettings) throws(SystemCallFailure) {
        try socket.reportICMPErrors(family)
        // Sandboxes without these still answer: then the stamp is ours and the hop limit unknown.
        try? socket.set(SOL_SOCKET, SO_TIMESTAMPNS, to: 1)
        // A burst of replies must not be lost in our own queue and so be taken for loss of the network.
        do { try socket.set(SOL_SOCKET, SO_RCVBUFFORCE, to: 1 << 20) } catch {
            try? socket.set(SOL_SOCKET, SO_RCVBUF, to: 1 << 20)
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
    func connect() -> Int32 { socket.connect(to: Endpoint(address, 0)) }

    /// What our replies carry; a ping socket's is its port.
    var identifier: UInt16 {
        switch kind {
        case .ping: socket.localEndpoint?.port ?? 0
        case .raw(let identifier): identifier
        }
    }

    /// 0, or the errno.
    func send(_ packet: [UInt8]) -> Int32 {
        Glibc.send(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL)) >= 0 ? 0 : errno
    }

    func nextQueuedError() -> (failure: SocketFailure, quoted: [UInt8])? { socket.nextQueuedError() }

    /// The next datagram; `.failed` for a pending error, which reading has cleared.
    func receive(into buffer: inout [UInt8]) -> EchoReception {
        var datagram = leadsman_datagram()
        switch leadsman_receive_datagram(descriptor, &datagram, &buffer, UInt32(buffer.count)) {
        case 0: return .nothing
        case 1: break
        default: return .failed
        }
        let bytes = buffer.prefix(Int(datagram.length))
        return .datagram(
            EchoDatagram(
                sender: Endpoint(datagram.sender)?.address, message: withoutHeader(bytes),
                hopLimit: datagram.hop_limit < 0 ? nil : Int(datagram.hop_limit), stamp: datagram.received_realtime_ns))
    }

    private func withoutHeader(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if case .raw = kind, family == .v4 { (try? IPv4Header.stripped(bytes)) ?? [] } else { bytes }
    }
}

enum EchoReception {
    case nothing
    case failed
    case datagram(EchoDatagram)
}

struct EchoDatagram {
    let sender: IPAddress?
    /// From the ICMP header on.
    let message: ArraySlice<UInt8>
    let hopLimit: Int?
    /// The kernel's, in nanoseconds of CLOCK_REALTIME; 0 when there is none.
    let stamp: Int64
}
