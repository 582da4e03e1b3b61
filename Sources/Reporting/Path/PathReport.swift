import NetValues
import Observations
import Wire

/// The rounds of a trace as pages, tables and documents show them: made from a summary, or read back from a stored report.
package struct PathReport: Hashable, Sendable {
    package struct Responder: Hashable, Sendable {
        package var address: String
        /// By reverse DNS, where it was asked for.
        package var name: String?
        package var count: Int
        package var flows: [Int]
        /// `label 16, class 0, ttl 1`, outermost first.
        package var labels: [String]
        /// What it says beside "time exceeded": `host unreachable (3/1)`.
        package var says: String?
        package var replyHopLimit: Int?
    }

    package struct Hop: Hashable, Sendable {
        package var limit: Int
        package var sent: Int
        package var answered: Int
        /// Packets with larger limits get through better than it answers.
        package var isSparing: Bool
        /// Resets, behind which no sender is known.
        package var unnamed: Int
        package var responders: [Responder]
        /// `last min p50 p95 max mean stddev`, and `jitter` from the second answer on.
        package var roundTrips: Milliseconds

        package var lossPercent: Double {
            sent > 0 ? (100_000 * Double(sent - answered) / Double(sent)).rounded() / 1000 : 0
        }
    }

    /// Something on the way that deserves a look; it judges nothing.
    package struct Note: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case loop, rewritten, hopLimitRaised = "hop-limit-raised", wayBack = "way-back", sparing, undecided
            case ownPorts = "own-ports", setAside = "time-set-aside"
        }

        package var kind: Kind
        package var limit: Int?
        package var text: String
    }

    package var destination: String
    package var port: Int?
    package var carrier: String
    package var source: String?
    package var rounds: Int
    package var flows: Int
    /// The least limit with which a packet came to the target; nil where none did.
    package var reachedAt: Int?
    /// How the target answered, or who ended it, or where nothing more is heard, in words.
    package var ending: String
    package var hops: [Hop]
    package var notes: [Note]
}

extension PathReport {
    /// Nil without a trace.
    init?(_ facts: some Sequence<Fact>) {
        let traces = facts.compactMap { if case .trace(let fact) = $0 { fact } else { nil } }
        guard let last = traces.last, let summary = PathSummary(traces) else { return nil }
        self.init(summary, traces: traces, names: last.ledger?.names ?? [:])
    }

    /// - Parameters:
    ///   - traces: rounds from which it is told what a summary does not keep: rewritten headers, and how many flows there were.
    ///   - names: as reverse DNS has them.
    package init(_ summary: PathSummary, traces: [TraceFact] = [], names: [IPAddress: String] = [:]) {
        let target = summary.destination
        destination = target.address.description
        port = target.port == 0 ? nil : Int(target.port)
        carrier = summary.carrier.rawValue
        source = traces.lazy.compactMap(\.source).first?.description
        rounds = summary.rounds
        flows = traces.map(\.flows.count).max() ?? 1
        let arrival = summary.hops.first { $0.isArrival(at: target.address) }
        reachedAt = arrival?.limit
        let last = arrival?.limit ?? summary.lastTold
        hops = summary.hops.prefix(last).map { Hop($0, isSparing: summary.isSparing($0), target.address, names) }
        ending = PathEnding(summary, arrival).words
        notes = PathNotes(summary, traces, arrivalAt: arrival?.limit).all
    }
}

extension PathReport.Hop {
    fileprivate init(_ hop: HopSummary, isSparing: Bool, _ target: IPAddress, _ names: [IPAddress: String]) {
        let spread = hop.roundTrips.spread
        self.init(
            limit: hop.limit, sent: hop.sent, answered: hop.answered, isSparing: isSparing, unnamed: hop.unnamed,
            responders: hop.responders.map { responder in
                PathReport.Responder(
                    address: responder.address.description, name: names[responder.address], count: responder.count,
                    flows: responder.flows, labels: responder.labels.map(\.words),
                    says: responder.address == target ? nil : responder.outcome.errorWords,
                    replyHopLimit: responder.replyHopLimit)
            },
            roundTrips: Milliseconds([
                "last": hop.latest?.roundTrip, "min": spread?.min, "p50": spread?.p50, "p95": spread?.p95,
                "max": spread?.max, "mean": spread.map { _ in .nanoseconds(Int64(hop.mean * 1e6)) },
                "stddev": spread.map { _ in .nanoseconds(Int64(hop.deviation * 1e6)) }, "jitter": hop.jitter,
            ]))
    }
}

extension HopSummary {
    func isArrival(at target: IPAddress) -> Bool {
        unnamed > 0 && responders.isEmpty
            || responders.contains { $0.address == target && $0.outcome.isEnd }
    }

    /// Somebody says that the packet goes no further.
    func refusal(besides target: IPAddress) -> Responder? {
        responders.first { $0.address != target && $0.outcome.isEnd }
    }
}

extension PathSummary {
    /// The last limit at which there is something to tell: an answer, and the silence right behind it.
    fileprivate var lastTold: Int {
        let heard = hops.last { $0.answered > 0 }?.limit ?? 0
        return end.map { max($0, heard) } ?? heard + 1
    }
}

extension SoundingFact.Hop.Outcome {
    fileprivate var errorWords: String? {
        guard case .failed(let failure) = self else { return nil }
        guard let report = failure.icmp else { return failure.name }
        return icmpErrorName(type: report.type, code: report.code, isV6: report.origin == .icmpv6)
    }
}

extension MPLSLabel {
    fileprivate var words: String {
        "label \(label), class \(trafficClass), ttl \(hopLimit)" + (isBottom ? "" : ", more beneath")
    }
}
