/// Counters of the network namespace, each by its own name with where it comes from: `TcpExt.ListenOverflows`
/// (/proc/net/netstat), `Icmp.InType3` (/proc/net/snmp), `Icmp6.InDestUnreachs` (/proc/net/snmp6), `interface.eth0.rx_dropped`
/// (/proc/net/dev), `softnet.dropped` (of the whole machine), `conntrack.insert_failed` (/proc/net/stat/nf_conntrack), `cgroup.memory.oom_kill`
/// (memory.events), `pressure.memory.full` and `cgroup.pressure.memory.full` (microseconds of PSI). Totals since the namespace is there:
/// only their growth over a run says something (catalogue section 1.5). Figures that go up and down (`Tcp.CurrEstab`) are not among them.
package struct KernelCounters: Hashable, Sendable {
    package var values: [String: UInt64]

    package init(_ values: [String: UInt64] = [:]) {
        self.values = values
    }

    package subscript(name: String) -> UInt64? { values[name] }

    /// How much each counter grew that both readings have; a counter that went back was reset and is left out, and so is one
    /// that stood still.
    package func growth(since earlier: KernelCounters) -> KernelCounters {
        var growth: [String: UInt64] = [:]
        for (name, value) in values {
            guard let before = earlier.values[name], value > before else { continue }
            growth[name] = value - before
        }
        return KernelCounters(growth)
    }
}
