import NetValues
import Observations
import Wire

extension CaptureEvidence {
    /// So many endpoints that one client tried once each are a scan: who scans expects refusals.
    private static let scan = 20

    /// Endpoints at which every conversation that came to an end ended in this trouble, without those of a scan.
    func refusedTargets(_ trouble: FlowTrouble) -> [PacketTarget] {
        let found = targets.filter { target in
            target.count(trouble) > 0 && target.established == 0 && sees(target.server.address)
        }
        guard found.count >= Self.scan else { return found }
        var tries: [PacketAddress: Int] = [:]
        for target in found where target.flows == 1 {
            if let client = target.flows(in: trouble).first?.record.a.address { tries[client, default: 0] += 1 }
        }
        return found.filter { target in
            guard let client = target.flows(in: trouble).first?.record.a.address else { return true }
            return target.flows > 1 || tries[client, default: 0] < Self.scan
        }
    }
}

/// Endpoints of one address that stay silent in a capture that nobody probed in.
struct SilentTargets {
    let address: PacketAddress
    let targets: [PacketTarget]
    let isAlive: Bool
    let confidence: Finding.Confidence
    let lines: [String]

    static func all(in capture: CaptureEvidence) -> [SilentTargets] {
        guard capture.check == nil else { return [] }
        // The libraries of clouds try the metadata service wherever they run, and it is well to be kept from it.
        let silent = capture.refusedTargets(.silence).filter { isEnough($0) && !$0.server.address.isMetadata }
        return grouped(silent, by: \.server.address).map { SilentTargets($0, $1, capture) }
    }

    private init(_ address: PacketAddress, _ targets: [PacketTarget], _ capture: CaptureEvidence) {
        self.address = address
        self.targets = targets
        let usual = capture.knowledge.range(of: address)
        isAlive = usual != nil || targets.contains { $0.count(.refused) > 0 }
        confidence = isAlive && capture.seesAnswers ? capture.confidence(.likely) : .possible
        let quoted = targets.prefix(3).flatMap { $0.lines(.silence, limit: 2, \.silenceWords) }
        let life =
            isAlive
            ? "but the host is up: other packets of \(address) are in the capture"
            : capture.seesAnswers
                ? "nothing else of \(address) is in the capture either"
                : "no answer of anybody is in this capture: it may see one direction only"
        lines = quoted + [life] + capture.caution
    }

    /// A few SYNs of one conversation may be an attempt that was given up for a better one.
    private static func isEnough(_ target: PacketTarget) -> Bool {
        target.count(.silence) >= 2 || target.flows(in: .silence).contains { $0.tcp.fromA.syns >= 3 }
    }
}

/// The resets that refused checks, as captured.
struct RefusalsOnWire {
    let lines: [String]
    /// Each came with the hop limit of the target's other packets.
    let areGenuine: Bool

    init(_ checks: [CheckEvidence], _ evidence: Evidence) {
        let refusals = checks.flatMap { evidence.refusals(of: $0) }
        lines = evidenceLines(
            refusals.map { flow, reset in
                flow.words(of: reset, usual: evidence.usualHopLimits(of: flow.record.b.address.address))
            }, limit: 3)
        areGenuine =
            !refusals.isEmpty
            && refusals.allSatisfy { flow, reset in
                evidence.usualHopLimits(of: flow.record.b.address.address)?.contains(reset.hopLimit) ?? false
            }
    }
}
