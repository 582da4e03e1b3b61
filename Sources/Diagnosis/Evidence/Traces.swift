import NetValues

/// What checks have shown of the network that bears on the judgement of other checks, without the checks themselves.
struct Traces: Sendable {
    private(set) var signsOfLife: [IPAddress: [Flow]] = [:]
    private(set) var openEndpoints: Set<Endpoint> = []
    /// To which the own host let something not out.
    private(set) var deniedAddresses: Set<IPAddress> = []
    /// Of web servers whose clock agrees with ours.
    private(set) var agreeingClocks: Set<IPAddress> = []

    mutating func add(agreeingClocks addresses: [IPAddress]) { agreeingClocks.formUnion(addresses) }

    /// - Parameter perAddress: signs kept for each address: one shows that it lives, more let a finding quote them.
    mutating func add(_ flows: [Flow], perAddress: Int) {
        for flow in flows {
            if flow.showsLife, signsOfLife[flow.destination, default: []].count < perAddress {
                signsOfLife[flow.destination, default: []].append(flow)
            }
            if flow.carrier == .tcp, flow.outcome == .answered, let port = flow.port {
                openEndpoints.insert(Endpoint(flow.destination, port))
            }
            if case .deniedLocally = flow.outcome { deniedAddresses.insert(flow.destination) }
        }
    }
}
