import NetValues
import Observations
import Wire

/// Where the bytes go, for cost and for destinations that nobody expected.
enum EgressText {
    private static let talkerLimit = 5
    private static let verboseTalkerLimit = 25

    static func write(_ egress: EgressTally, top: Int?, to page: inout TextPage) {
        let used = EgressTally.Class.allCases.filter { (egress.classes[$0]?.flows ?? 0) > 0 }
        guard !used.isEmpty else { return }
        page.section("Destinations (of whoever began the conversation)")
        let rows = used.map { kind in
            let entry = egress.classes[kind] ?? EgressTally.Entry()
            return [
                TextPage.Run(kind.words, kind == .metadata ? .doubtful : .plain), TextPage.Run(grouped(entry.flows)),
                TextPage.Run(spoken(bytes: entry.bytesOut)), TextPage.Run(spoken(bytes: entry.bytesIn)),
            ]
        }
        TextTable(
            [
                .init("where"), .init("conversations", .right, worth: 1), .init("bytes out", .right),
                .init("bytes in", .right),
            ], rows: rows
        ).write(to: &page)
        if let source = egress.rangesSource { page.entry("pod and service ranges: \(source)", .dim) }
        writeTalkers(egress.talkers, top: top, to: &page)
    }

    private static func writeTalkers(_ talkers: [EgressTally.Talker], top: Int?, to page: inout TextPage) {
        guard !talkers.isEmpty else { return }
        let isVerbose = page.style.verbosity == .verbose
        let shown = talkers.prefix(top ?? (isVerbose ? Self.verboseTalkerLimit : Self.talkerLimit))
        page.section(shown.count < talkers.count ? "Top talkers (of \(grouped(talkers.count)))" : "Top talkers")
        let rows = shown.map { talker in
            [
                TextPage.Run(talker.source.description), TextPage.Run(destination(talker)),
                TextPage.Run(talker.destinationClass.words), TextPage.Run(grouped(talker.flows)),
                TextPage.Run(spoken(bytes: talker.bytesOut)), TextPage.Run(spoken(bytes: talker.bytesIn)),
                TextPage.Run(talker.name ?? ""),
            ]
        }
        TextTable(
            [
                .init("from", least: 9), .init("to", least: 19), .init("where", worth: 3),
                .init("conversations", .right, worth: 1), .init("bytes out", .right, worth: 5),
                .init("bytes in", .right, worth: 4),
                .init("name", worth: 2, least: 8),
            ], rows: rows
        ).write(to: &page)
    }

    private static func destination(_ talker: EgressTally.Talker) -> String {
        let name = IPProtocol.name(talker.protocolNumber)
        guard IPProtocol.hasPorts(talker.protocolNumber) else { return "\(talker.destination) \(name)" }
        return "\(PacketEndpoint(talker.destination, talker.port))/\(name)"
    }
}

extension EgressTally.Class {
    var words: String {
        switch self {
        case .sameHost: "same host"
        case .pod: "pods"
        case .service: "Services"
        case .private: "private"
        case .linkLocal: "link-local"
        case .metadata: "cloud metadata"
        case .multicast: "multicast"
        case .internet: "internet"
        }
    }
}
