import Manifests
import NetValues

/// What the NetworkPolicies of a declared state allow (networking.k8s.io/v1): a pod that a policy selects is isolated in the
/// policy's directions, and then only what a rule of any such policy names may pass. A flow needs both ends.
///
/// - A policy that the API would refuse (`NetworkPolicy.mistakes`) does not exist in a cluster, and is left out: see `refused`.
/// - Host-network pods are their node: no policy selects them, no selector means them, only an ipBlock does.
/// - An ipBlock means a pod whose addresses are known by them, and none whose addresses are not (but see `PodClasses.members`).
/// - A named port is that of the pod that the packet goes to; a name that it does not have means nothing.
package struct PolicyEvaluation: Sendable {
    package let state: DeclaredState
    /// Policies that the API would refuse.
    package let refused: [NetworkPolicy]
    /// Policies of whose name another was given later: what is applied last counts.
    package let replaced: [NetworkPolicy]
    let classes: PodClasses
    let policies: [CompiledPolicy]
    let nodes: NodePlaces
    private let ingress: IsolationProfiles
    private let egress: IsolationProfiles
    private let workloadAt: [IPAddress: Int]

    /// - Parameter borders: further ranges at which addresses are told apart, beside those that the policies name.
    package init(_ state: DeclaredState, borders: [AddressRange] = []) {
        self.state = state
        let applied = AppliedPolicies(state)
        refused = applied.refused
        replaced = applied.replaced
        let valid = applied.policies
        let classes = PodClasses(state, PolicyWords(valid), AddressRegions(Self.borders(of: valid) + borders))
        var compiler = PolicyCompiler(classes, state)
        policies = valid.map { compiler.compile($0) }
        self.classes = classes
        nodes = NodePlaces(state)
        ingress = IsolationProfiles(policies, .ingress, classes: classes.classes.count)
        egress = IsolationProfiles(policies, .egress, classes: classes.classes.count)
        var workloadAt: [IPAddress: Int] = [:]
        for (index, workload) in state.workloads.enumerated() where !workload.isHostNetwork {
            for address in workload.addresses { workloadAt[address] = index }
        }
        self.workloadAt = workloadAt
    }

    /// The ranges that policies name, at which addresses outside the pods are told apart.
    package static func borders(of state: DeclaredState) -> [AddressRange] {
        borders(of: state.policies.filter { $0.mistakes.isEmpty })
    }

    private static func borders(of policies: [NetworkPolicy]) -> [AddressRange] {
        policies.flatMap { $0.borders(.ingress) + $0.borders(.egress) }.unique()
    }

    /// An index into `state.workloads`; nodes' addresses are no pod's.
    package func workload(at address: IPAddress) -> Int? { workloadAt[address] }

    /// The name of the node that has an address, as far as nodes and pods with their network were declared.
    package func node(at address: IPAddress) -> String? { nodes.node(at: address) }

    /// The pod that has an address, or the address itself.
    package func party(at address: IPAddress) -> Party {
        workloadAt[address].map { .workload($0) } ?? .range(AddressRange(around: address, length: 128))
    }

    /// The policies that isolate a workload in a direction; none where everything passes.
    package func policies(isolating workload: Int, _ direction: NetworkPolicy.Direction) -> [NetworkPolicy] {
        isolating(classes.classOf[workload], direction).map { policies[$0].policy }
    }

    package func isIsolated(_ workload: Int, _ direction: NetworkPolicy.Direction) -> Bool {
        isIsolated(element: classes.classOf[workload], direction)
    }

    /// Of a range, or of everything outside, it is allowed where it is allowed for each address; denied, it says what denies the first.
    /// - Parameter port: where the packet goes in the end: of a Service the target port.
    package func verdict(from: Party, to: Party, transport: PortTransport, port: UInt16) -> PolicyVerdict {
        if let exemption = exemption(from, to) {
            return PolicyVerdict(egress: .open, ingress: .open, exemption: exemption)
        }
        let targets = elements(of: to)
        var egress: [PolicyVerdict.Side] = []
        var ingress: [PolicyVerdict.Side] = []
        for source in elements(of: from) {
            for target in targets {
                let verdict = verdict(source, target, transport, port)
                if !verdict.isAllowed { return verdict }
                egress.append(verdict.egress)
                ingress.append(verdict.ingress)
            }
        }
        return PolicyVerdict(egress: Self.joined(egress), ingress: Self.joined(ingress))
    }

    /// The ports that may be reached; of a range, or of everything outside, those that may be for each address.
    package func ports(from: Party, to: Party) -> AllowedPorts {
        if exemption(from, to) != nil { return .all }
        let targets = elements(of: to)
        var allowed = AllowedPorts.all
        for source in elements(of: from) {
            for target in targets { allowed = allowed.intersection(ports(source, target)) }
        }
        return allowed
    }

    /// Flows that policies cannot stop.
    package func exemption(_ from: Party, _ to: Party) -> PolicyVerdict.Exemption? {
        if case .workload(let source) = from, case .workload(let target) = to, source == target,
            state.workloads[source].kind == "Pod"
        {
            return .itself
        }
        return nodes.areOneNode(from, to) ? .ownNode : nil
    }

    private static func joined(_ sides: [PolicyVerdict.Side]) -> PolicyVerdict.Side {
        let decisions = sides.flatMap(\.decisions).unique()
        return decisions.isEmpty ? .open : .allowed(decisions)
    }
}

extension PolicyEvaluation {
    func profiles(_ direction: NetworkPolicy.Direction) -> IsolationProfiles {
        direction == .ingress ? ingress : egress
    }

    /// Indices of the policies that isolate a class; nothing isolates what is outside.
    func isolating(_ element: Int, _ direction: NetworkPolicy.Direction) -> [Int] {
        element >= 0 ? profiles(direction).policies(of: element) : []
    }

    func isIsolated(element: Int, _ direction: NetworkPolicy.Direction) -> Bool {
        element >= 0 && profiles(direction).profileOf[element] != IsolationProfiles.open
    }

    func elements(of party: Party) -> [Int] {
        switch party {
        case .workload(let index): [classes.classOf[index]]
        case .range(let range): classes.regions.regions(of: range).map(classes.element)
        case .external: classes.regions.all.map(classes.element)
        }
    }

    func ports(_ source: Int, _ target: Int) -> AllowedPorts {
        let leaving = ports(.egress, source, target)
        return leaving.isEmpty ? leaving : leaving.intersection(ports(.ingress, source, target))
    }

    /// What one end lets pass.
    func ports(_ direction: NetworkPolicy.Direction, _ source: Int, _ target: Int) -> AllowedPorts {
        let (own, peer) = direction == .egress ? (source, target) : (target, source)
        guard isIsolated(element: own, direction) else { return .all }
        var allowed = AllowedPorts.none
        for index in isolating(own, direction) {
            for rule in policies[index].rules(direction) where rule.means(peer) {
                allowed = allowed.union(ports(of: rule, at: target))
                if allowed.isEverything { return allowed }
            }
        }
        return allowed
    }

    private func ports(of rule: CompiledPolicy.Rule, at target: Int) -> AllowedPorts {
        rule.ports.ports(at: target >= 0 ? classes.classes[target] : nil)
    }

    /// Between classes and regions.
    func verdict(_ source: Int, _ target: Int, _ transport: PortTransport, _ port: UInt16) -> PolicyVerdict {
        PolicyVerdict(
            egress: side(.egress, source, target, transport, port),
            ingress: side(.ingress, source, target, transport, port))
    }

    private func side(
        _ direction: NetworkPolicy.Direction, _ source: Int, _ target: Int, _ transport: PortTransport, _ port: UInt16
    ) -> PolicyVerdict.Side {
        let (own, peer) = direction == .egress ? (source, target) : (target, source)
        guard isIsolated(element: own, direction) else { return .open }
        var allowing: [PolicyDecision] = []
        for index in isolating(own, direction) {
            let policy = policies[index]
            for (number, rule) in policy.rules(direction).enumerated()
            where rule.means(peer) && ports(of: rule, at: target).contains(transport, port) {
                allowing.append(PolicyDecision(policy.policy, direction, rule: number, line: rule.line))
            }
        }
        guard allowing.isEmpty else { return .allowed(allowing) }
        return .denied(isolating(own, direction).map { PolicyDecision(policies[$0].policy, direction) })
    }
}

extension NetworkPolicy {
    /// The ranges at which the rules of a direction tell addresses apart.
    func borders(_ direction: Direction) -> [AddressRange] {
        rules(direction).flatMap { $0.peers ?? [] }.flatMap { entry -> [AddressRange] in
            if case .block(let range, let except) = entry.peer { [range] + except } else { [] }
        }
    }
}

extension PolicyDecision {
    /// By a rule at its line, or by isolating, at the policy's own.
    init(_ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction, rule: Int? = nil, line: Int? = nil) {
        let place = line.map { ManifestPlace(file: policy.object.file, line: $0) } ?? policy.object.place
        self.init(
            place: place, policy: "\(policy.namespace)/\(policy.name)", direction: direction, rule: rule)
    }
}
