import NetValues
import Planning

extension TraceProbe {
    package static let description = ProbeDescription(
        kind: "trace",
        summary: "the way to a host, hop by hop: who answers, how fast, and where packets end",
        targetForm: .host, latency: "round trip to the target itself",
        parameters: [
            ParameterDescription(
                "method", .words(["udp", "icmp", "tcp"]),
                "what is sent: datagrams, echo requests, or SYNs (tcp where a port is given, else udp)"),
            ParameterDescription(
                "port", .number(1...65_535), "of the target, for udp (33434 by default) and tcp (443 by default)"),
            ParameterDescription("maxHops", .number(1...255), "the largest hop limit that is tried (30 by default)"),
            ParameterDescription(
                "flows", .number(1...64),
                "look for several ways with up to so many flows (1 by default: one flow, which routers send one way)"),
            ParameterDescription("names", .flag, "ask for the names of who answered, when the trace is over"),
        ],
        expectations: [
            ParameterDescription("reaches", .flag, "whether the target itself must answer (true by default)"),
            ParameterDescription(
                "via", .list, "addresses or ranges (198.18.1.0/24) of which each must answer on the way",
                check: { value in
                    guard case .list(let list) = value else { return nil }
                    return list.first { AddressRange($0) == nil && IPAddress($0) == nil }.map {
                        "'\($0.escaped(limit: 60))' is no address and no range"
                    }
                }),
        ],
        rights: """
            none by udp and tcp; by icmp a ping socket (the sysctl net.ipv4.ping_group_range must include the process's group) or \
            CAP_NET_RAW. CAP_NET_RAW also makes all SYNs one flow, and shows the headers that routers quote, and so rewritten addresses and hop \
            limits
            """,
        notes: """
            Sends packets with one hop limit after the other, many at once, all of one flow (by tcp without CAP_NET_RAW each from a port of \
            its own), and asks again twice where nobody answered in the first round. A router may ration its answers or give none, and still pass everything \
            on: loss is that of packets which also fail to reach what lies behind. One sample is one round. Routers ration by the \
            second: an interval below 1s makes them look silent.
            """)
}
