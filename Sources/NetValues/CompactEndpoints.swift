/// Many endpoints in few words: `198.18.0.1-14:22,80`, `[fd00:18::1-fd00:18::9]:443`, `host:8000-8010`.
package enum CompactEndpoints {
    /// Hosts that have the same, in runs of addresses that follow each other; in order of the addresses, names behind them.
    package static func grouped<Value: Hashable>(_ hosts: [(host: Host, value: Value)]) -> [(
        hosts: String, value: Value
    )] {
        var runs: [(first: IPAddress, last: IPAddress, value: Value)] = []
        var names: [(hosts: String, value: Value)] = []
        let sorted = hosts.sorted { key($0.host) < key($1.host) }
        for (host, value) in sorted {
            guard let address = host.address else {
                names.append((host.description, value))
                continue
            }
            if let run = runs.last, run.value == value, run.last.family == address.family,
                run.last.number &+ 1 == address.number
            {
                runs[runs.count - 1].last = address
            } else {
                runs.append((address, address, value))
            }
        }
        return runs.map { (words($0.first, $0.last), $0.value) } + names
    }

    /// One text for each run of hosts with the same ports.
    package static func texts(_ endpoints: [(host: Host, port: UInt16?)]) -> [String] {
        var ports: [Host: Set<UInt16>] = [:]
        for endpoint in endpoints {
            ports[endpoint.host, default: []].formUnion(endpoint.port.map { [$0] } ?? [])
        }
        let hosts = ports.map { (host: $0.key, value: Self.ports($0.value)) }
        return grouped(hosts).map { hosts, ports in
            guard !ports.isEmpty else { return hosts }
            return hosts.contains(":") ? "[\(hosts)]:\(ports)" : "\(hosts):\(ports)"
        }
    }

    /// `22,80,8000-8010`
    package static func ports(_ ports: some Collection<UInt16>) -> String {
        var runs: [ClosedRange<UInt16>] = []
        for port in ports.sorted() {
            if let last = runs.last, Int(last.upperBound) + 1 >= Int(port) {
                runs[runs.count - 1] = last.lowerBound...max(last.upperBound, port)
            } else {
                runs.append(port...port)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    private static func key(_ host: Host) -> (Int, UInt128, String) {
        switch host {
        case .address(.v4(let address)): (0, UInt128(address.bits), "")
        case .address(let address): (1, address.number, address.description)
        case .name(let name): (2, 0, name.description)
        }
    }

    /// Of IPv4 in one network of 256 the last number is enough.
    private static func words(_ first: IPAddress, _ last: IPAddress) -> String {
        if first == last { return first.description }
        if case .v4(let low) = first, case .v4(let high) = last, low.bits >> 8 == high.bits >> 8 {
            return "\(first)-\(high.bits & 255)"
        }
        return "\(first)-\(last)"
    }
}
