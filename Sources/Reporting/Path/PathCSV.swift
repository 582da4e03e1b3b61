import JSON
import NetValues

/// Ways as comma-separated values (RFC 4180): a row for each hop and who answers there, or one for a hop at which nobody does.
enum PathCSV {
    private static let trips = ["last", "min", "p50", "p95", "max", "mean", "stddev", "jitter"]

    static func text(_ report: Report) -> String {
        let columns =
            [
                "check", "destination", "port", "carrier", "rounds", "hop", "address", "name", "sent", "answered",
                "lossPercent",
            ]
            + ["sparing", "answers", "flows"] + trips.map { "\($0)Ms" } + ["mpls", "says", "replyHopLimit"]
        var lines = [columns]
        for check in report.checks {
            guard let path = PathReport(check) else { continue }
            for hop in path.hops {
                if hop.responders.isEmpty { lines.append(row(check, path, hop, nil)) }
                lines += hop.responders.map { row(check, path, hop, $0) }
            }
        }
        var text: [UInt8] = []
        for line in lines { CSVLine.append(line.map(CSVLine.text), to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func row(
        _ check: CheckReport, _ path: PathReport, _ hop: PathReport.Hop, _ responder: PathReport.Responder?
    ) -> [String] {
        let who = [
            check.name, path.destination, path.port.map(String.init) ?? "", path.carrier, String(path.rounds),
            String(hop.limit), responder?.address ?? "", responder?.name ?? "", String(hop.sent), String(hop.answered),
            number(hop.lossPercent), String(hop.isSparing), String(responder?.count ?? hop.unnamed),
            (responder?.flows ?? []).map(String.init).joined(separator: " "),
        ]
        return who + trips.map { hop.roundTrips[$0].map(number) ?? "" } + [
            (responder?.labels ?? []).joined(separator: "; "), responder?.says ?? "",
            responder?.replyHopLimit.map(String.init) ?? "",
        ]
    }

    private static func number(_ value: Double) -> String { JSONWriter.text(.double(value), layout: .compact) }
}
