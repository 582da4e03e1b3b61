import CLinux
import LinuxIO
import NetValues
import Wire

/// Who has an IPv4 address (RFC 826), asked from a packet socket of one interface.
struct ARPQuestion: LinkQuestion {
    let hop: NextHop

    func open() throws(SystemCallFailure) -> OwnedSocket {
        let descriptor = leadsman_arp_socket(Int32(clamping: hop.index))
        guard descriptor >= 0 else { throw SystemCallFailure("socket", code: -descriptor) }
        return OwnedSocket(adopting: descriptor)
    }

    func send(from socket: OwnedSocket) throws(SystemCallFailure) {
        // Ethernet, IPv4, a request.
        let packet =
            [0, 1, 8, 0, 6, 4, 0, 1] + hop.ownLink.bytes + hop.ownAddress.bytes + [UInt8](repeating: 0, count: 6)
            + hop.address.bytes
        let code = leadsman_broadcast_arp(
            socket.descriptor, Int32(clamping: hop.index), packet, UInt32(packet.count))
        guard code == 0 else { throw SystemCallFailure("sendto", code: -code) }
    }

    func claimant(_ bytes: [UInt8]) -> LinkAddress? {
        guard let packet = ARPPacket(bytes.span, at: 0), packet.operation == .reply,
            packet.sender == PacketAddress(hop.address), packet.senderLink.isOfOne
        else { return nil }
        return packet.senderLink
    }
}
