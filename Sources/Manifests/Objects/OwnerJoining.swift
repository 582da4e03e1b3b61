import NetValues

/// Pods go by their topmost owner, as people know them; its template stands for all of them.
enum OwnerJoining {
    private struct Key: Hashable {
        let namespace: String
        let kind: String
        let name: String
    }

    /// The same workload declared twice stays two: what is wrong there is for a rule to say.
    static func join(_ all: [Workload]) -> [Workload] {
        var places: [Key: Int] = [:]
        for (index, workload) in all.enumerated() { places[key(workload)] = index }
        var joined = all
        var isOwned = [Bool](repeating: false, count: all.count)
        for (index, workload) in all.enumerated() {
            guard let top = top(of: index, all, places) else { continue }
            isOwned[index] = true
            joined[top].addresses += workload.addresses
        }
        return zip(joined, isOwned).filter { !$0.1 && !$0.0.isOver }.map(\.0)
    }

    private static func key(_ workload: Workload) -> Key {
        Key(namespace: workload.namespace, kind: workload.kind, name: workload.name)
    }

    /// Pod, ReplicaSet, Deployment and one more are the longest chain there is; a circle ends there too.
    private static let longestChain = 5

    private static func top(of index: Int, _ all: [Workload], _ places: [Key: Int]) -> Int? {
        var current = index
        for _ in 0..<longestChain {
            guard let owner = all[current].owner,
                let next = places[Key(namespace: all[current].namespace, kind: owner.kind, name: owner.name)],
                next != current
            else { break }
            current = next
        }
        return current == index ? nil : current
    }
}
