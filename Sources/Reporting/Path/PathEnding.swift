import NetValues
import Observations
import Wire

/// How a trace ends, in words: the target and how it answered, who else put an end to it, or where nothing more is heard.
struct PathEnding {
    private let summary: PathSummary
    private let arrival: HopSummary?

    init(_ summary: PathSummary, _ arrival: HopSummary?) {
        self.summary = summary
        self.arrival = arrival
    }

    var words: String {
        if let arrival { return "reached in \(counted(arrival.limit, "hop")), \(manner(of: arrival))" }
        let target = summary.destination.address
        for hop in summary.hops {
            guard let refusal = hop.refusal(besides: target), case .failed(let failure) = refusal.outcome else {
                continue
            }
            // A router that passes on a hop less refuses what would run out behind it.
            let place = summary.hops.first { $0.responders.contains { $0.address == refusal.address } } ?? hop
            return "not reached: \(refusal.address) (hop \(place.limit)) says \(said(failure))"
        }
        if let failure = summary.hops.lazy.compactMap({ Self.ownFailure($0.latest) }).first {
            return "not reached: this host itself does not let the packets out (\(failure.name))"
        }
        guard let last = summary.hops.last(where: { $0.answered > 0 }) else {
            return "not reached: nobody answers, not even the first router"
        }
        let names = last.responders.map(\.address.description)
        let who = names.isEmpty ? "" : " (\(listed(names, limit: 3)))"
        // Behind the largest limit nobody was asked.
        return last.limit < summary.hops.count
            ? "not reached: nothing answers behind hop \(last.limit)\(who)"
            : "not reached: the limit of \(counted(last.limit, "hop")) ended it\(who), and nobody behind was asked"
    }

    private func said(_ failure: SocketFailure) -> String {
        guard let report = failure.icmp else { return failure.name }
        return icmpErrorName(type: report.type, code: report.code, isV6: report.origin == .icmpv6)
    }

    /// Of a packet that did not leave.
    private static func ownFailure(_ hop: PathHop?) -> SocketFailure? {
        guard case .failed(let failure)? = hop?.outcome, failure.icmp == nil || failure.icmp?.origin == .local else {
            return nil
        }
        return failure
    }

    private func manner(of hop: HopSummary) -> String {
        let target = summary.destination.address
        guard let responder = hop.responders.first(where: { $0.address == target }) else {
            return "where a reset comes back: the port is closed, or a device resets in the target's name"
        }
        switch (responder.outcome, summary.carrier) {
        case (.answered, .tcp): return "port \(summary.destination.port) is open"
        case (.answered, .icmp): return "it answers the echo request"
        case (.answered, .udp): return "a service answers"
        case (.failed(let failure), .udp) where failure.icmp?.isPortUnreachable == true:
            return "it says port unreachable, as expected"
        case (.failed(let failure), _): return "it says \(said(failure))"
        default: return "it answers"
        }
    }
}
