import Manifests
import NetValues

/// Workloads that no policy can tell apart are one class: as many decisions as there are kinds of pods, not pods.
struct PodClass: Hashable, Sendable {
    struct NamedPort: Hashable, Sendable {
        let name: String
        let transport: PortTransport
        let number: UInt16
    }

    let namespace: String
    let labels: [String: String]
    let isHostNetwork: Bool
    let namedPorts: [NamedPort]
    /// The regions that its known addresses lie in, of each family; empty where none is known.
    let regions: [Int]

    init(_ workload: Workload, _ regions: AddressRegions) {
        namespace = workload.namespace
        labels = workload.labels
        isHostNetwork = workload.isHostNetwork
        namedPorts = workload.template.ports.compactMap { port in
            port.name.map { NamedPort(name: $0, transport: port.transport, number: port.number) }
        }
        let places = workload.addresses.map { address in
            regions.region(around: AddressRange(around: address, length: 128))
        }
        self.regions = Set(places).sorted()
    }

    /// Of several containers the first that has the name.
    func port(named name: String, _ transport: PortTransport) -> UInt16? {
        namedPorts.first { $0.name == name && $0.transport == transport }?.number
    }
}

/// All classes, and which of them a selector or a range means.
struct PodClasses: Sendable {
    let classes: [PodClass]
    /// Of each workload.
    let classOf: [Int]
    /// The workloads of each class.
    let members: [[Int]]
    let regions: AddressRegions
    /// Classes, and behind them the regions.
    let bound: Int
    /// Classes whose pods have an address of their own: host-network pods are their node to every selector.
    private let networked: ClassSet
    private let byNamespace: [String: [Int]]
    private let byLabel: [String: [String: [Int]]]
    /// Classes with a known address in a region.
    private let byRegion: [Int: [Int]]
    /// Host-network classes whose addresses are not known.
    private let unknownNodes: [Int]

    init(_ state: DeclaredState, _ regions: AddressRegions) {
        var numbers: [PodClass: Int] = [:]
        var classes: [PodClass] = []
        var members: [[Int]] = []
        var classOf: [Int] = []
        for (index, workload) in state.workloads.enumerated() {
            let found = PodClass(workload, regions)
            let number = numbers[found] ?? classes.count
            if number == classes.count {
                numbers[found] = number
                classes.append(found)
                members.append([])
            }
            members[number].append(index)
            classOf.append(number)
        }
        self.classes = classes
        self.classOf = classOf
        self.members = members
        self.regions = regions
        bound = classes.count + regions.count
        var networked = ClassSet(bound: bound)
        var byNamespace: [String: [Int]] = [:]
        var byLabel: [String: [String: [Int]]] = [:]
        for (number, podClass) in classes.enumerated() {
            if !podClass.isHostNetwork { networked.insert(number) }
            byNamespace[podClass.namespace, default: []].append(number)
            for (key, value) in podClass.labels { byLabel[key, default: [:]][value, default: []].append(number) }
        }
        var byRegion: [Int: [Int]] = [:]
        for (number, podClass) in classes.enumerated() {
            for region in podClass.regions { byRegion[region, default: []].append(number) }
        }
        self.byRegion = byRegion
        unknownNodes = classes.indices.filter { classes[$0].isHostNetwork && classes[$0].regions.isEmpty }
        self.networked = networked
        self.byNamespace = byNamespace
        self.byLabel = byLabel
    }

    var namespaces: Dictionary<String, [Int]>.Keys { byNamespace.keys }

    func element(ofRegion region: Int) -> Int { classes.count + region }

    /// The classes of some namespaces that a selector selects.
    func selected(by selector: LabelSelector, in namespaces: some Sequence<String>) -> ClassSet {
        var found = ClassSet(bound: bound)
        for namespace in namespaces { for number in byNamespace[namespace] ?? [] { found.insert(number) } }
        found.formIntersection(networked)
        for requirement in selector.requirements {
            switch requirement.relation {
            case .isIn: found.formIntersection(labelled(requirement.key, requirement.values))
            case .notIn: found.subtract(labelled(requirement.key, requirement.values))
            case .exists: found.formIntersection(labelled(requirement.key, nil))
            case .doesNotExist: found.subtract(labelled(requirement.key, nil))
            }
        }
        return found
    }

    private func labelled(_ key: String, _ values: Set<String>?) -> ClassSet {
        var found = ClassSet(bound: bound)
        guard let postings = byLabel[key] else { return found }
        for value in values.map({ Array($0) }) ?? Array(postings.keys) {
            for number in postings[value] ?? [] { found.insert(number) }
        }
        return found
    }

    /// The regions in a range, and the classes all of whose known addresses of that family lie in it. A pod of unknown address is
    /// in no range, since ranges are meant for what is outside the cluster (NetworkPolicyPeer.ipBlock); but a host-network pod has some
    /// address of its node, which a range of all addresses holds.
    func members(of block: AddressRange, except: [AddressRange]) -> ClassSet {
        var places = ClassSet(bound: regions.count)
        places.insert(regions.subtree(of: block))
        for hole in except { places.remove(regions.subtree(of: hole)) }
        var found = ClassSet(bound: bound)
        for region in places.numbers { found.insert(element(ofRegion: region)) }
        let inside = Set(places.numbers.flatMap { byRegion[$0] ?? [] })
        for number in inside where classes[number].regions.allSatisfy({ isOther($0, block) || places.contains($0) }) {
            found.insert(number)
        }
        if block.length == 0, except.isEmpty { for number in unknownNodes { found.insert(number) } }
        return found
    }

    private func isOther(_ region: Int, _ block: AddressRange) -> Bool {
        regions.ranges[region].address.family != block.address.family
    }
}
