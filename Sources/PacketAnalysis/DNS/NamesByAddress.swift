import NetValues
import Observations
import Wire

/// Names that answers gave to addresses, as they were asked for: the latest of each address.
struct NamesByAddress {
    private var names = RecentMap<PacketAddress, String>(capacity: 1 << 15)

    /// - Parameter name: in presentation form; its final dot is left out.
    mutating func learn(_ address: PacketAddress, _ name: String) {
        guard name.utf8.count > 1 else { return }
        names.set(address, name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name)
    }

    /// Nil for an address that no answer named.
    func name(of address: PacketAddress) -> String? { names.value(of: address) }
}
