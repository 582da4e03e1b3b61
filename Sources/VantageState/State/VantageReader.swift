import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations

/// Reads what the vantage is like, from netlink, /proc and /sys, without any right and in a few milliseconds.
package struct VantageReader: Sendable {
    /// Where procfs and sysfs are mounted.
    private let proc: String
    private let sys: String

    package init(proc: String = "/proc", sys: String = "/sys") {
        self.proc = proc
        self.sys = sys
    }

    package func read() -> VantageState {
        var state = VantageState()
        var reading = Reading()
        takeLists(&state)
        let group = ControlGroupFiles(proc: proc)
        state.counters = counters(group, &reading)
        takeSettings(&state, &reading)
        takeLimits(&state, group, &reading)
        for file in ["sockstat", "sockstat6"] {
            if let text = reading.text("\(proc)/net/\(file)") { CounterFiles.sockets(text, into: &state.sockets) }
        }
        state.cgroup = group?.state
        if group == nil { reading.lacks("control group", "\(proc)/self/cgroup and mountinfo do not show one") }
        state.pressure = PressureState.Resource.allCases.compactMap { resource in
            reading.text("\(proc)/pressure/\(resource.rawValue)").flatMap { PressureFile.state($0, of: resource) }
        }
        state.clock = clock(&reading)
        state.unread += reading.unread
        return state
    }

    /// The vantage over a run that ends now.
    package func observe(since start: VantageState) -> VantageObservation {
        let end = read()
        return VantageObservation(start: start, end: end, growth: end.counters.growth(since: start.counters))
    }

    private func takeLists(_ state: inout VantageState) {
        let lists = NetworkLists()
        (state.interfaces, state.routes, state.rules) = (lists.interfaces, lists.routes, lists.rules)
        state.familiesRouted = lists.familiesRouted
        (state.neighbours, state.omitted, state.unread) = (lists.neighbours, lists.omitted, lists.unread)
    }

    private func counters(_ group: ControlGroupFiles?, _ reading: inout Reading) -> KernelCounters {
        var values: [String: UInt64] = [:]
        func take(_ file: String, _ read: (String, inout [String: UInt64]) -> Void) {
            if let text = reading.text("\(proc)/net/\(file)") { read(text, &values) }
        }
        take("snmp", CounterFiles.table)
        take("netstat", CounterFiles.table)
        take("snmp6", CounterFiles.lines)
        CounterFiles.fillTypes(into: &values)
        take("dev", CounterFiles.interfaces)
        take("softnet_stat", CounterFiles.softnet)
        take("stat/nf_conntrack", CounterFiles.conntrack)
        for resource in PressureState.Resource.allCases {
            if let text = SmallFile.read("\(proc)/pressure/\(resource.rawValue)") {
                PressureFile.totals(text, of: resource, prefix: "pressure", into: &values)
            }
        }
        group?.addCounters(to: &values)
        return KernelCounters(values)
    }

    // MARK: Settings and limits

    private func takeSettings(_ state: inout VantageState, _ reading: inout Reading) {
        let net = "\(proc)/sys/net"
        state.settings.pingGroups = reading.words("\(net)/ipv4/ping_group_range")?.joined(separator: " ")
        state.settings.tcpMTUProbing = reading.number("\(net)/ipv4/tcp_mtu_probing")
        state.settings.forwardsIPv4 = reading.number("\(net)/ipv4/ip_forward").map { $0 != 0 }
        state.settings.forwardsIPv6 = reading.number("\(net)/ipv6/conf/all/forwarding").map { $0 != 0 }
        state.settings.disablesIPv6 = reading.number("\(net)/ipv6/conf/all/disable_ipv6").map { $0 != 0 }
        guard let all = reading.number("\(net)/ipv4/conf/all/rp_filter") else { return }
        var asked = 0
        for place in state.interfaces.indices where asked < Self.mostFiltersAsked {
            let interface = state.interfaces[place]
            // Names with a slash cannot be; `..` and the like are no directories of an interface.
            guard !interface.isLoopback, interface.isUp, !interface.name.contains("/"), interface.name != ".." else {
                continue
            }
            asked += 1
            state.interfaces[place].reversePathFilter = SmallFile.read(
                "\(net)/ipv4/conf/\(interface.name)/rp_filter"
            ).flatMap { Int($0.prefix { $0 != "\n" }) }.map { max($0, all) }
        }
    }

    /// Each is a file to open: those of a node with thousands of pods would take longer than all else.
    private static let mostFiltersAsked = 64

    private func takeLimits(_ state: inout VantageState, _ group: ControlGroupFiles?, _ reading: inout Reading) {
        var limits = VantageLimits()
        let net = "\(proc)/sys/net"
        if let ports = reading.words("\(net)/ipv4/ip_local_port_range")?.compactMap({ UInt16($0) }), ports.count == 2,
            ports[0] <= ports[1]
        {
            limits.localPorts = ports[0]...ports[1]
        }
        limits.reservedPorts = reading.words("\(net)/ipv4/ip_local_reserved_ports")?.joined(separator: " ")
        limits.trackedConnections = reading.number("\(net)/netfilter/nf_conntrack_count")
        limits.mostTrackedConnections = reading.number("\(net)/netfilter/nf_conntrack_max")
        let files = ProcessLimit.read(__rlimit_resource_t(RLIMIT_NOFILE.rawValue))
        (limits.descriptors, limits.mostDescriptors) = (files?.soft, files?.hard)
        limits.openDescriptors = ProcessLimit.entries("\(proc)/self/fd")
        limits.processes = ProcessLimit.read(__rlimit_resource_t(__RLIMIT_NPROC.rawValue))?.soft
        let status = reading.text("\(proc)/self/status")
        limits.threads = status.flatMap { ProcessRights.field("Threads:", of: $0) }.flatMap { Int($0) }
        if let tasks = group?.taskLimit { (limits.groupTasks, limits.runningGroupTasks) = (tasks.most, tasks.running) }
        state.limits = limits
        state.rights = ProcessRights.read(status: status)
    }

    private func clock(_ reading: inout Reading) -> ClockState? {
        var raw = leadsman_clock()
        let code = leadsman_clock(&raw)
        guard code == 0 else {
            reading.lacks("clock", "adjtimex: \(errnoName(code))")
            return nil
        }
        let source = "\(sys)/devices/system/clocksource/clocksource0/current_clocksource"
        return ClockState(
            // STA_UNSYNC and TIME_ERROR, which the kernel answers for it.
            isSynchronized: raw.status & 0x40 == 0 && raw.state != 5,
            estimatedError: .microseconds(raw.estimated_error_us), mostError: .microseconds(raw.most_error_us),
            announcesLeapSecond: raw.state == 1 || raw.state == 2,
            source: SmallFile.read(source).map { String($0.prefix { $0 != "\n" }) })
    }
}

/// Files read one after the other, and what of them could not be.
struct Reading {
    private(set) var unread: [String] = []

    mutating func lacks(_ what: String, _ reason: String) {
        unread.append("\(what): \(reason)")
    }

    mutating func text(_ path: String) -> String? {
        do throws(SystemCallFailure) {
            return try SmallFile.text(of: path, limit: 4 << 20)
        } catch {
            lacks(path, error.code == ENOENT ? "not there" : error.description)
            return nil
        }
    }

    mutating func words(_ path: String) -> [String]? {
        text(path)?.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map { String($0) }
    }

    mutating func number(_ path: String) -> Int? {
        words(path)?.first.flatMap { Int($0) }
    }
}
