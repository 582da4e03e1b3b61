import NetValues
import Observations
import Planning

/// What a capture beside probes must see, as far as it is known before they run: the ports of the checks and of the name
/// servers, the addresses where all are literal, and what routers and neighbours say. The probes' own exchanges are picked from
/// this later, by their sockets.
struct EvidenceFilter {
    let dnsPorts: Set<UInt16>
    /// Of whose packets all are seen; nil is all ports.
    let wholePorts: Set<UInt16>?
    /// As pcap-filter(7), without names.
    let text: String

    /// More would make a program that the kernel refuses (BPF_MAXINSNS).
    private static let mostPorts = 100
    private static let mostAddresses = 50
    /// Errors come from anywhere; later fragments have no ports; and what this host translates (DNAT) opens a connection to an
    /// address and a port that no plan has: what begins and ends connections is seen of all.
    private static let always =
        "icmp or icmp6 or arp or (ip[6:2] & 0x1fff != 0) or (ip6[6] == 44) or (tcp[tcpflags] & (tcp-syn|tcp-rst) != 0)"
        + " or (ip6[6] == 6 and ip6[53] & 6 != 0)"

    init(_ checks: [Check], resolver: ResolverConfiguration) {
        var ports: Set<UInt16> = []
        var dnsPorts: Set<UInt16> = [53]
        var addresses: Set<IPAddress>? = []
        for check in checks where check.kind != "capture" {
            // The target of a question is no address that packets go to.
            if check.kind != "dns", let host = check.target.host, let address = host.address {
                addresses?.insert(address)
            } else {
                addresses = nil
            }
            switch check.target {
            case .hostPort(let pair): ports.insert(pair.port)
            case .url(let url):
                // A redirect leads to other ports and hosts.
                ports.formUnion([url.port, 80, 443])
                addresses = nil
            case .host, .name, .interface: break
            }
            dnsPorts.formUnion(Self.servers(of: check))
        }
        dnsPorts.formUnion(resolver.servers.map(\.port))
        self.dnsPorts = dnsPorts
        ports.formUnion(dnsPorts)
        wholePorts = Self.ranges(of: ports.sorted()).count <= Self.mostPorts ? ports : nil
        let flows = ["tcp", "udp"].map { "(\($0) and (\(Self.ports(ports))))" }.joined(separator: " or ")
        let own = Self.hosts(addresses).map { "((\($0)) and (\(flows)))" } ?? flows
        text = "\(own) or \(Self.always)"
    }

    /// Of name servers that a check names itself.
    private static func servers(of check: Check) -> [UInt16] {
        guard case .list(let servers)? = check.parameters.values["servers"] else { return [] }
        return servers.compactMap { HostPort($0, defaultPort: 53)?.port }
    }

    private static func ports(_ ports: Set<UInt16>) -> String {
        let ranges = ranges(of: ports.sorted())
        guard ranges.count <= mostPorts else { return "portrange 0-65535" }
        return ranges.map { $0.count == 1 ? "port \($0.lowerBound)" : "portrange \($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: " or ")
    }

    private static func ranges(of sorted: [UInt16]) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        for port in sorted {
            if let last = ranges.last, last.upperBound &+ 1 == port {
                ranges[ranges.count - 1] = last.lowerBound...port
            } else {
                ranges.append(port...port)
            }
        }
        return ranges
    }

    private static func hosts(_ addresses: Set<IPAddress>?) -> String? {
        guard let addresses, !addresses.isEmpty, addresses.count <= mostAddresses else { return nil }
        return addresses.map { "host \($0.withoutZone)" }.sorted().joined(separator: " or ")
    }
}

extension IPAddress {
    /// A filter knows no zones.
    fileprivate var withoutZone: IPAddress {
        guard case .v6(let address) = self else { return self }
        return .v6(IPv6Address(high: address.high, low: address.low))
    }
}
