import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// How large the packets of a TCP connection may be.
struct SegmentSettings: Hashable, Sendable {
    /// Bytes of the whole IP packet; nil for the system's own.
    var largestPacket: Int?
}

extension OwnedSocket {
    /// Before connect(2): the segment size is announced in the SYN (TCP_MAXSEG of tcp(7), without options), and bounds what the peer
    /// announces (tcp_parse_options).
    func apply(_ segments: SegmentSettings, _ family: IPAddress.Family) throws(SystemCallFailure) {
        if let packet = segments.largestPacket {
            let size = max(Self.leastSegment, Int32(clamping: packet - (family == .v4 ? 40 : 60)))
            try set(Int32(IPPROTO_TCP), TCP_MAXSEG, to: size)
        }
        switch family {
        case .v4: try set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, to: Self.never)
        case .v6: try set(Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, to: Self.never)
        }
        var option = linger(l_onoff: 1, l_linger: 0)
        guard setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size)) == 0 else {
            throw SystemCallFailure("setsockopt")
        }
    }

    /// TCP_MIN_MSS of Linux's include/net/tcp.h: a smaller TCP_MAXSEG is EINVAL.
    private static let leastSegment: Int32 = 88

    /// IP_PMTUDISC_DO and IPV6_PMTUDISC_DO: never fragment.
    private static let never: Int32 = 2
}

extension TCPConnector: SegmentConnecting {
    package func connect(
        to endpoint: Endpoint, source: IPAddress?, largestPacket: Int?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        try await connect(
            to: endpoint, source: source, deadline: deadline, beside: nil,
            segments: SegmentSettings(largestPacket: largestPacket))
    }
}
