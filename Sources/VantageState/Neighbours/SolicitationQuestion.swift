import CLinux
import Glibc
import LinuxIO
import NetValues
import Wire

/// Who has an IPv6 address (RFC 4861 section 4.3), asked from a raw socket; the kernel writes the checksum (raw(7)).
struct SolicitationQuestion: LinkQuestion {
    let hop: NextHop

    func open() throws(SystemCallFailure) -> OwnedSocket {
        let socket = try OwnedSocket(
            family: .v6, type: Int32(SOCK_RAW.rawValue), protocol: Int32(IPPROTO_ICMPV6))
        // RFC 3542 section 3.2 as Linux has it: 256 bits, set for the types to be withheld.
        var mask = [UInt32](repeating: .max, count: 8)
        let wanted = Int(NeighbourDiscovery.Kind.advertisement.rawValue)
        mask[wanted / 32] &= ~(1 << UInt32(wanted % 32))
        let length = socklen_t(MemoryLayout<UInt32>.stride * mask.count)
        guard setsockopt(socket.descriptor, Int32(IPPROTO_ICMPV6), ICMP6_FILTER, &mask, length) == 0 else {
            throw SystemCallFailure("setsockopt")
        }
        // Section 7.1.1: with any other hop limit nobody heeds it.
        try socket.set(Int32(IPPROTO_IPV6), IPV6_MULTICAST_HOPS, to: 255)
        return socket
    }

    func send(from socket: OwnedSocket) throws(SystemCallFailure) {
        // Type, code, checksum, reserved; the target; option 1, one unit of eight bytes: our link address.
        let message = [135, 0, 0, 0, 0, 0, 0, 0] + hop.address.bytes + [1, 1] + hop.ownLink.bytes
        let address = SocketAddress(Endpoint(.v6(solicitedNode), 0))
        let sent = address.withPointer { pointer, length in
            // SAFETY: both pointers are used within the call only.
            message.withUnsafeBytes {
                sendto(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
        guard sent == message.count else { throw SystemCallFailure("sendto") }
    }

    /// RFC 4291 section 2.7.1: ff02::1:ff and the last three bytes of the address, on the link.
    private var solicitedNode: IPv6Address {
        let last = hop.address.bytes.suffix(3).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return IPv6Address(high: 0xff02 << 48, low: 0x1_ff00_0000 | last, zone: hop.interface)
    }

    func claimant(_ bytes: [UInt8]) -> LinkAddress? {
        guard let message = NeighbourDiscovery(bytes.span), message.kind == .advertisement, message.isWellFormed,
            message.target == PacketAddress(hop.address), let link = message.targetLink, link.isOfOne
        else { return nil }
        return link
    }
}
