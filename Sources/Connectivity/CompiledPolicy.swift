import Manifests
import NetValues

/// The ports of a rule.
struct RulePorts: Hashable, Sendable {
    /// All of the ports that have numbers.
    let numbered: AllowedPorts
    /// Those that each destination has to name.
    let named: [PolicyWords.PortName]

    init(_ rule: NetworkPolicy.Rule) {
        var numbered = rule.ports == nil ? AllowedPorts.all : .none
        var named: [PolicyWords.PortName] = []
        for port in rule.ports ?? [] {
            switch port.number {
            case .all: numbered = numbered.union(AllowedPorts(port.transport, AllowedPorts.everyNumber))
            case .range(let range): numbered = numbered.union(AllowedPorts(port.transport, range))
            case .named(let name): named.append(PolicyWords.PortName(name: name, transport: port.transport))
            }
        }
        self.numbered = numbered
        self.named = named
    }

    /// At a class of pods; nil: outside, where nothing has a name.
    func ports(at target: PodClass?) -> AllowedPorts {
        guard !named.isEmpty, let target else { return numbered }
        return named.reduce(numbered) { allowed, port in
            guard let number = target.port(port) else { return allowed }
            return allowed.union(AllowedPorts(port.transport, number...number))
        }
    }
}

/// A policy with its selectors answered: which classes it selects, and whom each of its rules means.
struct CompiledPolicy: Sendable {
    struct Rule: Sendable {
        /// Nil: everybody.
        let peers: PeerSet?
        let ports: RulePorts
        let line: Int

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

    private let classes: PodClasses
    /// What a namespaceSelector sees of each namespace that has pods.
    private let labels: [String: [String: String]]
    private let byLabel: [String: [String: [String]]]
    private var answers: [Question: PeerSet] = [:]
    private var namespaces: [LabelSelector: ClassSet] = [:]

    init(_ classes: PodClasses, _ state: DeclaredState) {
        self.classes = classes
        var labels: [String: [String: String]] = [:]
        var byLabel: [String: [String: [String]]] = [:]
        for name in classes.namespaces {
            let own = state.labels(ofNamespace: name)
            labels[name] = own
            for (key, value) in own { byLabel[key, default: [:]][value, default: []].append(name) }
        }
        self.labels = labels
        self.byLabel = byLabel
    }

    mutating func compile(_ policy: NetworkPolicy) -> CompiledPolicy {
        CompiledPolicy(
            policy: policy,
            selected: members(.pods(policy.selector, namespaces: nil), in: policy.namespace).classes,
            ingress: rules(policy, .ingress), egress: rules(policy, .egress))
    }

    /// Rules of a direction that the policy does not isolate are not applied (NetworkPolicySpec.policyTypes).
    private mutating func rules(_ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction) -> [CompiledPolicy.Rule]
    {
        guard policy.isolates.contains(direction) else { return [] }
        var compiled: [CompiledPolicy.Rule] = []
        for rule in policy.rules(direction) {
            var peers: PeerSet?
            if let written = rule.peers {
                var parts: [PeerSet] = []
                for entry in written { parts.append(members(entry.peer, in: policy.namespace)) }
                peers = PeerSet(parts)
            }
            compiled.append(CompiledPolicy.Rule(peers: peers, ports: RulePorts(rule), line: rule.line))
        }
        return compiled
    }

    private mutating func members(_ peer: NetworkPolicy.Peer, in namespace: String) -> PeerSet {
        var question = Question(namespace: nil, peer: peer)
        if case .pods(_, namespaces: nil) = peer { question = Question(namespace: namespace, peer: peer) }
        if let known = answers[question] { return known }
        let found: PeerSet =
            switch peer {
            case .block(let range, let except): classes.members(of: range, except: except)
            case .pods(let pods, nil): PeerSet(classes.selected(by: pods, among: classes.classes(in: namespace)))
            case .pods(let pods, let selector?): PeerSet(classes.selected(by: pods, among: everyClass(of: selector)))
            }
        answers[question] = found
        return found
    }

    /// The classes of the namespaces that a selector selects.
    private mutating func everyClass(of selector: LabelSelector) -> ClassSet {
        if let known = namespaces[selector] { return known }
        var found = ClassSet()
        for name in candidates(selector) where selector.matches(labels[name] ?? [:]) {
            found.formUnion(classes.classes(in: name))
        }
        namespaces[selector] = found
        return found
    }

    /// Namespaces without which no other can match: by a label that is asked for, since most selectors name one.
    private func candidates(_ selector: LabelSelector) -> [String] {
        guard let asked = selector.requirements.first(where: { $0.relation == .isIn }) else {
            return Array(labels.keys)
        }
        return asked.values.flatMap { byLabel[asked.key]?[$0] ?? [] }
    }
}
