import NetValues
import Planning
import ProbeKit

extension MTUProbe {
    package static let description = ProbeDescription(
        kind: "mtu",
        summary: "finds how large a packet may be on the way to a host, to the byte, and where larger ones vanish",
        targetForm: .host, latency: "the quickest round trip of a packet that got there",
        parameters: [
            ParameterDescription(
                "method", .words(MTUSettings.Method.allCases.map(\.rawValue)),
                "the packets that are sent: udp, icmp or tcp (icmp and udp by default, and tcp where a port is given)"),
            ParameterDescription(
                "port", .number(1...65_535),
                "of a TCP service that accepts connections (method tcp); or a UDP port on which nothing listens (method udp; 33434 by default)"
            ),
            ParameterDescription(
                "page", .text,
                "http:// or https:// URL of a large page at the host, asked for to test the way back by tcp (the start page by default)"
            ) {
                guard case .text(let text) = $0, HTTPURL(text) == nil else { return nil }
                return "expected an http:// or https:// URL"
            },
            ParameterDescription(
                "smallest", .number(PathMTUSearch.leastPacket...PathMTUSearch.largestPacket),
                "the smallest packet that is tried, in bytes with its IP header (128 by default)"),
            ParameterDescription(
                "largest", .number(PathMTUSearch.leastPacket...PathMTUSearch.largestPacket),
                "the largest packet that is tried (what the own link takes, by default)"),
        ],
        expectations: [
            ParameterDescription(
                "min", .number(PathMTUSearch.leastPacket...PathMTUSearch.largestPacket),
                "packets of so many bytes must get there")
        ],
        rights: "none for udp and tcp; icmp needs a ping socket (net.ipv4.ping_group_range) or CAP_NET_RAW",
        notes: """
            Sends packets that may not be fragmented, of customary sizes first and then to the byte, and counts a size as lost only when it \
            was lost twice while a smaller one passed beside it. UDP goes to a port on which nothing listens: the target's own answer, “port \
            unreachable”, shows that the packet came, and costs no right; systems ration it (about one a second), so that the search takes \
            some seconds where it must do without ICMP echo. Echo answers are as large as the requests and so test both ways. Where large \
            packets vanish it sends them with growing hop limits, beside small ones, to see behind which router.
            """)
}
