import Observations

/// The kernel's counters as its files write them (Documentation/networking/snmp_counter.rst, proc(5)).
package enum CounterFiles {
    /// More names than any kernel has, in one reading.
    private static let mostValues = 16_384

    /// /proc/net/snmp and netstat: a line of names and a line of numbers for each group. ICMP by type (`IcmpMsg`) joins `Icmp`.
    package static func table(_ text: String, into values: inout [String: UInt64]) {
        let lines = text.split(separator: "\n")
        for (names, numbers) in zip(lines, lines.dropFirst()) {
            let (names, numbers) = (names.split(separator: " "), numbers.split(separator: " "))
            guard let group = names.first, group == numbers.first, group.hasSuffix(":"), names.count == numbers.count
            else { continue }
            let prefix = group == "IcmpMsg:" ? "Icmp" : String(group.dropLast())
            for (name, number) in zip(names, numbers).dropFirst() {
                add("\(prefix).\(name)", UInt64(number), to: &values)
            }
        }
    }

    /// ICMP by type is told from the first message on: until then it is zero (icmpmsg_put in net/ipv4/proc.c, snmp6_seq_show_icmpv6msg).
    package static func fillTypes(into values: inout [String: UInt64]) {
        for (group, types) in [
            ("Icmp", [0, 3, 4, 5, 8, 11, 12]), ("Icmp6", [1, 2, 3, 4, 128, 129, 133, 134, 135, 136]),
        ]
        where values["\(group).InMsgs"] != nil {
            for name in types.flatMap({ ["\(group).InType\($0)", "\(group).OutType\($0)"] }) where values[name] == nil {
                values[name] = 0
            }
        }
    }

    /// /proc/net/snmp6: `Icmp6InDestUnreachs 0`, a line each.
    package static func lines(_ text: String, into values: inout [String: UInt64]) {
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count == 2, let group = groups.first(where: { words[0].hasPrefix($0) }) else { continue }
            add("\(group).\(words[0].dropFirst(group.count))", UInt64(words[1]), to: &values)
        }
    }

    private static let groups = ["Ip6", "Icmp6", "UdpLite6", "Udp6"]

    /// /proc/net/dev: name, eight numbers of what came in, eight of what went out.
    package static func interfaces(_ text: String, into values: inout [String: UInt64]) {
        for line in text.split(separator: "\n").dropFirst(2).prefix(mostInterfaces) {
            guard let colon = line.lastIndex(of: ":") else { continue }
            let name = line[..<colon].drop { $0 == " " }
            let numbers = line[line.index(after: colon)...].split(separator: " ").map { UInt64($0) }
            guard numbers.count >= 16 else { continue }
            for (offset, field) in fields { add("interface.\(name).\(field)", numbers[offset], to: &values) }
        }
    }

    private static let mostInterfaces = 1024
    private static let fields = [
        (0, "rx_bytes"), (1, "rx_packets"), (2, "rx_errors"), (3, "rx_dropped"), (4, "rx_fifo"), (8, "tx_bytes"),
        (9, "tx_packets"), (10, "tx_errors"), (11, "tx_dropped"), (12, "tx_fifo"), (14, "tx_carrier"),
    ]

    /// /proc/net/softnet_stat: a line of hexadecimal numbers for each processor; of the whole machine.
    package static func softnet(_ text: String, into values: inout [String: UInt64]) {
        for line in text.split(separator: "\n") {
            let numbers = line.split(separator: " ").map { UInt64($0, radix: 16) }
            guard numbers.count >= 3 else { continue }
            for (number, name) in zip(numbers, ["processed", "dropped", "time_squeeze"]) {
                values["softnet.\(name)", default: 0] &+= number ?? 0
            }
        }
    }

    /// /proc/net/stat/nf_conntrack: names, then a line of hexadecimal numbers for each processor. `entries` is the same on each,
    /// and no counter.
    package static func conntrack(_ text: String, into values: inout [String: UInt64]) {
        let lines = text.split(separator: "\n")
        guard let names = lines.first?.split(separator: " ") else { return }
        for line in lines.dropFirst() {
            let numbers = line.split(separator: " ").map { UInt64($0, radix: 16) }
            for (name, number) in zip(names, numbers).dropFirst() where values.count < mostValues {
                values["conntrack.\(name)", default: 0] &+= number ?? 0
            }
        }
    }

    /// `memory.events` and `cpu.stat` of a control group: a name and a number a line.
    package static func group(_ text: String, named prefix: String, into values: inout [String: UInt64]) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { add("\(prefix).\(words[0])", UInt64(words[1]), to: &values) }
        }
    }

    /// /proc/net/sockstat and sockstat6: `TCP: inuse 5 orphan 0 tw 2`. They go up and down.
    package static func sockets(_ text: String, into values: inout [String: Int]) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let group = words.first, group.hasSuffix(":") else { continue }
            for pair in stride(from: 1, to: words.count - 1, by: 2) where values.count < mostValues {
                values["\(group.dropLast()).\(words[pair])"] = Int(words[pair + 1])
            }
        }
    }

    /// No counters: settings, and what goes up and down.
    private static let notCounters: Set<String> = [
        "Ip.Forwarding", "Ip.DefaultTTL", "Tcp.RtoAlgorithm", "Tcp.RtoMin", "Tcp.RtoMax", "Tcp.MaxConn",
        "Tcp.CurrEstab",
    ]

    private static func add(_ name: String, _ value: UInt64?, to values: inout [String: UInt64]) {
        guard let value, values.count < mostValues, !notCounters.contains(name) else { return }
        values[name] = value
    }
}
