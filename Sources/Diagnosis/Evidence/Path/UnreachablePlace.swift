import NetValues
import Observations

/// Which router on the way says that there is none further, and who is before it, by soundings and traces.
struct UnreachablePlace {
    private let router: IPAddress
    private let limit: Int
    private let before: IPAddress?
    private let destination: IPAddress

    /// Nil where several routers say so, or nothing shows where the one stands.
    init?(
        _ reports: [ICMPErrorReport], _ destination: IPAddress, _ checks: [CheckEvidence], _ evidence: Evidence
    ) {
        let offenders = reports.compactMap(\.offender).unique()
        guard offenders.count == 1, let router = offenders.first, router != destination else { return nil }
        let ways = (checks.flatMap(\.wayEndpoints).filter { $0.address == destination }).compactMap {
            evidence.ways.to($0)
        }
        guard let place = ways.lazy.compactMap({ way in way.place(of: router).map { (way: way, limit: $0) } }).first
        else { return nil }
        self.router = router
        self.destination = destination
        limit = place.limit
        before = place.way.router(at: place.limit - 1)
    }

    var words: String { ", hop \(limit) of the way," }

    var line: String {
        guard limit > 1 else { return "\(router) is the first router of the way" }
        let known = before.map { "the way is known up to \($0) (hop \(limit - 1)), which passes packets on to it" }
        return known ?? "\(router) is hop \(limit); the hop before it stays silent"
    }

    var remedy: String {
        "look at the route on \(router) (ip route get \(destination)), and at what it has learned from its neighbours"
    }
}

/// The router that a host is attached to finds nobody there: host unreachable (RFC 792 3/1, RFC 4443 1/3) after the time in which address
/// resolution gives up, three questions of a second each (catalogue section 1.1).
struct MissingHost {
    let router: IPAddress
    let destination: IPAddress
    let elapsed: Duration
    let limit: Int?

    private static let leastTime = Duration.milliseconds(2500)
    private static let mostTime = Duration.seconds(12)
    /// Beyond what the same router takes to answer.
    private static let leastDelay = Duration.milliseconds(300)

    /// Packets of a trace join others that wait for the same question, and how soon the router answers what it knows is seen.
    private static func leastTime(_ check: CheckEvidence, _ router: IPAddress) -> Duration {
        let trips = check.paths.flatMap(\.summary.hops).filter { hop in
            hop.responders.contains {
                if case .expired = $0.outcome { $0.address == router } else { false }
            }
        }
        return trips.compactMap(\.roundTrips.spread?.max).max().map { min(leastTime, $0 * 3 + leastDelay) } ?? leastTime
    }

    static func all(in evidence: Evidence) -> [MissingHost] {
        var found: [MissingHost] = []
        for check in evidence.checks where check.isCutOff {
            for flow in check.decisiveFlows {
                guard case .unreachable(let report) = flow.outcome, report.isHostMissing, let router = report.offender,
                    flow.elapsed >= leastTime(check, router), flow.elapsed <= mostTime,
                    !evidence.carriers.explainsNothing(flow, of: check),
                    !found.contains(where: { $0.router == router && $0.destination == flow.destination })
                else { continue }
                let ways = check.wayEndpoints.filter { $0.address == flow.destination }.compactMap {
                    evidence.ways.to($0)
                }
                found.append(
                    MissingHost(
                        router: router, destination: flow.destination, elapsed: flow.elapsed,
                        limit: ways.lazy.compactMap { $0.place(of: router) }.first))
            }
        }
        return found
    }

    /// Also what the same router says of the host at once, since it has found out before.
    func holds(_ flow: Flow) -> Bool {
        guard flow.destination == destination, case .unreachable(let report) = flow.outcome else { return false }
        return report.isHostMissing && report.offender == router
    }

    /// "The router 198.18.1.1 (hop 1 of the way)"
    var name: String { "The router \(router)\(limit.map { " (hop \($0) of the way)" } ?? "")" }
}
