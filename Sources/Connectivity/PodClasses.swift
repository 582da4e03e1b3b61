import Manifests
import NetValues

/// Workloads that no policy can tell apart are one class: as many decisions as there are kinds of pods, not pods.
struct PodClass: Hashable, Sendable {
    struct NamedPort: Hashable, Sendable {
        let port: PolicyWords.PortName
        let number: UInt16
    }

    let namespace: String
    let labels: [String: PolicyWords.Value]
    let isHostNetwork: Bool
    let namedPorts: [NamedPort]
    /// The regions that its known addresses lie in, of each family; empty where none is known.
    let regions: [Int]

    init(_ workload: Workload, _ words: PolicyWords, _ regions: AddressRegions) {
        namespace = workload.namespace
        isHostNetwork = workload.isHostNetwork
        // No selector means what uses its node's network.
        labels = isHostNetwork ? [:] : words.seen(workload.labels)
        namedPorts = workload.template.ports.compactMap { port in
            let named = port.name.map { PolicyWords.PortName(name: $0, transport: port.transport) }
            return named.flatMap { words.isNamed($0) ? NamedPort(port: $0, number: port.number) : nil }
        }
        let places = workload.addresses.map { address in
            regions.region(around: AddressRange(around: address, length: 128))
        }
        self.regions = places.count == 1 ? places : Set(places).sorted()
    }

    /// Of several containers the first that has the name.
    func port(_ wanted: PolicyWords.PortName) -> UInt16? { namedPorts.first { $0.port == wanted }?.number }
}

/// All classes, by the names of the first workload of each, and which of them a selector or a range means.
struct PodClasses: Sendable {
    let classes: [PodClass]
    /// Of each workload.
    let classOf: [Int]
    /// The workloads of each class, by name.
    let members: [[Int]]
    let regions: AddressRegions
    /// Classes whose pods have an address of their own: host-network pods are their node to every selector.
    private let byNamespace: [String: ClassSet]
    private let byLabel: [String: [PolicyWords.Value: ClassSet]]
    /// Of each known address the region and the class, ascending.
    private let places: [(region: Int, number: Int)]
    /// Host-network classes whose addresses are not known.
    private let unknownNodes: ClassSet

    init(_ state: DeclaredState, _ words: PolicyWords, _ regions: AddressRegions) {
        var numbers: [PodClass: Int] = [:]
        var found: [(podClass: PodClass, members: [Int])] = []
        for (index, workload) in state.workloads.enumerated() {
            let podClass = PodClass(workload, words, regions)
            let number = numbers[podClass] ?? found.count
            if number == found.count {
                numbers[podClass] = number
                found.append((podClass, []))
            }
            found[number].members.append(index)
        }
        let titles = state.workloads.map(\.title)
        for number in found.indices { found[number].members.sort { (titles[$0], $0) < (titles[$1], $1) } }
        found.sort { (titles[$0.members[0]], $0.members[0]) < (titles[$1.members[0]], $1.members[0]) }
        classes = found.map(\.podClass)
        members = found.map(\.members)
        self.regions = regions
        var classOf = [Int](repeating: 0, count: state.workloads.count)
        for (number, members) in members.enumerated() { for index in members { classOf[index] = number } }
        self.classOf = classOf
        var byNamespace: [String: ClassSet] = [:]
        var byLabel: [String: [PolicyWords.Value: ClassSet]] = [:]
        var unknownNodes = ClassSet()
        for (number, podClass) in classes.enumerated() {
            if podClass.isHostNetwork {
                if podClass.regions.isEmpty { unknownNodes.insert(number) }
                continue
            }
            byNamespace[podClass.namespace, default: ClassSet()].insert(number)
            for (key, value) in podClass.labels {
                byLabel[key, default: [:]][value, default: ClassSet()].insert(number)
            }
        }
        self.byNamespace = byNamespace
        self.byLabel = byLabel
        self.unknownNodes = unknownNodes
        places = classes.enumerated().flatMap { number, podClass in podClass.regions.map { ($0, number) } }.sorted(
            by: <)
    }

    /// Of pods with an address of their own.
    var namespaces: Dictionary<String, ClassSet>.Keys { byNamespace.keys }

    /// Below every class.
    func element(ofRegion region: Int) -> Int { ~region }

    func classes(in namespace: String) -> ClassSet { byNamespace[namespace] ?? ClassSet() }

    /// Those of some classes that a selector of the policies selects.
    func selected(by selector: LabelSelector, among classes: ClassSet) -> ClassSet {
        var found = classes
        for requirement in selector.requirements {
            let values = requirement.values.map { PolicyWords.Value.named($0) }
            switch requirement.relation {
            case .isIn: found.formIntersection(labelled(requirement.key, values))
            case .notIn: found.subtract(labelled(requirement.key, values))
            case .exists: found.formIntersection(labelled(requirement.key, nil))
            case .doesNotExist: found.subtract(labelled(requirement.key, nil))
            }
        }
        return found
    }

    private func labelled(_ key: String, _ values: [PolicyWords.Value]?) -> ClassSet {
        guard let sets = byLabel[key] else { return ClassSet() }
        if let values, values.count == 1 { return sets[values[0]] ?? ClassSet() }
        var found = ClassSet()
        for value in values ?? Array(sets.keys) { if let set = sets[value] { found.formUnion(set) } }
        return found
    }

    /// The regions in a range, and the classes all of whose known addresses of that family lie in it. A pod of unknown address is
    /// in no range, since ranges are meant for what is outside the cluster (NetworkPolicyPeer.ipBlock); but a host-network pod has some
    /// address of its node, which a range of all addresses holds.
    func members(of block: AddressRange, except: [AddressRange]) -> PeerSet {
        let inside = Self.without(except.map(regions.subtree), in: regions.subtree(of: block))
        var found = block.length == 0 && except.isEmpty ? unknownNodes : ClassSet()
        for part in inside {
            var next = firstPlace(notBefore: part.lowerBound)
            while next < places.count, places[next].region < part.upperBound {
                let number = places[next].number
                next += 1
                if classes[number].regions.allSatisfy({ isOther($0, block) || inside.holds($0) }) {
                    found.insert(number)
                }
            }
        }
        return PeerSet(found, regions: inside)
    }

    private static func without(_ holes: [Range<Int>], in whole: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var next = whole.lowerBound
        for hole in holes.sorted(by: { $0.lowerBound < $1.lowerBound })
        where hole.upperBound > next && hole.lowerBound < whole.upperBound {
            if hole.lowerBound > next { parts.append(next..<hole.lowerBound) }
            next = hole.upperBound
        }
        if next < whole.upperBound { parts.append(next..<whole.upperBound) }
        return parts
    }

    private func firstPlace(notBefore region: Int) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].region < region { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isOther(_ region: Int, _ block: AddressRange) -> Bool {
        regions.ranges[region].address.family != block.address.family
    }
}
