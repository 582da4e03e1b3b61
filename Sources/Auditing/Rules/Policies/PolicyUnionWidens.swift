import Diagnosis
import Manifests
import NetValues
import Planning

/// A narrow policy beside a wide one (catalogue section 14).
enum PolicyUnionWidens: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-union-widens", severity: .warning, title: "A narrow policy has no effect beside a wider one",
        signals: [
            "two policies select the same pods in one direction, and a rule of one allows all that the other allows, and more"
        ],
        lookalikes: [
            "a default that denies everything, or DNS for all pods, beside narrow rules: that is how policies are meant"
        ],
        traps: ["the order of policies means nothing: they add up", "AdminNetworkPolicies do have an order"],
        remedy: ["tighten the wide rule, or take the narrow policy away if the wide one is meant"])

    static func findings(in state: DeclaredState) -> [Finding] {
        let groups = PodGroups(state)
        var told: Set<String> = []
        return groups.policies.flatMap { narrow in
            NetworkPolicy.Direction.allCases.compactMap { direction -> Finding? in
                let rules = narrow.rules(direction)
                guard narrow.isolates.contains(direction), !rules.isEmpty else { return nil }
                let around = groups.policies(around: narrow, direction)
                guard around.count > 1 else { return nil }
                for wide in around where wide.object.place != narrow.object.place {
                    guard let rule = wide.rules(direction).first(where: { covers($0, wide, rules, narrow) }) else {
                        continue
                    }
                    let place = ManifestPlace(file: wide.object.file, line: rule.line)
                    guard told.insert("\(narrow.object.title) \(direction) \(place)").inserted else { return nil }
                    return tell(narrow, wide, rule, direction, place)
                }
                return nil
            }
        }
    }

    /// All of the narrow rules and something that none of them allows.
    private static func covers(
        _ wide: NetworkPolicy.Rule, _ policy: NetworkPolicy, _ rules: [NetworkPolicy.Rule], _ narrow: NetworkPolicy
    ) -> Bool {
        rules.allSatisfy { rule in
            ports(wide.ports, cover: rule.ports) && peers(wide.peers, cover: rule.peers)
        }
            && rules.contains { rule in
                !ports(rule.ports, cover: wide.ports) || !peers(rule.peers, cover: wide.peers)
            }
            && !rules.contains { ports($0.ports, cover: wide.ports) && peers($0.peers, cover: wide.peers) }
    }

    private static func ports(_ wide: [NetworkPolicy.PortEntry]?, cover narrow: [NetworkPolicy.PortEntry]?) -> Bool {
        guard let wide else { return true }
        guard let narrow else { return false }
        return narrow.allSatisfy { entry in
            wide.contains { other in
                guard other.transport == entry.transport else { return false }
                return switch (other.number, entry.number) {
                case (.all, _): true
                case (.range(let outer), .range(let inner)):
                    outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound
                case (.named(let one), .named(let other)): one == other
                default: false
                }
            }
        }
    }

    private static func peers(_ wide: [NetworkPolicy.PeerEntry]?, cover narrow: [NetworkPolicy.PeerEntry]?) -> Bool {
        guard let wide else { return true }
        guard let narrow else { return false }
        return narrow.allSatisfy { entry in wide.contains { covers($0.peer, entry.peer) } }
    }

    private static func covers(_ wide: NetworkPolicy.Peer, _ narrow: NetworkPolicy.Peer) -> Bool {
        switch (wide, narrow) {
        case (.block(let outer, let holes), .block(let inner, let others)):
            return outer.contains(inner)
                && holes.allSatisfy { hole in !hole.overlaps(inner) || others.contains { $0.contains(hole) } }
        case (.pods(let outer, let spaces), .pods(let inner, let others)):
            guard Set(inner.requirements).isSuperset(of: outer.requirements) else { return false }
            switch (spaces, others) {
            case (nil, nil): return true
            case (let spaces?, nil): return spaces.selectsEverything
            case (nil, .some): return false
            case (let spaces?, let others?): return Set(others.requirements).isSuperset(of: spaces.requirements)
            }
        default: return false
        }
    }

    private static func tell(
        _ narrow: NetworkPolicy, _ wide: NetworkPolicy, _ rule: NetworkPolicy.Rule,
        _ direction: NetworkPolicy.Direction, _ place: ManifestPlace
    ) -> Finding {
        let own = narrow.object.place.words.map { " (\($0))" } ?? ""
        return finding(
            wide.object, at: place,
            summary:
                "A rule of \(wide.object.title) allows \(direction.rawValue) \(EgressWords.rule(rule, direction)): \(narrow.object.title), which means to allow less to the same pods, has no effect.",
            evidence: [
                "\(narrow.object.title)\(own) allows only \(listed(narrow.rules(direction).map { EgressWords.rule($0, direction) }.unique()))",
                wide.selector == narrow.selector
                    ? "both are for \(EgressWords.pods(narrow.selector))"
                    : "\(wide.object.title) is for \(EgressWords.pods(wide.selector)), and so for \(EgressWords.pods(narrow.selector)) too",
            ],
            cause: "Policies add up: a flow that one of them allows passes, whatever the others say.")
    }
}
