import Observations
import Wire

extension AddressMessage {
    var state: AddressAssignment.State {
        if isDuplicate { return .duplicate }
        if isTentative { return .tentative }
        return isDeprecated ? .deprecated : .usable
    }
}

extension RouteMessage {
    /// RTN_*
    var kind: RouteState.Kind {
        switch type {
        case 1: .unicast
        case 2: .local
        case 3: .broadcast
        case 4: .anycast
        case 5: .multicast
        case 6: .blackhole
        case 7: .unreachable
        case 8: .prohibit
        case 9: .throw
        default: .other
        }
    }

    /// RTPROT_*, as /etc/iproute2/rt_protos names them.
    var originName: String {
        switch origin {
        case 0: "unspec"
        case 1: "redirect"
        case 2: "kernel"
        case 3: "boot"
        case 4: "static"
        case 9: "ra"
        case 12: "bird"
        case 16: "dhcp"
        case 18: "keepalived"
        case 186: "bgp"
        case 188: "ospf"
        default: "\(origin)"
        }
    }
}

extension RoutingRuleState {
    /// FR_ACT_*
    init(_ rule: RoutingRuleMessage) {
        let action: Action =
            switch rule.action {
            case 1: .table(rule.table)
            case 2: .goTo(rule.target)
            case 6: .blackhole
            case 7: .unreachable
            case 8: .prohibit
            default: .nothing
            }
        self.init(
            family: rule.family, preference: rule.preference, action: action, source: rule.source,
            destination: rule.destination, incoming: rule.incoming, outgoing: rule.outgoing, mark: rule.mark,
            mask: rule.mask, users: rule.users, carrier: rule.carrier, sourcePorts: rule.sourcePorts,
            destinationPorts: rule.destinationPorts, typeOfService: rule.typeOfService, isInverted: rule.isInverted,
            suppressedLength: rule.suppressedLength, asksVRF: rule.asksVRF)
    }
}

extension NeighbourMessage {
    /// NUD_*; one bit is set.
    var reachability: NeighbourState.Reachability {
        switch state {
        case 1: .incomplete
        case 2: .reachable
        case 4: .stale
        case 8: .delay
        case 16: .probe
        case 32: .failed
        case 64: .noarp
        case 128: .permanent
        default: .none
        }
    }
}
