import NetValues
import Observations
import Planning

/// Loss that a transfer met at any rate: no limit of the bandwidth.
extension PacketLoss {
    static func ofTransfers(_ evidence: Evidence) -> [Finding] {
        let lossy = TransferEvidence.all(in: evidence).filter { $0.fact.bound == .loss }
        return grouped(lossy, by: \.subject).map { subject, members in
            let sent = members.reduce(0) { $0 + ($1.fact.datagrams?.sent ?? $1.fact.sender?.segments ?? 0) }
            let lost = members.reduce(0) { $0 + $1.fact.lost }
            let share = members.compactMap(\.fact.lossShare).max() ?? 0
            return finding(
                subject, checks: members.map(\.check.name).unique(), severity: share > 0.05 ? .error : .warning,
                confidence: .likely,
                summary:
                    "\((share * 100).decimals(1)) % of packets of a transfer with \(subject) are lost (\(lost)\(sent > 0 ? " of \(sent)" : "")), at any rate.",
                evidence: members.prefix(3).flatMap(\.lines),
                cause:
                    "A link or queue on the way drops part of the packets, also well below the rate that goes; that is what slows the transfer."
            )
        }
    }
}
