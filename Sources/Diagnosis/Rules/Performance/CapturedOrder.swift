import NetValues
import Observations
import Planning
import Wire

/// Packets that came twice, or in another order than they were sent: of how many, and what it was seen by.
struct CapturedOrder {
    let address: String
    let checks: [String]
    let kind: String
    let seen: Int
    let total: Int
    let line: String
    let caution: [String]
    var isOfSeries = false

    /// More than 1 % with 95 % confidence is a warning (catalogue section 21). Less is worth a note where it was looked for, in a series of
    /// echoes; in a capture it is what many networks do now and then.
    var severity: Severity? {
        guard seen >= 2, total >= 20 else { return nil }
        if PacketLoss.lowerBound(lost: min(seen, total), of: total) > 0.01 { return .warning }
        return isOfSeries ? .info : nil
    }

    var share: String { "\((Double(seen) * 100 / Double(max(1, total))).decimals(1)) %" }

    /// - Parameter pick: of an echo, whether it counts.
    static func echoes(
        _ evidence: Evidence, _ words: String, ofCheck pick: (EchoFact) -> Int, ofSeries: (EchoSeriesRecord) -> Int
    ) -> [CapturedOrder] {
        let checks = evidence.measured.filter(\.isEchoSeries).map { check in
            let echoes = check.echoes
            let seen = echoes.reduce(0) { $0 + pick($1) }
            return CapturedOrder(
                address: check.subject, checks: [check.name], kind: "echo replies", seen: seen, total: echoes.count,
                line: "\(seen) of \(counted(echoes.count, "echo reply", "echo replies")) \(words)", caution: [],
                isOfSeries: true)
        }
        let series = (evidence.packets?.icmp.series ?? []).map { series in
            let seen = ofSeries(series)
            return CapturedOrder(
                address: series.destination.description, checks: [], kind: "echo replies", seen: seen,
                total: series.replies,
                line:
                    "\(seen) of \(counted(series.replies, "echo reply", "echo replies")) of \(series.destination) \(words)",
                caution: [])
        }
        return checks + series
    }

    static func hosts(
        _ evidence: Evidence, _ make: (PacketHost, CaptureEvidence) -> CapturedOrder?
    ) -> [CapturedOrder] {
        evidence.captures.flatMap { capture in capture.hosts.compactMap { make($0, capture) } }
    }
}
