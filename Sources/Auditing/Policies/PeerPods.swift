import Manifests

/// Which pods a peer could mean, each question answered once.
struct PeerPods {
    typealias Wanted = (selector: LabelSelector, namespaces: LabelSelector?)

    private let state: DeclaredState
    private let pods: [String: [PodGroup]]
    /// Labels of all pods, and what all Services select.
    private let labels: [[String: String]]
    private let byLabel: [String: [String: [Int]]]
    private var known: [LabelSelector: Bool] = [:]
    private var search = NearLabelSearch()

    init(_ groups: PodGroups) {
        state = groups.state
        pods = Dictionary(grouping: groups.groups, by: \.namespace)
        let labels = Array(Set(groups.groups.map(\.labels) + groups.state.services.compactMap(\.selector)))
        var byLabel: [String: [String: [Int]]] = [:]
        for (index, owner) in labels.enumerated() {
            for (key, value) in owner { byLabel[key, default: [:]][value, default: []].append(index) }
        }
        self.labels = labels
        self.byLabel = byLabel
    }

    /// Whether anything that was read, in whichever namespace, has such labels.
    mutating func areKnown(_ wanted: Wanted) -> Bool {
        if let answer = known[wanted.selector] { return answer }
        let narrow = wanted.selector.requirements.first { $0.relation == .isIn }
        let candidates =
            narrow.map { requirement in requirement.values.flatMap { byLabel[requirement.key]?[$0] ?? [] } }
            ?? Array(labels.indices)
        let answer = candidates.contains { wanted.selector.matches(labels[$0]) }
        known[wanted.selector] = answer
        return answer
    }

    mutating func near(_ wanted: Wanted, of policy: NetworkPolicy) -> NearLabel? {
        let names =
            wanted.namespaces.map { selector in
                pods.keys.filter { selector.matches(state.labels(ofNamespace: $0)) }.sorted()
            } ?? [policy.namespace]
        return search.find(wanted.selector, among: names.flatMap { pods[$0] ?? [] }.map(\.labels))
    }
}
