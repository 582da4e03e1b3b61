import Manifests

/// Which policies isolate each class in one direction. Classes that the same ones isolate have one profile: as many lists as there are
/// kinds of isolation.
struct IsolationProfiles: Sendable {
    /// What no policy isolates.
    static let open = 0

    /// Of each class.
    private(set) var profileOf: [Int]
    /// Indices of the policies of each profile, ascending.
    private(set) var policies: [[Int]] = [[]]

    /// Policy by policy, each profile is cut in those of its classes that are selected, and the others.
    init(_ compiled: [CompiledPolicy], _ direction: NetworkPolicy.Direction, classes count: Int) {
        profileOf = [Int](repeating: Self.open, count: count)
        var sizes = [count]
        for (index, policy) in compiled.enumerated() where policy.policy.isolates.contains(direction) {
            var selected: [Int: [Int]] = [:]
            policy.selected.forEach { selected[profileOf[$0], default: []].append($0) }
            for (old, classes) in selected.sorted(by: { $0.key < $1.key }) {
                if old != Self.open, classes.count == sizes[old] {
                    policies[old].append(index)
                    continue
                }
                sizes[old] -= classes.count
                for number in classes { profileOf[number] = policies.count }
                sizes.append(classes.count)
                policies.append(policies[old] + [index])
            }
        }
    }

    func policies(of number: Int) -> [Int] { policies[profileOf[number]] }
}
