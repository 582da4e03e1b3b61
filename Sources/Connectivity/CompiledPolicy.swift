import Manifests
import NetValues

/// A policy with its selectors answered: which classes it selects, and whom each of its rules means.
struct CompiledPolicy: Sendable {
    struct Rule: Sendable {
        /// Nil: everybody.
        let peers: ClassSet?
        /// All of the ports that have numbers.
        let numbered: AllowedPorts
        /// Those that each destination has to name.
        let named: [(name: String, transport: PortTransport)]
        let line: Int
        /// Whether it means any address outside the pods.
        let meansOutside: Bool

        func means(_ element: Int) -> Bool { peers?.contains(element) ?? true }
    }

    let policy: NetworkPolicy
    let selected: ClassSet
    let ingress: [Rule]
    let egress: [Rule]

    func rules(_ direction: NetworkPolicy.Direction) -> [Rule] { direction == .ingress ? ingress : egress }
}

/// Compiles policies; a selector or range that many of them name is answered once.
struct PolicyCompiler {
    private struct Question: Hashable {
        /// Nil where a selector of namespaces is asked.
        let namespace: String?
        let peer: NetworkPolicy.Peer
    }

    let classes: PodClasses
    let state: DeclaredState
    private var answers: [Question: ClassSet] = [:]
    private var namespaces: [LabelSelector: [String]] = [:]

    init(_ classes: PodClasses, _ state: DeclaredState) {
        self.classes = classes
        self.state = state
    }

    mutating func compile(_ policy: NetworkPolicy) -> CompiledPolicy {
        CompiledPolicy(
            policy: policy,
            selected: members(.pods(policy.selector, namespaces: nil), in: policy.namespace),
            ingress: rules(policy, .ingress), egress: rules(policy, .egress))
    }

    /// Rules of a direction that the policy does not isolate are not applied (NetworkPolicySpec.policyTypes).
    private mutating func rules(_ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction) -> [CompiledPolicy.Rule]
    {
        guard policy.isolates.contains(direction) else { return [] }
        var compiled: [CompiledPolicy.Rule] = []
        for rule in policy.rules(direction) {
            var peers: ClassSet?
            if let written = rule.peers {
                var found = ClassSet(bound: classes.bound)
                for entry in written { found.formUnion(members(entry.peer, in: policy.namespace)) }
                peers = found
            }
            compiled.append(Self.rule(rule, peers, classes))
        }
        return compiled
    }

    private static func rule(_ rule: NetworkPolicy.Rule, _ peers: ClassSet?, _ classes: PodClasses)
        -> CompiledPolicy.Rule
    {
        var numbered = rule.ports == nil ? AllowedPorts.all : .none
        var named: [(name: String, transport: PortTransport)] = []
        for port in rule.ports ?? [] {
            switch port.number {
            case .all: numbered = numbered.union(AllowedPorts(port.transport, AllowedPorts.everyNumber))
            case .range(let range): numbered = numbered.union(AllowedPorts(port.transport, range))
            case .named(let name): named.append((name, port.transport))
            }
        }
        return CompiledPolicy.Rule(
            peers: peers, numbered: numbered, named: named, line: rule.line,
            meansOutside: peers?.hasNumber(from: classes.classes.count) ?? true)
    }

    private mutating func members(_ peer: NetworkPolicy.Peer, in namespace: String) -> ClassSet {
        var question = Question(namespace: nil, peer: peer)
        if case .pods(_, namespaces: nil) = peer { question = Question(namespace: namespace, peer: peer) }
        if let known = answers[question] { return known }
        let found: ClassSet =
            switch peer {
            case .block(let range, let except): classes.members(of: range, except: except)
            case .pods(let pods, nil): classes.selected(by: pods, in: [namespace])
            case .pods(let pods, let selector?): classes.selected(by: pods, in: namespaces(selector))
            }
        answers[question] = found
        return found
    }

    private mutating func namespaces(_ selector: LabelSelector) -> [String] {
        if let known = namespaces[selector] { return known }
        let found = classes.namespaces.filter { selector.matches(state.labels(ofNamespace: $0)) }
        namespaces[selector] = found
        return found
    }
}
