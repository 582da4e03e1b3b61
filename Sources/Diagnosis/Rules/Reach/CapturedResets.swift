import NetValues
import Observations
import Planning
import Wire

/// Who made the resets of established connections, by their hop limits.
enum ResetOrigin: Hashable {
    /// They differ from those of the alleged sender's packets.
    case elsewhere
    /// By the host that forwards the connection and was captured on.
    case here
    case server

    var cause: String {
        switch self {
        case .elsewhere:
            "A device on the way resets the connection in the name of one side: the reset has another TTL than that side's own packets."
        case .here:
            "The host that this was captured on makes the reset itself, as a filter that rejects does: it forwards the connection's other packets, and the reset did not come in."
        case .server:
            "The reset comes with the TTL of the server's other packets: the server itself resets, or something right before it."
        }
    }
}

/// Connections to one endpoint that a capture shows to be reset.
struct CapturedResets {
    let subject: String
    let origin: ResetOrigin
    let confidence: Finding.Confidence
    let summary: String
    let lines: [String]

    /// Of captures that nobody probed in: a check's own resets are told with what its socket saw.
    static func all(in evidence: Evidence) -> [CapturedResets] {
        evidence.captures.filter { $0.check == nil }.flatMap { capture in
            capture.targets.compactMap { CapturedResets($0, capture) }
        }
    }

    private init?(_ target: PacketTarget, _ capture: CaptureEvidence) {
        let forged = target.count(.forgedReset)
        let own = target.count(.resetByServer)
        // One in many is a process that was restarted.
        guard (forged + own) * 20 >= target.flows, forged + own > 0 else { return nil }
        let isForged = forged >= own
        let trouble: FlowTrouble = isForged ? .forgedReset : .resetByServer
        subject = target.server.description
        let isMadeHere = target.flows(in: trouble).allSatisfy { $0.tcp.resets.contains(where: $0.record.isMadeHere) }
        origin = isForged ? isMadeHere ? .here : .elsewhere : .server
        confidence = .likely
        let share = target.share(isForged ? forged : own)
        summary =
            isForged
            ? "Connections to \(subject) are reset by \(isMadeHere ? "the host that this was captured on" : "a device on the way") (\(share))."
            : "\(subject) accepts connections and then resets them, before a byte of an answer (\(share))."
        lines =
            target.lines(trouble) { flow in
                flow.tcp.resets.first { isForged ? flow.record.isForged($0) : !$0.isFromA }.map {
                    "\(flow.words(of: $0, usual: nil)); \($0.moment)\(flow.record.isMadeHere($0) ? "; seen once, and its sender's other packets twice" : "")"
                }
            } + capture.caution
    }
}

/// The resets of checks' connections, as captured.
struct ResetsOnWire {
    let lines: [String]
    /// Nil when nothing was captured, or the resets differ.
    let origin: ResetOrigin?

    init(_ checks: [CheckEvidence]) {
        let flows = checks.flatMap { check in
            check.connects.map(\.endpoint).unique().flatMap { check.captured($0) }
        }
        let resets = flows.compactMap { flow -> (flow: TroubledFlow, reset: ResetRecord)? in
            // Half a connection: what was sent went to another address, as to a proxy on this host (nftables' redirect).
            guard flow.tcp.fromB.synAcks > 0, flow.record.fromA.packets > 0 else { return nil }
            return flow.tcp.resets.first { !$0.isFromA }.map { (flow, $0) }
        }
        lines = evidenceLines(resets.map { "\($0.flow.words(of: $0.reset, usual: nil)); \($0.reset.moment)" }, limit: 3)
        let forged = resets.count { $0.flow.record.isForged($0.reset) }
        origin = resets.isEmpty || (forged > 0 && forged < resets.count) ? nil : forged > 0 ? .elsewhere : .server
    }
}

extension ResetRecord {
    /// "after 600 bytes of the other side and none of its own, 0.3 ms after the packet before"
    fileprivate var moment: String {
        let own = bytesFromSender == 0 ? "none" : "\(bytesFromSender)"
        return
            "after \(counted(bytesFromOther, "byte")) from the other side and \(own) from this one, \(sincePrevious.spoken) after the packet before"
    }
}
