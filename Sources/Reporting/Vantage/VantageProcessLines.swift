import NetValues
import Observations

extension VantageState {
    // MARK: Limits

    var limitLines: [VantageLine] {
        [portLine, conntrackLine, descriptorLine, taskLine, probingLine].compactMap(\.self)
    }

    private var portLine: VantageLine? {
        limits.localPorts.map { ports in
            let reserved = limits.reservedPorts.flatMap { $0.isEmpty ? nil : ", \($0) reserved" } ?? ""
            let waiting = sockets["TCP.tw"].map { ", \(grouped($0)) connections of TIME_WAIT" } ?? ""
            return VantageLine(
                .limits, "local ports",
                "\(ports.lowerBound) to \(ports.upperBound), \(grouped(ports.count))\(reserved)\(waiting)",
                why: "so many connections at once to one address and port, and no more",
                isRemarkable: ports.count < 1024)
        }
    }

    private var conntrackLine: VantageLine? {
        guard let count = limits.trackedConnections, let most = limits.mostTrackedConnections, most > 0 else {
            return nil
        }
        let percent = Double(count) * 100 / Double(most)
        return VantageLine(
            .limits, "connection tracking", "\(grouped(count)) of \(grouped(most)) (\(percent.decimals(0)) %)",
            why: "of this network namespace, not of the node's; when it is full, new connections are dropped",
            isRemarkable: percent >= 80)
    }

    private var descriptorLine: VantageLine? {
        guard let soft = limits.descriptors else { return nil }
        let open = limits.openDescriptors.map { "\(grouped($0)) open of " } ?? ""
        let hard = limits.mostDescriptors.flatMap { $0 > soft ? ", may be raised to \(words($0))" : nil } ?? ""
        return VantageLine(
            .limits, "open files", "\(open)\(words(soft))\(hard)",
            why: "each connection is one; it bounds checks at once",
            isRemarkable: (limits.mostDescriptors ?? soft) < 1024)
    }

    private var taskLine: VantageLine? {
        guard let most = limits.groupTasks else { return nil }
        let running = limits.runningGroupTasks
        return VantageLine(
            .limits, "processes", "\(running.map { "\(grouped($0)) of " } ?? "")\(grouped(most)) in this control group",
            why: "at the limit nothing new can be started here", isRemarkable: running.map { most - $0 < 8 } ?? false)
    }

    private var probingLine: VantageLine? {
        settings.tcpMTUProbing.map { probing in
            VantageLine(
                .limits, "tcp_mtu_probing",
                ["never", "when packets vanish", "always"].indices.contains(probing)
                    ? ["never", "when packets vanish", "always"][probing] : "\(probing)",
                why: "whether TCP finds its way around a path that swallows large packets")
        }
    }

    private func words(_ limit: Int) -> String { limit == .max ? "unlimited" : grouped(limit) }

    // MARK: Rights

    var rightLines: [VantageLine] {
        let sockets: [(String, VantageRights.SocketRight?, String)] = [
            ("ping socket", rights.pingSocket, "ICMP echo without a right (net.ipv4.ping_group_range)"),
            ("raw socket", rights.rawSocket, "ICMP echo and tracing by any protocol (CAP_NET_RAW)"),
            ("packet socket", rights.packetSocket, "--evidence, capture and ARP (CAP_NET_RAW)"),
        ]
        let lines = sockets.compactMap { name, right, why in
            right.map { right in
                switch right {
                case .granted: VantageLine(.rights, name, "yes", why: why)
                case .denied(let error): VantageLine(.rights, name, "no (\(error))", why: why)
                }
            }
        }
        guard let effective = rights.effective else { return lines }
        return lines + [
            VantageLine(
                .rights, "capabilities",
                effective.count > 35 ? "all" : effective.isEmpty ? "none" : listed(effective, limit: 8),
                why: "what this process may do beyond what every process may")
        ]
    }

    // MARK: Processor and memory

    var processorLines: [VantageLine] {
        var lines: [VantageLine] = []
        if let cgroup {
            let quota = cgroup.processors.map { "\($0.decimals(2)) processors" } ?? "no quota"
            let periods = cgroup.throttledPeriods ?? 0
            lines.append(
                VantageLine(
                    .processor, "CPU quota",
                    quota + (periods > 0 ? ", stopped in \(grouped(periods)) periods so far" : ""),
                    why: "a process that is stopped measures its own pauses"))
            if let used = cgroup.memory {
                let most = cgroup.mostMemory.map { " of \(bytes($0))" } ?? ", no limit"
                let kills = cgroup.memoryKills.flatMap {
                    $0 > 0 ? ", \(grouped($0)) killed for want of memory so far" : nil
                }
                lines.append(
                    VantageLine(
                        .processor, "memory", bytes(used) + most + (kills ?? ""),
                        why: "at its limit processes of this group are killed",
                        isRemarkable: cgroup.mostMemory.map { (cgroup.workingMemory ?? used) > $0 / 10 * 9 } ?? false))
            }
        }
        let felt = (cgroup?.pressure ?? []).isEmpty ? pressure : cgroup?.pressure ?? []
        if !felt.isEmpty {
            lines.append(
                VantageLine(
                    .processor, "pressure",
                    felt.map { "\($0.resource.rawValue) \($0.someShort.decimals(1)) %" }.joined(separator: ", "),
                    why: "of the last ten seconds, the time in which something waited for it",
                    isRemarkable: felt.contains { $0.someShort >= 20 }))
        }
        return lines
    }

    private func bytes(_ count: Int) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(value.decimals(unit == 0 ? 0 : 1)) \(units[unit])"
    }
}
