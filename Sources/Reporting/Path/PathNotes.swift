import NetValues
import Observations

/// What deserves a look on a way, beside the table of its hops.
struct PathNotes {
    private let summary: PathSummary
    private let traces: [TraceFact]
    private let arrivalAt: Int?

    /// Ways there and back that differ by less are ordinary.
    private static let leastDifference = 3
    private static let mostTraces = 64

    init(_ summary: PathSummary, _ traces: [TraceFact], arrivalAt: Int?) {
        self.summary = summary
        self.traces = Array(traces.suffix(Self.mostTraces))
        self.arrivalAt = arrivalAt
    }

    var all: [PathReport.Note] {
        [loop, rewritten, raised].compactMap(\.self) + wayBack
            + [sparing, rationedTarget, setAside, undecided, ownPorts].compactMap(\.self)
    }

    // MARK: Loops

    /// The same router again behind another one, or three times in a row (twice in a row is one that passes on what has no hops left).
    private var loop: PathReport.Note? {
        for trace in traces {
            for flow in trace.flows {
                if let (address, limits) = Self.circle(flow, trace.destination.address) {
                    let words = limits.map(String.init).joined(separator: ", ")
                    return PathReport.Note(
                        kind: .loop, limit: limits[0],
                        text: "\(address) answers at hops \(words): packets go in a circle")
                }
            }
        }
        return nil
    }

    private static func circle(_ flow: PathFlow, _ target: IPAddress) -> (IPAddress, [Int])? {
        var places: [IPAddress: [Int]] = [:]
        for hop in flow.hops {
            guard case .expired(let router) = hop.outcome, places[router]?.last != hop.limit else { continue }
            places[router, default: []].append(hop.limit)
        }
        return places.filter { _, limits in
            limits.count >= 3 || zip(limits, limits.dropFirst()).contains { $1 - $0 > 1 }
        }.min { $0.value[0] < $1.value[0] }.map { ($0.key, $0.value) }
    }

    // MARK: Quoted headers

    private func quotes() -> [(fact: TraceFact, flow: PathFlow, hop: PathHop, quoted: QuotedHeader)] {
        traces.flatMap { fact in
            fact.flows.flatMap { flow in
                flow.hops.compactMap { hop in hop.quoted.map { (fact, flow, hop, $0) } }
            }
        }
    }

    /// The first limit from which on somebody quotes other addresses or ports than were sent.
    private var rewritten: PathReport.Note? {
        let changes = quotes().compactMap { fact, flow, hop, quoted -> (Int, String)? in
            if let source = quoted.source, let own = fact.source {
                if source.address != own { return (hop.limit, "the source \(own) has become \(source.address)") }
                if let port = flow.sourcePort, source.port != port {
                    return (hop.limit, "the source port \(port) has become \(source.port)")
                }
            }
            if let destination = quoted.destination {
                let sent = fact.destination
                if destination.address != sent.address {
                    return (hop.limit, "the destination \(sent.address) has become \(destination.address)")
                }
                if sent.port != 0, destination.port != sent.port {
                    return (hop.limit, "the destination port \(sent.port) has become \(destination.port)")
                }
            }
            return nil
        }
        return changes.min { $0.0 < $1.0 }.map { limit, words in
            PathReport.Note(
                kind: .rewritten, limit: limit,
                text: "address translation before hop \(limit): \(words), as it quotes our packet")
        }
    }

    /// A packet that ran out of hops has 1 left where it came in, or 0.
    private var raised: PathReport.Note? {
        let raised = quotes().compactMap { _, _, hop, quoted -> (Int, Int)? in
            guard case .expired = hop.outcome, let left = quoted.hopLimit, left > 1 else { return nil }
            return (hop.limit, left)
        }
        return raised.min { $0.0 < $1.0 }.map { limit, left in
            PathReport.Note(
                kind: .hopLimitRaised, limit: limit,
                text:
                    "hop \(limit) quotes our packet with \(left) hops left where there were none: a tunnel or label path before it hides hops, or a device raises the limit"
            )
        }
    }

    // MARK: The way back

    /// By the hop limits with which answers arrive: systems begin with 64, 128 or 255.
    private var wayBack: [PathReport.Note] {
        var jumps: [PathReport.Note] = []
        var before = 0
        for hop in summary.hops {
            guard hop.responders.count == 1, let left = hop.responders.first?.replyHopLimit,
                let start = [64, 128, 255].first(where: { $0 >= left })
            else { continue }
            let difference = start - left + 1 - hop.limit
            if abs(difference) >= Self.leastDifference, abs(difference - before) >= Self.leastDifference {
                let back = start - left + 1
                jumps.append(
                    PathReport.Note(
                        kind: .wayBack, limit: hop.limit,
                        text:
                            "hop \(hop.limit) is \(counted(hop.limit, "hop")) away, but its answers come over \(back): the way back is another one"
                    ))
            }
            before = difference
        }
        return Array(jumps.prefix(4))
    }

    // MARK: What a reader may misread

    private var sparing: PathReport.Note? {
        let hops = summary.hops.prefix(arrivalAt ?? .max).filter { summary.isSparing($0) }
        guard let first = hops.first else { return nil }
        let which = hops.count == 1 ? "hop \(first.limit) answers" : "hops \(Self.numbers(hops.map(\.limit))) answer"
        return PathReport.Note(
            kind: .sparing, limit: first.limit,
            text: "\(which) sparingly or not at all, and packets go on: routers ration such answers, this is no loss")
    }

    /// `3, 5 and 7`
    private static func numbers(_ limits: [Int]) -> String {
        guard limits.count > 1, limits.count <= 8 else { return listed(limits.map(String.init), limit: 8) }
        return limits.dropLast().map(String.init).joined(separator: ", ") + " and \(limits[limits.count - 1])"
    }

    /// Its errors are all that a datagram to a closed port brings back.
    private var rationedTarget: PathReport.Note? {
        guard summary.carrier == .udp, let arrivalAt, let hop = summary.hops.first(where: { $0.limit == arrivalAt }),
            hop.lost > 0, !summary.isSparing(hop)
        else { return nil }
        return PathReport.Note(
            kind: .sparing, limit: arrivalAt,
            text:
                "the target rations its port unreachable, too (Linux: one a second): --method icmp or tcp tells whether packets are lost"
        )
    }

    private var setAside: PathReport.Note? {
        let hops = summary.hops.filter { $0.timesSetAside > 0 }
        guard let first = hops.first else { return nil }
        let answers = counted(hops.reduce(0) { $0 + $1.timesSetAside }, "answer")
        return PathReport.Note(
            kind: .setAside, limit: first.limit,
            text:
                "the time of \(answers) is not counted (hop \(Self.numbers(hops.map(\.limit)))): this process was late to read what had come"
        )
    }

    private var undecided: PathReport.Note? {
        guard let spread = traces.last?.spread else { return nil }
        let confidence = Int(PathSpread.confidence * 100)
        let flows = counted(traces.last?.flows.count ?? 0, "flow")
        guard !spread.undecided.isEmpty else {
            return PathReport.Note(
                kind: .undecided, limit: nil,
                text:
                    "\(flows): with \(confidence) % confidence no hop has a further next router, if flows are spread evenly"
            )
        }
        let places = listed(spread.undecided.map(String.init), limit: 8)
        return PathReport.Note(
            kind: .undecided, limit: spread.undecided.first,
            text:
                "\(flows): at hop \(places) there may be further routers (too few answers for \(confidence) % confidence)"
        )
    }

    /// Only where it matters: beyond one router, where ways can part.
    private var ownPorts: PathReport.Note? {
        guard summary.carrier == .tcp, traces.contains(where: { $0.flows.contains { $0.sourcePort == nil } }),
            summary.hops.contains(where: { $0.responders.count > 1 })
        else { return nil }
        return PathReport.Note(
            kind: .ownPorts, limit: nil,
            text:
                "each SYN leaves from a port of its own: neighbouring lines may belong to different ways (--method udp keeps one, and so does --method tcp with CAP_NET_RAW)"
        )
    }
}
