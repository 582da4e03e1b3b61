import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// What differs from packet to packet on one socket.
struct PathSocketSettings: Hashable, Sendable {
    var limit: Int?
    var dontFragment: Bool

    init(_ packet: PathPacket) {
        limit = packet.limit
        dontFragment = packet.dontFragment
    }
}

extension OwnedSocket {
    /// Stamps, hop limits of what arrives, and ICMP extensions. Sandboxes without them still answer: then it is not known.
    func reportArrivals(_ family: IPAddress.Family) {
        try? set(SOL_SOCKET, SO_TIMESTAMPNS, to: 1)
        switch family {
        case .v4:
            try? set(Int32(IPPROTO_IP), IP_RECVTTL, to: 1)
            try? set(Int32(IPPROTO_IP), Self.extensionsOfIPv4Errors, to: 1)
        case .v6:
            try? set(Int32(IPPROTO_IPV6), IPV6_RECVHOPLIMIT, to: 1)
            try? set(Int32(IPPROTO_IPV6), Self.extensionsOfIPv6Errors, to: 1)
        }
    }

    // IP_RECVERR_RFC4884 of linux/in.h and IPV6_RECVERR_RFC4884 of linux/in6.h, Linux 5.9.
    private static let extensionsOfIPv4Errors: Int32 = 26
    private static let extensionsOfIPv6Errors: Int32 = 31

    /// Of a raw socket: what is sent begins with the IP header.
    func includeIPHeader(_ family: IPAddress.Family) throws(SystemCallFailure) {
        switch family {
        case .v4: try set(Int32(IPPROTO_IP), IP_HDRINCL, to: 1)
        case .v6: try set(Int32(IPPROTO_IPV6), Self.headerIncludedInIPv6, to: 1)
        }
    }

    /// IPV6_HDRINCL of linux/in6.h, Linux 4.5.
    private static let headerIncludedInIPv6: Int32 = 36

    /// Of a raw TCP socket: nothing else is read.
    func passSYNAnswers(from: UInt16, to port: UInt16, _ family: IPAddress.Family) throws(SystemCallFailure) {
        let code = leadsman_pass_syn_answers(descriptor, family == .v4 ? 1 : 0, from, port)
        guard code == 0 else { throw SystemCallFailure("setsockopt", code: -code) }
    }

    func apply(_ settings: PathSocketSettings, _ family: IPAddress.Family) throws(SystemCallFailure) {
        // -1 is the system's own (ip(7), ipv6(7)).
        let limit = settings.limit.map { Int32(clamping: $0) } ?? -1
        switch family {
        case .v4:
            try set(Int32(IPPROTO_IP), IP_TTL, to: limit)
            try set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, to: settings.dontFragment ? Self.probing : 0)
        case .v6:
            try set(Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, to: limit)
            try set(Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, to: settings.dontFragment ? Self.probing : 0)
            try set(Int32(IPPROTO_IPV6), IPV6_DONTFRAG, to: settings.dontFragment ? 1 : 0)
        }
    }

    /// IP_PMTUDISC_PROBE and IPV6_PMTUDISC_PROBE: DF, and the path MTU that was learned is not applied.
    private static let probing: Int32 = 3

    /// Of a connected socket (IP_MTU, IPV6_MTU).
    func pathMTU(_ family: IPAddress.Family) -> Int? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let (level, option) =
            family == .v4 ? (Int32(IPPROTO_IP), Self.mtuOfIPv4) : (Int32(IPPROTO_IPV6), Self.mtuOfIPv6)
        return getsockopt(descriptor, level, option, &value, &length) == 0 && value > 0 ? Int(value) : nil
    }

    private static let mtuOfIPv4: Int32 = 14
    private static let mtuOfIPv6: Int32 = 24

    /// How the kernel would send to it at the moment: the path MTU that it holds, and the own address.
    static func route(to address: IPAddress, source: IPAddress?) -> (mtu: Int?, source: IPAddress?) {
        guard let socket = try? connecting(type: .datagram, to: Endpoint(address, 9), source: source),
            socket.connect(to: Endpoint(address, 9)) == 0
        else { return (nil, nil) }
        return (socket.pathMTU(address.family), socket.localEndpoint?.address)
    }
}

extension IPAddress {
    /// A link-local address means nothing without its interface, which the kernel's own form tells otherwise.
    func scoped(like other: IPAddress) -> IPAddress {
        guard case .v6(let address) = self, case .v6(let peer) = other else { return self }
        return .v6(IPv6Address(high: address.high, low: address.low, zone: peer.zone))
    }
}

extension QueuedError {
    /// As an outcome of the packet that it is about.
    var outcome: SoundingFact.Hop.Outcome { .init(failure) }

    /// Labels under which the packet had come to who sent the error (RFC 4950).
    /// - Parameter headers: bytes of our packet's headers that stand before `quoted`.
    func labels(behind headers: Int) -> [MPLSLabel] {
        let stated = extensions > 0 ? try? ICMPExtensions(decoding: quoted.dropFirst(extensions)) : nil
        let found = stated ?? unstated(behind: headers)
        return found?.labels.map { MPLSLabel($0) } ?? []
    }

    /// Routers from before RFC 4884 give no length; only a checksum that is right tells their extensions from more of our packet.
    private func unstated(behind headers: Int) -> ICMPExtensions? {
        let rest = quoted.dropFirst(ICMPExtensions.offsetWithoutLength - headers)
        guard extensions == 0, rest.count >= 4, rest.dropFirst(2).prefix(2).contains(where: { $0 != 0 }) else {
            return nil
        }
        return try? ICMPExtensions(decoding: rest)
    }
}

extension MPLSLabel {
    init(_ entry: LabelStackEntry) {
        self.init(
            label: entry.label, trafficClass: entry.trafficClass, isBottom: entry.isBottom, hopLimit: entry.timeToLive)
    }
}
