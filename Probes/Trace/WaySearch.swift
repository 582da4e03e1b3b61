import NetValues
import Observations

/// How many flows show all next hops: the stopping rule of multipath detection, for each hop limit by itself.
struct WaySearch {
    private let destination: IPAddress
    private let mostFlows: Int
    /// By limit: who answered, and how many flows were answered at all.
    private var responders: [Int: Set<IPAddress>] = [:]
    private var answered: [Int: Int] = [:]

    init(_ flows: [HopsFound], destination: IPAddress, mostFlows: Int) {
        self.destination = destination
        self.mostFlows = mostFlows
        for flow in flows {
            var limits: Set<Int> = []
            // The target is one, however many ways lead there.
            for hop in flow.hops where !hop.isArrival(at: destination) {
                guard let responder = hop.responder(towards: destination) else { continue }
                responders[hop.limit, default: []].insert(responder)
                limits.insert(hop.limit)
            }
            for limit in limits { answered[limit, default: 0] += 1 }
        }
    }

    /// So many flows are needed to be sure.
    var wanted: Int {
        min(mostFlows, responders.values.map { Self.flowsNeeded(toExclude: $0.count + 1) }.max() ?? 1)
    }

    var spread: PathSpread {
        let undecided = responders.keys.filter { limit in
            answered[limit, default: 0] < Self.flowsNeeded(toExclude: (responders[limit]?.count ?? 0) + 1)
        }
        return PathSpread(mostFlows: mostFlows, undecided: undecided.sorted())
    }

    /// The least n at which, of `ways` equally likely ones, one is left out by n flows with less than 5 %.
    static func flowsNeeded(toExclude ways: Int) -> Int {
        let share = 1 - 1 / Double(max(2, ways))
        var chance = Double(ways)
        var flows = 0
        while chance > 1 - PathSpread.confidence {
            chance *= share
            flows += 1
        }
        return flows
    }
}
