import NetValues
import Observations
import Wire

/// Where an address is, seen from the capture.
struct DestinationClassifier {
    private let own: Set<PacketAddress>
    private let pods: [PrefixRange]
    private let services: [PrefixRange]

    init(_ settings: AnalysisSettings) {
        own = settings.ownAddresses
        pods = settings.podRanges.map(PrefixRange.init)
        services = settings.serviceRanges.map(PrefixRange.init)
    }

    var isGiven: Bool { !pods.isEmpty || !services.isEmpty }

    /// Services and instance metadata of the clouds: AWS, Google and most others; AWS over IPv6; credentials of ECS tasks and of EKS
    /// pods; Alibaba; Azure's wire server.
    private static let metadata: Set<PacketAddress> = Set(
        [
            "169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "100.100.100.200",
            "168.63.129.16",
        ].compactMap { IPAddress($0).map(PacketAddress.init) })

    func destinationClass(from source: PacketAddress, to destination: PacketAddress) -> EgressTally.Class {
        if destination.isLoopback || destination == source || own.contains(destination) { return .sameHost }
        if destination.isMulticast || !destination.isIPv6 && destination.low == 0xffff_ffff { return .multicast }
        if Self.metadata.contains(destination) { return .metadata }
        if services.contains(where: { $0.contains(destination) }) { return .service }
        if pods.contains(where: { $0.contains(destination) }) { return .pod }
        if destination.isLinkLocal { return .linkLocal }
        return destination.isPrivate ? .private : .internet
    }
}

/// A range for comparing without allocating.
struct PrefixRange: Hashable {
    let address: PacketAddress
    let length: Int

    init(_ range: AddressRange) {
        self.init(PacketAddress(range.address), length: range.length)
    }

    /// - Parameter address: bits behind the length are left out.
    init(_ address: PacketAddress, length: Int) {
        self.address = address.prefix(length)
        self.length = length
    }

    func contains(_ other: PacketAddress) -> Bool { other.isIPv6 == address.isIPv6 && other.prefix(length) == address }
}

extension PrefixRange: CustomStringConvertible {
    var description: String { "\(address)/\(length)" }
}

extension PacketAddress {
    /// With only so many leading bits.
    func prefix(_ length: Int) -> PacketAddress {
        guard isIPv6 else {
            let bits = UInt32(truncatingIfNeeded: low)
            return PacketAddress(ipv4: length <= 0 ? 0 : bits & UInt32.max << UInt32(max(0, 32 - length)))
        }
        let high = length <= 0 ? 0 : self.high & UInt64.max << UInt64(max(0, 64 - length))
        let low = length <= 64 ? 0 : self.low & UInt64.max << UInt64(max(0, 128 - length))
        return PacketAddress(high: high, low: low)
    }
}
