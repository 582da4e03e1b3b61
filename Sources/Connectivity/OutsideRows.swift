import Manifests
import NetValues

/// What classes may send outside, or be sent from there, worked out once for all classes of one isolation.
struct OutsideRows {
    private struct Key: Hashable {
        let profile: Int
        /// Of what is sent there: a name is a number of its own at each pod.
        let names: [PodClass.NamedPort]
    }

    private let evaluation: PolicyEvaluation
    private let direction: NetworkPolicy.Direction
    /// Nil: all addresses.
    private let part: AddressRange?
    private var known: [Key: [RegionRows.Row]] = [:]

    init(_ evaluation: PolicyEvaluation, _ direction: NetworkPolicy.Direction, within part: AddressRange?) {
        self.evaluation = evaluation
        self.direction = direction
        self.part = part
    }

    mutating func rows(of number: Int) -> [RegionRows.Row] {
        let profile = evaluation.profiles(direction).profileOf[number]
        let names = direction == .ingress ? evaluation.classes.classes[number].namedPorts : []
        let key = Key(profile: profile, names: names)
        if let found = known[key] { return found }
        let ports = OutsidePorts(evaluation, number, direction)
        let found = RegionRows.rows(AddressRegions(ports.borders), within: part) { ports.ports(in: $0) }
        known[key] = found
        return found
    }
}

/// What may pass between a class and each of the ranges that the policies which isolate it name.
struct OutsidePorts {
    /// Without the ranges that only other policies name: these make no difference here.
    let borders: [AddressRange]
    private let regions: AddressRegions
    /// Nil where nothing isolates.
    private let groups: [(peers: PeerSet?, ports: AllowedPorts)]?

    init(_ evaluation: PolicyEvaluation, _ number: Int, _ direction: NetworkPolicy.Direction) {
        regions = evaluation.classes.regions
        guard evaluation.isIsolated(element: number, direction) else {
            (groups, borders) = (nil, [])
            return
        }
        let policies = evaluation.isolating(number, direction).map { evaluation.policies[$0] }
        let target = direction == .ingress ? evaluation.classes.classes[number] : nil
        groups = RuleGroups(policies, direction).groups.map { ($0.peers, $0.ports.ports(at: target)) }
        borders = policies.flatMap { $0.policy.borders(direction) }
    }

    /// - Parameter range: one that the policies name, but for the smaller ones of `borders`; or one of all addresses.
    func ports(in range: AddressRange) -> AllowedPorts {
        guard let groups else { return .all }
        let region = ~regions.place(of: range)
        var allowed = AllowedPorts.none
        for group in groups where group.peers?.contains(region) ?? true { allowed = allowed.union(group.ports) }
        return allowed
    }
}
