import NetValues
import Observations

/// The rows of echo requests: a target's address each. Made only as far as they are shown, since there may be ten thousand.
struct EchoSection {
    static let columns = [
        LiveTable.Column("target", isLeft: true), LiveTable.Column("loss"), LiveTable.Column("sent", worth: 6),
        LiveTable.Column("last", worth: 8), LiveTable.Column("avg", worth: 5), LiveTable.Column("p95", worth: 7),
        LiveTable.Column("best", worth: 3), LiveTable.Column("worst", worth: 4), LiveTable.Column("stdev", worth: 2),
        LiveTable.Column("jitter", worth: 1),
    ]

    private enum Entry {
        /// With the packets of which nothing is known yet.
        case tally(EchoTally, onTheWay: Int)
        case failure(String)
        case waiting(String)
        /// Of the distribution of a single target.
        case bar(String)
    }

    /// With fewer round trips a distribution has no shape.
    private static let leastForBars = 20

    private let entries: [Entry]
    private let names: [IPAddress: String]

    /// - Parameter byTrouble: those with the largest loss first, then the slowest.
    init(_ tally: LiveTally, names: [IPAddress: String], byTrouble: Bool) {
        var entries: [Entry] = []
        var tallies: [(tally: EchoTally, onTheWay: Int)] = []
        for index in 0..<tally.count {
            let own = tally.echoes[index]
            if let trouble = PathSection.trouble(tally, index) {
                entries.append(.failure(trouble))
            } else if own.isEmpty {
                entries.append(.waiting(Self.waiting(tally, index)))
            }
            // Of the addresses of a name one after the other is sent to.
            let rows = own.enumerated().map { ($1, onTheWay: $0 == own.count - 1 ? tally.onTheWay[index] : 0) }
            tallies += rows
            if !byTrouble { entries += rows.map { .tally($0, onTheWay: $1) } }
        }
        if byTrouble {
            entries += tallies.map { ($0, $0.tally.figures) }.sorted { Self.isWorse($0.1, $1.1) }
                .map { .tally($0.0.tally, onTheWay: $0.0.onTheWay) }
        }
        if entries.count == 1, let only = tallies.first?.tally, only.answered >= Self.leastForBars {
            let bars = LatencyHistogramText.lines(LatencyBuckets(only.roundTrips).buckets)
            entries += ([""] + bars).map { .bar($0) }
        }
        self.entries = entries
        self.names = names
    }

    private static func isWorse(_ left: TripFigures, _ right: TripFigures) -> Bool {
        left.loss == right.loss ? left.p95 ?? .zero > right.p95 ?? .zero : left.loss > right.loss
    }

    var count: Int { entries.count }

    static func title(_ tally: EchoTally) -> String {
        guard let address = tally.address?.description, address != tally.name else { return tally.name }
        return "\(tally.name) (\(address))"
    }

    func rows(_ range: Range<Int>) -> [LiveTable.Row] {
        entries[range.clamped(to: entries.indices)].map { entry in
            switch entry {
            case .failure(let text): .line([TextPage.Run(text, .bad)])
            case .waiting(let text): .line([TextPage.Run(text, .dim)])
            case .bar(let text): .line([TextPage.Run(text.isEmpty ? "" : "  \(text)")])
            case .tally(let tally, let onTheWay): row(tally, onTheWay)
            }
        }
    }

    /// Before anything is known of a target.
    private static func waiting(_ tally: LiveTally, _ index: Int) -> String {
        let onTheWay = tally.onTheWay[index]
        let name = tally.name(of: index)
        return onTheWay > 0
            ? "\(name): \(counted(onTheWay, "packet")) on the way, no answer yet" : "\(name): waits for its turn"
    }

    private func row(_ tally: EchoTally, _ onTheWay: Int) -> LiveTable.Row {
        let figures = tally.figures
        let place = tally.address.flatMap { names[$0].map { "\($0) " } }.map { $0 + "(\(tally.name))" }
        let times = [
            figures.last, figures.mean, figures.p95, figures.best, figures.worst, figures.deviation, figures.jitter,
        ]
        return .cells(
            [
                TextPage.Run(place ?? Self.title(tally)),
                TextPage.Run(figures.loss.percentCell, figures.lost > 0 ? .bad : .plain),
                TextPage.Run(grouped(figures.sent + onTheWay)),
            ] + times.map { TextPage.Run($0?.cell ?? "-", $0 == nil ? .dim : .plain) }, tally.strip)
    }
}
