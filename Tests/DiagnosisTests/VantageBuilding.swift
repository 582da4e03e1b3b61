import Diagnosis
import NetValues
import Observations
import Wire

// The vantage as it would be read, in few words.

func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(IPv4Address(bits: 0)) }

func range(_ text: String) -> AddressRange {
    let parts = text.split(separator: "/")
    return AddressRange(around: address(String(parts[0])), length: parts.count > 1 ? Int(parts[1]) ?? 0 : 128)
}

func interface(
    _ name: String, _ networks: String..., kind: String? = "veth", carrier: Bool = true, up: Bool = true,
    strict: Bool = false
) -> NetworkInterfaceState {
    var state = NetworkInterfaceState(
        index: 1, name: name, isUp: up, hasCarrier: carrier, isLoopback: name == "lo", mtu: 1500, kind: kind,
        reversePathFilter: strict ? 1 : 0)
    state.assignments = networks.map { text in
        let parts = text.split(separator: "/")
        return AddressAssignment(address(String(parts[0])), prefixLength: Int(parts[1]) ?? 0)
    }
    return state
}

func route(
    _ destination: String, via gateway: String? = nil, dev name: String? = nil, kind: RouteState.Kind = .unicast,
    table: Int = 254, metric: Int = 0
) -> RouteState {
    let range = destination == "default" ? range("0.0.0.0/0") : range(destination)
    return RouteState(
        kind: kind, family: range.address.family, destination: range, gateway: gateway.map(address), interface: name,
        metric: metric, table: table)
}

func neighbour(_ text: String, on name: String, _ state: NeighbourState.Reachability) -> NeighbourState {
    NeighbourState(address: address(text), interface: name, hardwareAddress: nil, reachability: state)
}

/// A host at 198.18.1.2 with a gateway, as of the lab's client.
func vantage(
    interfaces: [NetworkInterfaceState] = [interface("eth0", "198.18.1.2/24")],
    routes: [RouteState] = [route("default", via: "198.18.1.1", dev: "eth0"), route("198.18.1.0/24", dev: "eth0")],
    rules: [RoutingRuleState] = [], neighbours: [NeighbourState] = []
) -> VantageState {
    var state = VantageState()
    state.interfaces = [interface("lo", "127.0.0.1/8", kind: nil)] + interfaces
    state.routes = routes
    state.rules =
        rules
        + [(0, 255), (32766, 254), (32767, 253)].map { preference, table in
            RoutingRuleState(family: .v4, preference: preference, action: .table(table))
        }
    state.rules.sort { $0.preference < $1.preference }
    state.neighbours = neighbours
    state.familiesRouted = [.v4, .v6]
    state.rights.user = 1000
    return state
}

func judge(
    _ records: CheckRecord..., at state: VantageState = vantage(), grown: [String: UInt64] = [:],
    strain: VantageStrain = VantageStrain(),
    resolver: ResolverConfiguration = ResolverConfiguration(servers: [resolverA])
) -> Judgement {
    Judge(resolver: resolver, now: noon).judge(
        records, strain: strain,
        vantage: VantageObservation(start: state, end: state, growth: KernelCounters(grown)))
}
