import NetValues
import Observations
import Planning
import Wire

/// Packets of one host that a capture shows to be lost: segments sent again, or echoes without a reply.
struct CapturedLoss {
    let address: PacketAddress
    let checks: [String]
    let kind: String
    let sent: Int
    let lost: Int
    let confidence: Finding.Confidence
    let lines: [String]

    static func all(in evidence: Evidence) -> [CapturedLoss] {
        let hosts = evidence.captures.flatMap { capture in capture.hosts.map { (capture: capture, host: $0) } }
        let ofSegments = grouped(hosts, by: \.host.address).compactMap { CapturedLoss($0, $1) }
        let addresses = Set(ofSegments.map(\.address))
        let series = (evidence.packets?.icmp.series ?? []).filter { !addresses.contains($0.destination) }
        return ofSegments + series.compactMap { CapturedLoss($0, evidence.captures) }
    }

    private init?(_ address: PacketAddress, _ members: [(capture: CaptureEvidence, host: PacketHost)]) {
        let sent = members.reduce(0) { $0 + $1.host.segments }
        let lost = min(sent, members.reduce(0) { $0 + $1.host.lost })
        guard sent >= PacketHost.leastSegments, Self.isShown(lost, of: sent) else { return nil }
        let flows = members.reduce(0) { $0 + $1.host.flowsWithLoss }
        self.address = address
        self.sent = sent
        self.lost = lost
        kind = "TCP segments"
        checks = members.filter { $0.host.flowsWithLoss > 0 }.flatMap(\.capture.checkNames).unique()
        // One conversation may just have found the limit of its link.
        confidence = members[0].capture.confidence(flows >= 2 ? .likely : .possible)
        lines =
            [
                "\(lost) of \(counted(sent, "segment")) with data sent again, in \(counted(flows, "conversation")); not counted: what had arrived all the same",
                Self.bound(lost, of: sent),
            ] + members[0].capture.caution
    }

    private init?(_ series: EchoSeriesRecord, _ captures: [CaptureEvidence]) {
        let missing = series.requests - series.replies
        // The last may have been answered after the end.
        guard series.replies > 0, Self.isShown(missing - 1, of: series.requests) else { return nil }
        address = series.destination
        sent = series.requests
        lost = missing
        kind = "echoes"
        checks = []
        let confidence: Finding.Confidence = sent >= 100 ? .likely : .possible
        self.confidence = captures.first?.confidence(confidence) ?? confidence
        lines = [
            "\(series.source) sent \(counted(sent, "echo request")) to \(address), and \(missing) stayed without a reply",
            Self.bound(missing, of: sent),
        ]
    }

    private static func isShown(_ lost: Int, of sent: Int) -> Bool {
        lost >= 2 && PacketLoss.lowerBound(lost: lost, of: sent) > 0.01
    }

    private static func bound(_ lost: Int, of sent: Int) -> String {
        "with 95 % confidence the true loss is at least \((PacketLoss.lowerBound(lost: lost, of: sent) * 100).decimals(1)) %"
    }
}
