import Planning

extension ICMPProbe {
    package static let description = ProbeDescription(
        kind: "icmp", summary: "ICMP echo (ping): loss, duplicates, reordering and round-trip times of a series",
        targetForm: .host, latency: "round trip of one echo request",
        parameters: [
            ParameterDescription("size", .number(0...65507), "bytes of payload behind the ICMP header (56 by default)"),
            ParameterDescription(
                "ttl", .number(1...255), "time to live (IPv6: hop limit) of the requests; the system's own by default"),
            ParameterDescription("dontFragment", .flag, "forbid routers and the own kernel to fragment the requests"),
            ParameterDescription(
                "flood", .flag, "an interval under 2 ms is meant, also towards addresses that are not private"),
        ],
        expectations: [ParameterDescription("loss", .share, "the most loss that is acceptable, over the whole series")],
        rights: """
            a ping socket (the sysctl net.ipv4.ping_group_range must include the process's group) or, without that, \
            CAP_NET_RAW; with neither the check is unmeasured and the report says what to set
            """,
        notes: """
            Sends echo requests at the interval, whether or not earlier ones were answered, and matches the replies by \
            sequence number and by a secret pattern in the payload. A host or a firewall may refuse echo and still serve \
            everything else: silence here does not say that the host is down. Round trips are taken from the kernel's \
            receive stamps. `retries` is not used: a series is its own repetition.
            """,
        takesRanges: true)
}
