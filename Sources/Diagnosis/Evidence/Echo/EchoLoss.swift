import NetValues
import Observations
import Planning

/// An echo series of which some requests stayed unanswered and others did not, and what it may be compared with.
struct EchoLoss {
    let check: CheckEvidence
    let address: IPAddress?
    let sent: Int
    let lost: Int
    let pattern: LossPattern?
    var metering: EchoMetering? { pattern?.metering }
    private let numbers: [String]

    /// Nil unless more is lost than the plan allows, or than chance and habit explain: two at least, and more than 1 % with 95 % confidence.
    init?(_ check: CheckEvidence) {
        guard check.isEchoSeries else { return nil }
        let echoes = check.echoes
        sent = echoes.count
        let lostEchoes = echoes.filter { $0.outcome == .lost }
        lost = lostEchoes.count
        // Where errors come in place of replies nothing gets through, and none of it is lost by chance.
        guard lost > 0, echoes.contains(where: { $0.outcome == .replied }) else { return nil }
        if let limit = check.check.expectation.parameters.share("loss") {
            guard Double(lost) / Double(sent) > limit else { return nil }
        } else {
            guard lost >= 2, BinomialTest.lowerBound(lost, of: sent) > 0.01 else { return nil }
        }
        self.check = check
        address = echoes.first?.address
        numbers = lostEchoes.map { String($0.sequence) }
        pattern = LossPattern(
            check.samples.compactMap { sample in
                for case .echo(let echo) in sample.facts { return (sample.startedAt, echo.outcome == .lost) }
                return nil
            })
    }

    var lines: [String] {
        let bound = BinomialTest.lowerBound(lost, of: sent) * 100
        var lines = ["\(lost) of \(sent) echo requests unanswered (numbers \(listed(numbers, limit: 8)))"]
        if let pattern { lines.append(pattern.words) }
        lines.append("with 95 % confidence the true loss is at least \(bound.decimals(1)) %")
        if let limit = check.check.expectation.parameters.share("loss") {
            lines.append("the plan allows \((limit * 100).decimals(1)) %")
        }
        return lines
    }
}

/// Other packets to the address of a lossy echo series, and whether they fared better by more than chance (Fisher's exact test).
struct EchoContrasts {
    /// Series that lost less: of smaller packets, and at a lower rate.
    private(set) var smaller: [Comparison] = []
    private(set) var slower: [Comparison] = []
    /// Connections over TCP to the address, and how many of them repeated their SYN.
    let connects: (count: Int, repeated: Int)?

    struct Comparison {
        let check: CheckEvidence
        let sent: Int
        let lost: Int
    }

    /// Fewer show nothing.
    static let fewest = 20
    private static let mostByChance = 0.01

    init(_ loss: EchoLoss, in evidence: Evidence) {
        let own = loss.check.check
        for other in evidence.measured where other.name != loss.check.name && other.isEchoSeries {
            let echoes = other.echoes
            guard echoes.count >= Self.fewest, echoes.first?.address == loss.address else { continue }
            let found = Comparison(check: other, sent: echoes.count, lost: echoes.count { $0.outcome == .lost })
            guard Self.differs(loss, from: found.lost, of: found.sent) else { continue }
            if other.size < loss.check.size {
                smaller.append(found)
            } else if other.size == loss.check.size, other.check.interval >= own.interval * 2 {
                slower.append(found)
            }
        }
        let facts = evidence.measured.flatMap(\.connects).filter {
            $0.endpoint.address == loss.address && $0.outcome == .connected && $0.tcp != nil
        }
        let repeated = facts.count { $0.tcp.map { $0.retransmits > 0 } ?? false }
        connects =
            facts.count >= Self.fewest && Self.differs(loss, from: repeated, of: facts.count)
            ? (facts.count, repeated) : nil
    }

    private static func differs(_ loss: EchoLoss, from lost: Int, of sent: Int) -> Bool {
        ExactTest.probability(lost: loss.lost, of: loss.sent, against: lost, of: sent) < mostByChance
            && lost * loss.sent * 2 < loss.lost * sent
    }

    var isICMPOnly: Bool { connects != nil }

    var lines: [String] {
        smaller.map {
            "with \($0.check.size) bytes of payload \($0.lost) of \($0.sent) to the same address (check “\($0.check.name)”)"
        }
            + slower.map {
                "at one every \($0.check.check.interval.spoken) \($0.lost) of \($0.sent) to the same address (check “\($0.check.name)”)"
            }
            + (connects.map {
                ["of \($0.count) connections over TCP to the same address \($0.repeated) had to repeat their SYN"]
            } ?? [])
    }
}

extension CheckEvidence {
    /// Bytes of payload of an echo series.
    fileprivate var size: Int { check.parameters.number("size") ?? 56 }
}
