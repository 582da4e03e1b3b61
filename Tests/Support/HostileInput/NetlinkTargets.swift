import NetValues
import Observations
import VantageState
import Wire

extension FuzzTarget {
    /// A datagram of netlink messages; what a message is goes by its type.
    static let netlink = FuzzTarget(
        "netlink",
        seeds: {
            [
                .hex("30000000 1000 0200 01000000 09000000")
                    + .hex("00000100 03000000 43100100 00000000 0a000300 76657468 3000 0000 08000400 dc050000"),
                .hex("34000000 1800 0200 01000000 09000000")
                    + .hex("02180000 fe040001 00000000 08000100 c6120800 08000500 c6120101 08000400 03000000"),
                .hex("40000000 1800 0200 01000000 09000000")
                    + .hex("02180000 fe040001 00000000 24000900 10000002 03000000 08000500 c6120101")
                    + .hex("10000100 04000000 08000500 c6120509"),
                .hex("2c000000 2000 0200 01000000 09000000")
                    + .hex("02002000 64000001 02000000 08000200 c6120102 08000600 64000000"),
                .hex("24000000 1c00 0200 01000000 09000000 02000000 03000000 20000000 08000100 c6120109"),
                .hex("20000000 1400 0200 01000000 09000000 02188000 03000000 08000200 c6120102"),
            ]
        }
    ) { bytes in
        let span = bytes.span
        var messages = NetlinkMessages()
        var count = 0
        while let message = messages.next(in: span) {
            count += 1
            try hold(message.body.upperBound <= bytes.count, "a message beyond the bytes")
            let body = message.body
            if let route = RouteMessage(span, body) {
                try hold(route.hops.count != 1 && route.hops.count <= 256, "\(route.hops.count) ways")
                try hold(route.destination.address.family == route.family, "a destination of another family")
            }
            if let address = AddressMessage(span, body) {
                try hold(address.prefixLength <= address.address.bytes.count * 8, "/\(address.prefixLength)")
            }
            if let link = LinkMessage(span, body) {
                try hold(!link.name.isEmpty && link.mtu >= 0 && link.index > 0, "a link without name")
            }
            if let rule = RoutingRuleMessage(span, body) {
                try hold(rule.source.map { $0.address.family == rule.family } ?? true, "a source of another family")
            }
            if let neighbour = NeighbourMessage(span, body) {
                try hold(neighbour.address.description.utf8.count < 64, "an address of any length")
            }
            _ = NetlinkMessages.failure(message, in: span)
        }
        try hold(count <= bytes.count / 16, "\(count) messages of \(bytes.count) bytes")
    }

    /// Files of /proc and of control groups: whoever masks them may put anything there.
    static let vantageCounters = FuzzTarget(
        "vantage-counters",
        words: ["IcmpMsg:", "TcpExt:", "Icmp6", "eth0:", "some avg10=", "full ", "total=", "entries", "TCP: "],
        seeds: {
            [
                "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 77\nIcmpMsg: InType3\nIcmpMsg: 5\n",
                "Ip6InReceives 4\nIcmp6InDestUnreachs\t2\n",
                "Inter-|\n face |\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
                "00000001 00000002 00000003\n", "entries found drop\n00000001 00000002 ffffffff\n",
                "some avg10=1.00 avg60=2.00 avg300=0.00 total=9\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=1\n",
                "TCP: inuse 5 orphan 0 tw 2\n", "oom 0\noom_kill 3\n",
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        var values: [String: UInt64] = [:]
        CounterFiles.table(text, into: &values)
        CounterFiles.lines(text, into: &values)
        CounterFiles.interfaces(text, into: &values)
        CounterFiles.softnet(text, into: &values)
        CounterFiles.conntrack(text, into: &values)
        CounterFiles.group(text, named: "cgroup", into: &values)
        var sockets: [String: Int] = [:]
        CounterFiles.sockets(text, into: &sockets)
        try hold(values.count + sockets.count <= bytes.count, "\(values.count) values of \(bytes.count) bytes")
        let growth = KernelCounters(values).growth(since: KernelCounters(values))
        try hold(growth.values.isEmpty, "a counter grew over itself")
        if let pressure = PressureFile.state(text, of: .memory) {
            try hold((0...100).contains(pressure.someShort) && pressure.someMinute >= 0, "\(pressure.someShort) %")
        }
    }
}
