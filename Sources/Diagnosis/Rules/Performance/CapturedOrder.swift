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
    /// The share above which it is worth a note; nil for none.
    var noteworthy: Double?

    /// More than 1 % with 95 % confidence is a warning (catalogue section 21). Less is worth a note where it was looked for: in a series of
    /// echoes, and in a transfer from one of a thousand on. In a capture it is what many networks do now and then.
    var severity: Severity? {
        guard seen >= 2, total >= 20 else { return nil }
        let least = PacketLoss.lowerBound(lost: min(seen, total), of: total)
        if least > 0.01 { return .warning }
        return noteworthy.map { least > $0 } == true ? .info : nil
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
                noteworthy: 0)
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

    /// Datagrams of transfers, by their numbers.
    static func transfers(
        _ evidence: Evidence, _ words: String, _ pick: (ThroughputFact.DatagramCount) -> Int?
    ) -> [CapturedOrder] {
        let told = TransferEvidence.all(in: evidence).compactMap { transfer in
            transfer.fact.datagrams.flatMap { count in
                pick(count).map { (transfer: transfer, seen: $0, came: max(0, count.sent - (count.lost ?? 0))) }
            }
        }
        return grouped(told, by: { $0.transfer.subject }).map { subject, members in
            let seen = members.reduce(0) { $0 + $1.seen }
            let came = members.reduce(0) { $0 + $1.came }
            let ways = members.map { "\($0.transfer.way) \($0.transfer.fact.endpoint)" }.unique()
            return CapturedOrder(
                address: subject, checks: members.map(\.transfer.check.name).unique(), kind: "datagrams", seen: seen,
                total: came,
                line:
                    "\(seen) of \(counted(came, "datagram")) of a transfer \(ways.joined(separator: " and ")) \(words)",
                caution: [], noteworthy: 0.001)
        }
    }

    static func hosts(
        _ evidence: Evidence, _ make: (PacketHost, CaptureEvidence) -> CapturedOrder?
    ) -> [CapturedOrder] {
        evidence.captures.flatMap { capture in capture.hosts.compactMap { make($0, capture) } }
    }
}
