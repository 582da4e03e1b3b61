import CPcap
import NetValues

/// Whether a filter is one, where no capture is open to ask.
package enum FilterSyntax {
    /// Nil when the filter can be used on Ethernet or on `any`.
    package static func problem(with filter: String) -> String? {
        if filter.isEmpty { return nil }
        var first: String?
        for linkType in [DLT_EN10MB, DLT_LINUX_SLL2] {
            guard let handle = pcap_open_dead(linkType, 65535) else { continue }
            defer { pcap_close(handle) }
            var program = bpf_program()
            if pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 {
                pcap_freecode(&program)
                return nil
            }
            first = first ?? words(filter, String(cString: pcap_geterr(handle)))
        }
        return first
    }

    static func words(_ filter: String, _ reason: String) -> String {
        "the filter '\(filter.escaped(limit: 200))': \(reason.escaped(limit: 200))"
    }
}
