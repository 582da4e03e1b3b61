import NetValues
import Observations
import Planning

/// A transfer below the declared rate that this side itself held up: of the path it says nothing (catalogue id probe-inconclusive).
struct TransferShortage {
    let transfer: TransferEvidence
    /// "this machine's processor"
    let words: String
    let remedy: String

    /// Nil where the path, the other end, or nothing that was seen is what held it up.
    init?(_ transfer: TransferEvidence) {
        guard let unmet = transfer.unmet else { return nil }
        let fact = transfer.fact
        let isUp = fact.direction == .up
        switch fact.bound {
        case .ownProcessor: (words, remedy) = (ThroughputBound.ownProcessor.words, Self.moreProcessor)
        case .senderPace where isUp: (words, remedy) = ("this side's own pace", Self.moreProcessor)
        case .sendBuffer where isUp:
            words = "this side's send buffer"
            remedy = "let the send buffer of this machine grow (net.ipv4.tcp_wmem), and run it again"
        case .receiverWindow where !isUp:
            words = "this side's receive window"
            remedy = "let the receive buffer of this machine grow (net.ipv4.tcp_rmem), and run it again"
        case nil where Self.mayHaveSufficed(fact, unmet):
            (words, remedy) = ("the wait for this machine's processor", Self.moreProcessor)
        default: return nil
        }
        self.transfer = transfer
    }

    private static let moreProcessor =
        "give this vantage more processor time (resources.limits.cpu of a pod; nothing else at work beside it), and run it again"
    private static let notableWait = 0.1

    /// What it came to while it ran is as much as is declared.
    private static func mayHaveSufficed(_ fact: ThroughputFact, _ unmet: Comparison) -> Bool {
        guard let wait = fact.ownWait, wait >= notableWait,
            let least = BitRate(unmet.expected.filter { $0 != " " })
        else { return false }
        return Double(fact.rate) >= Double(least.bitsPerSecond) * (1 - wait)
    }
}

extension CheckEvidence {
    /// Set where nothing but that keeps the check from passing.
    var transferShortage: TransferShortage? {
        guard check.kind == "throughput", isFailing else { return nil }
        var shortage: TransferShortage?
        for sample in finals where !meetsExpectation(sample) {
            guard sample.outcome == .answered, sample.comparisons.allSatisfy({ $0.isMet || $0.key == "min" }),
                let found = TransferEvidence(self, sample).flatMap(TransferShortage.init)
            else { return nil }
            shortage = shortage ?? found
        }
        return shortage
    }

    /// Why what was asked could not be told, though something was measured; nil where it could.
    var undecided: String? {
        undecidedSizes
            ?? transferShortage.map {
                "\($0.transfer.rate) \($0.transfer.way) \($0.transfer.subject), bounded by \($0.words): the path was not tried"
            }
    }
}
