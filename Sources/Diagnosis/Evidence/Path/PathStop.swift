import NetValues
import Observations

/// Where a trace ends that never came to its target, and of which nothing more specific is known.
struct PathStop {
    private let destination: IPAddress
    private let carrier: SoundingFact.Carrier
    private let last: Way.Router?
    private let isAlive: Bool
    /// Routers went on answering up to the last limit that was tried.
    private let mostHops: Int?

    init?(_ check: CheckEvidence, _ evidence: Evidence) {
        guard check.isAllFailing, let series = check.paths.first, let sounding = series.sounding,
            !sounding.hops.contains(where: \.outcome.isEnd)
        else { return nil }
        destination = series.summary.destination.address
        carrier = series.summary.carrier
        isAlive = evidence.isAlive(destination)
        let last = sounding.hops.reversed().lazy.compactMap { hop -> Way.Router? in
            if case .expired(let router) = hop.outcome { (hop.limit, router) } else { nil }
        }.first
        self.last = last
        mostHops = sounding.hops.last.flatMap { $0.limit == last?.limit ? $0.limit : nil }
    }

    var summary: String {
        if let mostHops {
            return
                "\(destination) is further away than \(counted(mostHops, "hop")): routers answered to the end, and the target did not."
        }
        guard let last else {
            return "\(destination) is not reached by \(carrier.words), and no router on the way answers either."
        }
        return
            "\(destination) is not reached by \(carrier.words)\(isAlive ? ", although it is up" : ""): behind hop \(last.limit) (\(last.address)) nothing answers."
    }

    var cause: String {
        if mostHops != nil { return "The way is longer than the hops that were tried, or goes on without end." }
        let what =
            isAlive
            ? "a filter drops them, or the target does not answer them"
            : "a filter drops them, or the target does not answer them, or it is down"
        return
            "Packets of this kind leave and bring nothing back from there on: \(what); hops in between may stay silent although they pass packets on. From here these look alike."
    }
}
