import Manifests

/// Which classes may send to which. Rules are joined once for all classes of one isolation; a pair costs a look at its two ends.
struct ClassReach {
    /// What arrives at classes that the same policies isolate, and that call their ports alike.
    private struct Side {
        var classes = ClassSet()
        /// Numbers of ports, and who may send there; nil where nothing isolates.
        let groups: [(peers: PeerSet?, ports: Int)]?
    }

    private struct SideKey: Hashable {
        let profile: Int
        let names: Int
    }

    private struct NamedKey: Hashable {
        let ports: RulePorts
        let names: Int
    }

    private let evaluation: PolicyEvaluation
    private var table = PortTable()
    /// Of each class: its names of ports, by number.
    private var namesOf: [Int] = []
    private var named: [NamedKey: Int] = [:]
    private var sides: [Side] = []
    private var sideOf: [Int] = []
    /// Classes at which something of everybody arrives.
    private var open = ClassSet()
    /// Of each class: the sides that mean it by name.
    private var meaning: [ClassSet] = []
    /// Of the source that was asked last.
    private var arriving: [(source: Int, ports: Int)] = []
    private var leaving: Leaving?

    /// What leaves the classes of one isolation.
    private struct Leaving {
        let profile: Int
        /// Nil where nothing isolates.
        let groups: [RuleGroups.Group]?
        /// Nil: every class.
        let targets: ClassSet?
        /// Of each target what was worked out.
        var ports: [Int?]
    }

    init(_ evaluation: PolicyEvaluation) {
        self.evaluation = evaluation
        numberNames()
        makeSides()
        meaning = [ClassSet](repeating: ClassSet(), count: evaluation.classes.classes.count)
        for (number, side) in sides.enumerated() {
            guard let groups = side.groups, groups.allSatisfy({ $0.peers != nil }) else {
                open.formUnion(side.classes)
                continue
            }
            PeerSet(groups.compactMap(\.peers)).classes.forEach { meaning[$0].insert(number) }
        }
        arriving = [(source: Int, ports: Int)](repeating: (-1, PortTable.none), count: sides.count)
    }

    private mutating func numberNames() {
        var known: [[PodClass.NamedPort]: Int] = [:]
        for podClass in evaluation.classes.classes {
            let number = known[podClass.namedPorts] ?? known.count
            known[podClass.namedPorts] = number
            namesOf.append(number)
        }
    }

    private mutating func makeSides() {
        let profiles = evaluation.profiles(.ingress)
        let groups = profiles.policies.map { RuleGroups($0.map { evaluation.policies[$0] }, .ingress).groups }
        let asksNames = groups.map { $0.contains { !$0.ports.named.isEmpty } }
        var places: [SideKey: Int] = [:]
        for number in evaluation.classes.classes.indices {
            let profile = profiles.profileOf[number]
            let key = SideKey(profile: profile, names: asksNames[profile] ? namesOf[number] : -1)
            let place = places[key] ?? sides.count
            if place == sides.count {
                places[key] = place
                sides.append(Side(groups: profile == IsolationProfiles.open ? nil : resolved(groups[profile], number)))
            }
            sides[place].classes.insert(number)
            sideOf.append(place)
        }
    }

    private mutating func resolved(_ groups: [RuleGroups.Group], _ target: Int) -> [(peers: PeerSet?, ports: Int)] {
        var found: [(peers: PeerSet?, ports: Int)] = []
        for group in groups {
            let ports = ports(group.ports, at: target)
            if ports != PortTable.none { found.append((group.peers, ports)) }
        }
        return found
    }

    private mutating func ports(_ ports: RulePorts, at target: Int) -> Int {
        let key = NamedKey(ports: ports, names: ports.named.isEmpty ? -1 : namesOf[target])
        if let known = named[key] { return known }
        let number = table.number(of: ports.ports(at: evaluation.classes.classes[target]))
        named[key] = number
        return number
    }

    func ports(_ number: Int) -> AllowedPorts { table[number] }

    /// In ascending order, without those to which no port is open.
    /// - Parameter target: of this one alone.
    mutating func targets(of source: Int, only target: Int? = nil) -> [(target: Int, ports: Int)] {
        take(source)
        var reached = open
        meaning[source].forEach { reached.formUnion(sides[$0].classes) }
        if let targets = leaving?.targets { reached.formIntersection(targets) }
        var numbers: [Int] = []
        if let target {
            numbers = reached.contains(target) ? [target] : []
        } else {
            reached.forEach { numbers.append($0) }
        }
        var found: [(target: Int, ports: Int)] = []
        for number in numbers {
            let ports = table.intersection(portsLeaving(to: number), portsArriving(at: sideOf[number], from: source))
            if ports != PortTable.none { found.append((number, ports)) }
        }
        return found
    }

    /// Sources of one isolation often follow one another.
    private mutating func take(_ source: Int) {
        let profiles = evaluation.profiles(.egress)
        let profile = profiles.profileOf[source]
        if leaving?.profile == profile { return }
        var made = Leaving(profile: profile, groups: nil, targets: nil, ports: [])
        if profile != IsolationProfiles.open {
            let groups = RuleGroups(profiles.policies[profile].map { evaluation.policies[$0] }, .egress).groups
            let targets = groups.contains { $0.peers == nil } ? nil : PeerSet(groups.compactMap(\.peers)).classes
            made = Leaving(
                profile: profile, groups: groups, targets: targets,
                ports: [Int?](repeating: nil, count: evaluation.classes.classes.count))
        }
        leaving = made
    }

    private mutating func portsLeaving(to target: Int) -> Int {
        guard let groups = leaving?.groups else { return PortTable.all }
        if let known = leaving?.ports[target] { return known }
        var found = PortTable.none
        for group in groups where found != PortTable.all && group.peers?.contains(target) ?? true {
            found = table.union(found, ports(group.ports, at: target))
        }
        leaving?.ports[target] = found
        return found
    }

    private mutating func portsArriving(at side: Int, from source: Int) -> Int {
        guard let groups = sides[side].groups else { return PortTable.all }
        if arriving[side].source == source { return arriving[side].ports }
        var found = PortTable.none
        for group in groups where found != PortTable.all && group.peers?.contains(source) ?? true {
            found = table.union(found, group.ports)
        }
        arriving[side] = (source, found)
        return found
    }
}
