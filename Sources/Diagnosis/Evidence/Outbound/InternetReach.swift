import NetValues
import Observations
import Planning
import Wire

/// Whether the internet is reached from here: what became of several unrelated targets, by address, by name and through a proxy
/// (catalogue id egress-blocked-internet).
struct InternetReach {
    let direct: [InternetTarget]
    let proxied: [InternetTarget]
    /// What answered that is not on the internet: the way fails beyond it.
    let nearLife: [Flow]
    /// The gateway that the neighbour table has an answer of.
    let gateway: NeighbourState?
    private let hasLifeBeyond: Bool

    /// Operators that must fail alike: any one of them may be down (cilium/cilium#36826).
    static let fewestOperators = 3

    init(_ checks: [CheckEvidence], _ traces: Traces, _ vantage: VantageObservation) {
        let targets = checks.compactMap(InternetTarget.init)
        direct = targets.filter { !$0.isThroughProxy }
        proxied = targets.filter(\.isThroughProxy)
        let far = Set(direct.flatMap(\.flows).map(\.destination))
        // Most runs ask nothing of the internet, and then nothing needs a comparison.
        let signsOfLife = targets.isEmpty ? [:] : traces.signsOfLife
        let near = signsOfLife.filter {
            !far.contains($0.key) && !PacketAddress($0.key).isInternet && !$0.key.isLoopback
        }
        nearLife = near.sorted { $0.key.description < $1.key.description }.flatMap { $0.value.prefix(1) }
        hasLifeBeyond = signsOfLife.contains { address, flows in
            far.contains(address)
                ? flows.contains { $0.carrier == .icmp && $0.outcome == .answered } : PacketAddress(address).isInternet
        }
        let gateways = Set(vantage.latest.routes.filter(\.isDefault).flatMap(\.hops).compactMap(\.gateway))
        gateway = vantage.latest.neighbours.first {
            gateways.contains($0.address) && [.reachable, .delay, .stale, .permanent].contains($0.reachability)
        }
    }

    /// Those of a port, or all, of which not one is reached although unrelated parties run them.
    func blocked(port: UInt16? = nil) -> [InternetTarget]? {
        let members = direct.filter { (port == nil || $0.port == port) && $0.way != .notSent }
        let addressed = members.filter { if case .failed = $0.way { !$0.isByName } else { false } }
        guard Set(addressed.map(\.operatorName)).count >= Self.fewestOperators,
            members.allSatisfy({ isLost($0.way) }), port != nil || !hasLifeBeyond
        else { return nil }
        return members
    }

    private func isLost(_ way: InternetTarget.Way) -> Bool {
        switch way {
        case .failed, .nameless: true
        case .answered, .stopped, .notSent: false
        }
    }

    /// Those of one family that fail alike while the other family answers; nil where that is not so, or too few say it.
    func isBroken(_ family: IPAddress.Family) -> (dead: [InternetTarget], living: [InternetTarget])? {
        let addressed = direct.filter { !$0.isByName && $0.way != .notSent }
        let own = addressed.filter { $0.family == family }
        let living = addressed.filter { $0.family != family && $0.way == .answered }
        guard own.allSatisfy({ isLost($0.way) }), Set(own.map(\.operatorName)).count >= Self.fewestOperators,
            Set(living.map(\.operatorName)).count >= 2
        else { return nil }
        return (own, living)
    }

    /// Something answered on this side of whatever stands in the way, or that itself said so.
    func hasControl(_ members: [InternetTarget]) -> Bool {
        !nearLife.isEmpty || gateway != nil
            || members.contains { target in
                if case .failed(let manner) = target.way {
                    [.rejected, .unreachable, .looping].contains(manner)
                } else {
                    false
                }
            }
    }

    /// Reached through a proxy.
    var passing: [InternetTarget] { proxied.filter { $0.way == .answered } }
}
