import NetValues
import Observations
import Planning

/// Signs that something on the way accepts connections in the target's place.
enum TransparentProxy {
    /// A connection to an address that a router, or the own link, says nobody has.
    static func acceptsForNobody(_ check: CheckEvidence, in evidence: Evidence) -> Bool {
        check.connects.contains { $0.outcome == .connected && evidence.vacantAddresses[$0.endpoint.address] != nil }
    }

    static func vacantAddresses(_ checks: [CheckEvidence]) -> [IPAddress: Flow] {
        var vacant: [IPAddress: Flow] = [:]
        for flow in checks.lazy.flatMap(\.targetFlows) where flow.carrier != .tcp {
            guard case .unreachable(let report) = flow.outcome, report.isHostMissing else { continue }
            vacant[flow.destination] = flow
        }
        return vacant
    }
}

extension ICMPErrorReport {
    /// Host unreachable, from the router that would have delivered (RFC 792 3/1; RFC 4443 1/3).
    var isHostMissing: Bool {
        origin == .icmp && type == 3 && code == 1 || origin == .icmpv6 && type == 1 && code == 3
    }
}
