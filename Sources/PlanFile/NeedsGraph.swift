/// Who waits for whom. Walked without recursion: a chain may be as long as the plan.
struct NeedsGraph {
    struct Edge {
        let target: Int
        /// Which of the check's needs it is.
        let position: Int
    }

    struct Cycle {
        /// In the order of needing, the first few when it is long.
        let nodes: [Int]
        let isCut: Bool
        /// The need that closes it.
        let closing: (node: Int, position: Int)
    }

    let edges: [[Edge]]
    private static let shown = 8

    private enum Colour { case untouched, onPath(depth: Int), finished }

    /// One cycle for each edge that leads back to the path that it is reached by.
    func cycles() -> [Cycle] {
        var cycles: [Cycle] = []
        var colours = [Colour](repeating: .untouched, count: edges.count)
        for start in edges.indices {
            guard case .untouched = colours[start] else { continue }
            walk(from: start, &colours, &cycles)
        }
        return cycles
    }

    private func walk(from start: Int, _ colours: inout [Colour], _ cycles: inout [Cycle]) {
        var path = [(node: start, next: 0)]
        colours[start] = .onPath(depth: 0)
        while let (node, next) = path.last {
            guard next < edges[node].count else {
                colours[node] = .finished
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let edge = edges[node][next]
            switch colours[edge.target] {
            case .finished: continue
            case .onPath(let depth):
                let around = path[depth...].prefix(Self.shown).map(\.node)
                let isCut = path.count - depth > Self.shown
                cycles.append(Cycle(nodes: around, isCut: isCut, closing: (node, edge.position)))
            case .untouched:
                colours[edge.target] = .onPath(depth: path.count)
                path.append((edge.target, 0))
            }
        }
    }
}
