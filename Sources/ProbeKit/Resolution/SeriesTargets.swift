import NetValues
import Planning

/// Which addresses of a host a series goes to.
extension Check {
    /// The first address, or the first of each family when both are asked for of a name; nil for one that there is not. A source
    /// address decides the family.
    package func seriesTargets(among addresses: [IPAddress], of host: Host) -> [IPAddress?] {
        let usable = addresses.filter { address in
            family.admits(address.family) && source.map { $0.family == address.family } ?? true
        }
        guard family == .both, host.name != nil, source == nil, !usable.isEmpty else { return [usable.first] }
        return IPAddress.Family.allCases.map { family in usable.first { $0.family == family } }
    }

    /// Where to turn when the own host has no way to `address`: applications prefer the family that has a route
    /// (RFC 6724 section 5, rule 1).
    package func otherFamily(than address: IPAddress, among addresses: [IPAddress]) -> IPAddress? {
        guard family == .any, source == nil else { return nil }
        return addresses.first { $0.family != address.family }
    }
}
