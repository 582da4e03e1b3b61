import NetValues

/// What checks have shown of the network that bears on the judgement of other checks, without the checks themselves.
struct Traces: Sendable {
    private(set) var signsOfLife: [IPAddress: [Flow]] = [:]
    private(set) var openEndpoints: Set<Endpoint> = []

    /// - Parameter perAddress: signs kept for each address: one shows that it lives, more let a finding quote them.
    mutating func add(_ flows: [Flow], perAddress: Int) {
        for flow in flows {
            if flow.showsLife, signsOfLife[flow.destination, default: []].count < perAddress {
                signsOfLife[flow.destination, default: []].append(flow)
            }
            if flow.carrier == .tcp, flow.outcome == .answered, let port = flow.port {
                openEndpoints.insert(Endpoint(flow.destination, port))
            }
        }
    }
}
