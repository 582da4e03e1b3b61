import CLinux
import Glibc
import NetValues

/// An endpoint in the kernel's own form.
package struct SocketAddress: Sendable {
    package private(set) var storage = sockaddr_storage()
    package private(set) var length: socklen_t = 0

    /// Zones of link-local addresses become interface indexes; an unknown zone gives 0.
    package init(_ endpoint: Endpoint) {
        switch endpoint.address {
        case .v4(let address):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = endpoint.port.bigEndian
            value.sin_addr.s_addr = address.bits.bigEndian
            store(value)
        case .v6(let address):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &value.sin6_addr) { $0.copyBytes(from: address.bytes) }
            value.sin6_scope_id = address.zone.map { zone in if_nametoindex(zone) } ?? 0
            store(value)
        }
    }

    private mutating func store<Value>(_ value: Value) {
        length = socklen_t(MemoryLayout<Value>.size)
        withUnsafeMutableBytes(of: &storage) { destination in
            withUnsafeBytes(of: value) { destination.copyMemory(from: $0) }
        }
    }

    package func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

extension Endpoint {
    /// Nil for a family that is neither IPv4 nor IPv6.
    package init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let value = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(
                .v4(IPv4Address(bits: UInt32(bigEndian: value.sin_addr.s_addr))), UInt16(bigEndian: value.sin_port))
        case AF_INET6:
            let value = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
            let bytes = withUnsafeBytes(of: value.sin6_addr) { [UInt8]($0) }
            guard let address = IPAddress(bytes: bytes) else { return nil }
            self.init(address, UInt16(bigEndian: value.sin6_port))
        default: return nil
        }
    }
}
