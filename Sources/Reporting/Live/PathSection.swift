import NetValues
import Observations

/// The rows of a trace: a hop each, and beneath it who else answers there, and labels.
enum PathSection {
    static let columns = [
        LiveTable.Column("hop"), LiveTable.Column("router", isLeft: true), LiveTable.Column("loss"),
        LiveTable.Column("sent", worth: 6), LiveTable.Column("last", worth: 7), LiveTable.Column("avg", worth: 5),
        LiveTable.Column("best", worth: 3), LiveTable.Column("worst", worth: 4), LiveTable.Column("stdev", worth: 2),
        LiveTable.Column("jitter", worth: 1),
    ]

    private static let mostResponders = 8

    /// `shop.example (198.18.5.9) by udp to port 33434`
    static func title(_ path: PathTally) -> String {
        let address = path.summary.destination.address.description
        let place = path.name == address ? address : "\(path.name) (\(address))"
        let port = path.summary.destination.port
        return "\(place) by \(path.summary.carrier.rawValue)" + (port > 0 ? " to port \(port)" : "")
    }

    static func rows(_ tally: LiveTally, names: [IPAddress: String]) -> [LiveTable.Row] {
        var rows: [LiveTable.Row] = []
        let isSingle = tally.paths.joined().count == 1 && tally.count == 1
        for index in 0..<tally.count {
            if let trouble = trouble(tally, index) { rows.append(.line([TextPage.Run(trouble, .bad)])) }
            for path in tally.paths[index] {
                if !isSingle {
                    rows.append(.line([TextPage.Run(title(path), .bold)]))
                }
                rows += self.rows(of: path, names: names)
            }
        }
        return rows
    }

    /// Of a target whose name has no address.
    static func trouble(_ tally: LiveTally, _ index: Int) -> String? {
        let times = tally.unresolved[index]
        guard times > 0 else { return nil }
        return "\(tally.name(of: index)): no address" + (times > 1 ? ", \(grouped(times)) times" : "")
    }

    private static func rows(of path: PathTally, names: [IPAddress: String]) -> [LiveTable.Row] {
        let hops = path.shownHops
        // Loss that does not go on to the target is none.
        let isLossReal = path.summary.end.map { TripFigures(path.summary.hops[$0 - 1]).lost > 0 } ?? true
        var rows = hops.enumerated().flatMap { index, hop in
            let strip = path.strips.indices.contains(index) ? path.strips[index] : nil
            return self.rows(of: hop, strip, names: names, isLossReal: isLossReal)
        }
        if let silent = path.silentLimits {
            let limits = silent.count == 1 ? "\(silent.lowerBound)" : "\(silent.lowerBound)-\(silent.upperBound)"
            let word = silent.count == 1 ? "hop" : "hops"
            rows.append(.line([TextPage.Run("    no answer from \(word) \(limits)", .dim)]))
        }
        return rows
    }

    private static func rows(
        of hop: HopSummary, _ strip: TripStrip?, names: [IPAddress: String], isLossReal: Bool
    ) -> [LiveTable.Row] {
        let figures = TripFigures(hop)
        let first = hop.responders.first
        let place = first.map { named($0.address, names) } ?? (hop.unnamed > 0 ? "(a reset)" : "no answer")
        let loss = figures.sent > 0 ? figures.loss.percentCell : ""
        let paint: Paint = figures.lost == 0 ? .plain : isLossReal ? .bad : .dim
        var rows: [LiveTable.Row] = [
            .cells(
                [
                    TextPage.Run(String(hop.limit)), TextPage.Run(place, first == nil ? .dim : .plain),
                    TextPage.Run(loss, paint), TextPage.Run(grouped(figures.sent)),
                ] + times(figures), strip)
        ]
        rows += labels(first)
        for responder in hop.responders.dropFirst().prefix(mostResponders) {
            let often = responder.count == 1 ? "once" : "\(grouped(responder.count)) times"
            rows.append(.line([TextPage.Run("     \(named(responder.address, names))  \(often)")]))
            rows += labels(responder)
        }
        let more = hop.responders.count - 1 - mostResponders
        if more > 0 { rows.append(.line([TextPage.Run("     and \(more) more", .dim)])) }
        return rows
    }

    private static func times(_ figures: TripFigures) -> [TextPage.Run] {
        [figures.last, figures.mean, figures.best, figures.worst, figures.deviation, figures.jitter].map {
            TextPage.Run($0?.cell ?? "-", $0 == nil ? .dim : .plain)
        }
    }

    /// RFC 4950, outermost first.
    private static func labels(_ responder: HopSummary.Responder?) -> [LiveTable.Row] {
        guard let responder, !responder.labels.isEmpty else { return [] }
        let words = responder.labels.map { "\($0.label) (TC \($0.trafficClass), TTL \($0.hopLimit))" }
        return [.line([TextPage.Run("     MPLS \(words.joined(separator: ", "))", .dim)])]
    }

    /// A name is the word of whoever owns the address: shown with it, and escaped like all foreign text.
    static func named(_ address: IPAddress, _ names: [IPAddress: String]) -> String {
        names[address].map { "\($0) (\(address))" } ?? address.description
    }
}
