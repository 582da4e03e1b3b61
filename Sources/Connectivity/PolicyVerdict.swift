import Manifests

/// Whether a flow may pass, and what says so.
package struct PolicyVerdict: Hashable, Sendable {
    /// What one end has to say.
    package enum Side: Hashable, Sendable {
        /// No policy isolates this end in this direction: everything passes.
        case open
        /// Rules that let it pass.
        case allowed([PolicyDecision])
        /// The policies that isolate, none of which has a rule for it.
        case denied([PolicyDecision])
    }

    /// Flows that no policy can stop, by the API's own words.
    package enum Exemption: Hashable, Sendable {
        /// "A pod cannot block access to itself."
        case itself
        /// "Traffic to and from the node where a Pod is running is always allowed."
        case ownNode
    }

    package let egress: Side
    package let ingress: Side
    package let exemption: Exemption?

    package init(egress: Side, ingress: Side, exemption: Exemption? = nil) {
        self.egress = egress
        self.ingress = ingress
        self.exemption = exemption
    }

    package func side(_ direction: NetworkPolicy.Direction) -> Side { direction == .ingress ? ingress : egress }

    package var isAllowed: Bool { exemption != nil || (!ingress.isDenied && !egress.isDenied) }

    /// Directions in which it is denied, the way of the packet.
    package var deniedDirections: [NetworkPolicy.Direction] {
        exemption != nil ? [] : [.egress, .ingress].filter { side($0).isDenied }
    }

    /// Denied: the policies that isolate. Allowed: every rule that lets it pass; none where nothing isolates.
    package var decidedBy: [PolicyDecision] {
        if exemption != nil { return [] }
        if !isAllowed { return deniedDirections.flatMap { side($0).decisions } }
        return egress.decisions + ingress.decisions
    }
}

extension PolicyVerdict.Side {
    package var isDenied: Bool { if case .denied = self { true } else { false } }

    package var decisions: [PolicyDecision] {
        switch self {
        case .open: []
        case .allowed(let decisions), .denied(let decisions): decisions
        }
    }
}
