/// What a counter stands for whose growth tells of trouble, here or on the way.
enum CounterMeaning {
    /// Documentation/networking/snmp_counter.rst, RFC 4293, RFC 4022, RFC 4113.
    static func of(_ name: String) -> String? {
        if let meaning = meanings[name] { return meaning }
        guard name.hasPrefix("interface."), let field = name.split(separator: ".").last else { return nil }
        return ["rx_errors", "rx_dropped", "rx_fifo", "tx_errors", "tx_dropped", "tx_fifo", "tx_carrier"].contains(
            field)
            ? "packets that an interface of this host lost" : nil
    }

    private static let meanings = [
        "Tcp.RetransSegs": "segments sent again: lost on the way, or their acknowledgement was",
        "TcpExt.TCPTimeouts": "a connection waited in vain for an acknowledgement",
        "TcpExt.ListenOverflows": "a listener here had no room for a new connection",
        "TcpExt.ListenDrops": "a new connection to a listener here was dropped",
        "TcpExt.IPReversePathFilter": "packets refused since their answer would leave by another interface (rp_filter)",
        "TcpExt.PruneCalled": "memory for received data ran short",
        "Ip.OutNoRoutes": "packets for which there was no route",
        "Ip6.OutNoRoutes": "packets for which there was no route",
        "Ip.InAddrErrors": "packets for an address that is not this host's",
        "Ip.FragFails": "packets too large for the way that must not be cut",
        "Ip6.OutFragFails": "packets too large for the way",
        "Ip.ReasmFails": "fragments of which some never came", "Ip6.ReasmFails": "fragments of which some never came",
        "Icmp.InDestUnreachs": "somebody on the way said that something cannot be reached",
        "Icmp6.InDestUnreachs": "somebody on the way said that something cannot be reached",
        "Icmp.InTimeExcds": "packets that ran out of hops: a loop, or a trace",
        "Icmp6.InTimeExcds": "packets that ran out of hops: a loop, or a trace",
        "Icmp6.InPktTooBigs": "a link on the way is narrower than this host's",
        "Udp.NoPorts": "datagrams to ports where nobody listens here",
        "Udp6.NoPorts": "datagrams to ports where nobody listens here",
        "Udp.RcvbufErrors": "datagrams that a program here did not fetch in time",
        "Udp6.RcvbufErrors": "datagrams that a program here did not fetch in time",
        "Udp.SndbufErrors": "datagrams that did not fit in the send buffer",
        "Udp6.SndbufErrors": "datagrams that did not fit in the send buffer",
        "softnet.dropped": "packets that the machine's processors did not take in time",
        "conntrack.insert_failed": "connections that could not be entered: a race, or no port left for translation",
        "conntrack.drop": "packets dropped since the table of connections was full",
        "conntrack.early_drop": "connections forgotten early to make room for new ones",
        "cgroup.memory.oom_kill": "a process of this group was killed for want of memory",
        "cgroup.cpu.nr_throttled": "periods in which this group was stopped, its CPU quota used up",
    ]
}
