import NetValues

extension Check {
    /// What cannot be together, whatever the network does: an address of one family, and the other family asked for.
    package var contradiction: PlanProblem? {
        guard case .address(let address) = target.host else { return nil }
        if !family.admits(address.family) {
            return PlanProblem("`\(address)` is an \(address.family.name) address, and \(family.name) is asked for")
        }
        if let source, source.family != address.family {
            return PlanProblem(
                "`\(address)` is an \(address.family.name) address, and `\(source)` cannot send to it")
        }
        return nil
    }
}

extension IPAddress.Family {
    fileprivate var name: String { self == .v4 ? "IPv4" : "IPv6" }
}

extension FamilyChoice {
    fileprivate var name: String {
        switch self {
        case .v4: "IPv4"
        case .v6: "IPv6"
        case .both, .any: "either"
        }
    }
}
