import NetValues
import Observations
import Planning

/// Which addresses of the name are asked: within a lane one after the other until one accepts, the lanes side by side.
struct HTTPLanes {
    let lanes: [[IPAddress]]
    /// What keeps the lanes from being all that was asked for.
    let comparisons: [Comparison]

    /// So many addresses of one name are asked at once, whatever a name server claims.
    static let limit = 64

    init(_ addresses: [IPAddress], family: FamilyChoice, asksAll: Bool) {
        var unmet: [Comparison] = []
        let families = Set(addresses.map(\.family))
        if family == .both, let only = families.first, families.count == 1 {
            unmet.append(
                Comparison(
                    key: "family", expected: "an IPv4 and an IPv6 address", seen: "only \(only.rawValue) addresses",
                    isMet: false,
                    isDeclared: true))
        }
        if asksAll, addresses.count > Self.limit {
            unmet.append(
                Comparison(
                    key: "addresses", expected: "at most \(Self.limit) addresses",
                    seen: "\(addresses.count) addresses, of which the first \(Self.limit) were asked", isMet: false,
                    isDeclared: false))
        }
        comparisons = unmet
        if asksAll {
            lanes = addresses.prefix(Self.limit).map { [$0] }
        } else if family == .both {
            lanes = IPAddress.Family.allCases.map { kind in addresses.filter { $0.family == kind } }.filter {
                !$0.isEmpty
            }
        } else {
            lanes = [addresses]
        }
    }
}
