import NetValues
import Observations
import Planning

/// Where a trace ends that never came to its target, and of which nothing more specific is known.
struct PathStop {
    private let destination: IPAddress
    private let carrier: SoundingFact.Carrier
    private let last: Way.Router?
    let isAlive: Bool
    /// Routers went on answering up to the last limit that was tried.
    private let mostHops: Int?
    /// What other packets met, which were sent beside.
    private let other: SoundingFact?

    init?(_ check: CheckEvidence, _ evidence: Evidence) {
        guard check.isAllFailing, let series = check.paths.first, let sounding = series.sounding,
            !sounding.hops.contains(where: \.outcome.isEnd)
        else { return nil }
        destination = series.summary.destination.address
        carrier = series.summary.carrier
        isAlive = evidence.isAlive(destination)
        let last = sounding.routers.last
        self.last = last
        mostHops = sounding.hops.last.flatMap { $0.limit == last?.limit ? $0.limit : nil }
        other = check.soundings.first { $0.carrier != series.summary.carrier }
    }

    /// With which the target answered the other packets.
    private var distance: Int? { other?.hops.first { $0.outcome.isEnd }?.limit }

    /// The first router that other packets came to, and these did not.
    private var next: Way.Router? { other?.routers.first { $0.limit > last?.limit ?? 0 } }

    var summary: String {
        if let mostHops {
            return
                "\(destination) is further away than \(counted(mostHops, "hop")): routers answered to the end, and the target did not."
        }
        let place =
            last.map { "behind hop \($0.limit) (\($0.address)) nothing answers" } ?? "no router on the way answers"
        guard isAlive, let other, let distance else {
            return "\(destination) is not reached by \(carrier.words)\(isAlive ? ", although it is up" : ""): \(place)."
        }
        return distance == (last?.limit ?? 0) + 1
            ? "The way to \(destination) is known to its end (\(counted(distance, "hop"))), but the target answers no \(carrier.words)."
            : "\(destination) is not reached by \(carrier.words), although it answers \(other.carrier.words) from \(counted(distance, "hop")) away: \(place)."
    }

    var cause: String {
        if mostHops != nil { return "The way is longer than the hops that were tried, or goes on without end." }
        if isAlive, let other, let distance {
            let filter = next.map {
                ", or a filter before \($0.address) (hop \($0.limit)), which \(other.carrier.words) came to, drops it"
            }
            return distance == (last?.limit ?? 0) + 1
                ? "A filter at the last router or of the target's own drops these packets, or the target does not answer them by intention: many hosts do so. The way itself works."
                : "Packets of this kind end on a way that others pass: routers behind that may not answer these and the target neither\(filter ?? "")."
        }
        let what = isAlive ? "the target does not answer them" : "the target does not answer them, or it is down"
        return
            "Packets of this kind leave and bring nothing back from there on: a filter drops them, or \(what); hops in between may stay silent although they pass packets on. From here these look alike."
    }

    /// What else to look at, where the plan does not say that the target must answer: packets of this kind are often dropped on purpose,
    /// and other traffic may get through.
    func remedy(_ check: CheckEvidence) -> [String]? {
        guard !check.check.expectation.parameters.has("reaches"),
            check.samples.allSatisfy({ $0.outcome == .failed(.path) })
        else { return nil }
        let others: [SoundingFact.Carrier] = [.tcp, .icmp, .udp].filter { $0 != carrier }
        let methods = others.map { $0 == .tcp ? "--method tcp --port PORT" : "--method \($0.rawValue)" }
        return [
            "trace with what the application sends (leadsman trace \(destination) \(methods.joined(separator: ", or "))): filters tell kinds of packets apart",
            "check the service itself (leadsman check HOST:PORT): a target that is silent here may still serve",
        ]
    }
}
