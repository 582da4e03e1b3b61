import Planning

extension CaptureProbe {
    package static let description = ProbeDescription(
        kind: "capture", summary: "packets on an interface while other checks run, or for a time, and what they show",
        targetForm: .interface, latency: "nothing: a capture has no latency of its own",
        parameters: [
            ParameterDescription("filter", .text, "what is captured, as pcap-filter(7); everything by default"),
            ParameterDescription(
                "duration", .span, "how long it lasts at most; 10s by default when it is not beside other checks"),
            ParameterDescription(
                "during", .list,
                "names of checks: they start when the capture has begun, and it ends when they are over"),
        ],
        expectations: [],
        rights: """
            CAP_NET_RAW; without it the check is unmeasured and the report says how to give it, and the checks beside it run all \
            the same
            """,
        notes: """
            Nothing goes over the wire. The check passes when the capture could be taken, whatever is in it; what it holds stands \
            in its facts, with what the kernel lost. It takes no place among the checks in flight. `samples`, `interval`, `retries` and `timeout` are not used: a capture is \
            one sample. A packet that a firewall of \
            this host drops on its way out never comes to the interface, and one that it drops on its way in is seen all the same.
            """)
}
