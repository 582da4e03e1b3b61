import CPcap
import Glibc
import LinuxIO
import NetValues
import Observations

/// An interface that can be captured on.
package struct NetworkInterface: Hashable, Sendable {
    package let name: String
    package let addresses: [IPAddress]
    package let isUp: Bool
    /// It has a carrier, as far as the kernel says.
    package let isRunning: Bool
    package let isLoopback: Bool

    /// Every interface of this network namespace at once.
    package static let any = "any"

    /// Those of this network namespace, and `any` last; no USB buses or Bluetooth adapters, which libpcap lists too.
    package static func all() throws(Inability) -> [NetworkInterface] {
        var first: UnsafeMutablePointer<pcap_if_t>?
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_findalldevs(&first, &message) == 0 else {
            throw Inability(
                .internalFault, action: "list the network interfaces", reason: text(message),
                fix: "see whether `ip link` can")
        }
        defer { pcap_freealldevs(first) }
        var interfaces: [NetworkInterface] = []
        var next = first
        while let device = next {
            let interface = NetworkInterface(device.pointee)
            let isNetwork = if_nametoindex(interface.name) != 0
            if isNetwork || interface.name == any { interfaces.append(interface) }
            next = device.pointee.next
        }
        return interfaces.sorted { $0.name != any && $1.name == any }
    }

    private init(_ device: pcap_if_t) {
        name = device.name.map { String(cString: $0) } ?? ""
        let flags = Int32(bitPattern: device.flags)
        isUp = flags & PCAP_IF_UP != 0
        isRunning = flags & PCAP_IF_RUNNING != 0
        isLoopback = flags & PCAP_IF_LOOPBACK != 0
        var addresses: [IPAddress] = []
        var next = device.addresses
        while let entry = next {
            if let address = Self.address(entry.pointee.addr) { addresses.append(address) }
            next = entry.pointee.next
        }
        self.addresses = addresses
    }

    private static func address(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let pointer else { return nil }
        var storage = sockaddr_storage()
        let size =
            switch Int32(pointer.pointee.sa_family) {
            case AF_INET: MemoryLayout<sockaddr_in>.size
            case AF_INET6: MemoryLayout<sockaddr_in6>.size
            default: 0
            }
        guard size > 0 else { return nil }
        // SAFETY: libpcap copies each address whole, as long as its family has it.
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
        }
        return Endpoint(storage)?.address
    }

    /// Up or not at this moment; nil when there is no such interface, or it is `any`.
    static func isUp(_ name: String) -> Bool? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var request = ifreq()
        let bytes = Array(name.utf8.prefix(Int(IFNAMSIZ) - 1))
        withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: bytes) }
        guard ioctl(descriptor, UInt(SIOCGIFFLAGS), &request) == 0 else { return nil }
        return Int32(request.ifr_ifru.ifru_flags) & Int32(IFF_UP) != 0
    }
}

/// What libpcap wrote into a buffer of ours.
func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
