import NetValues
import Observations
import Planning

/// Pings of which only so many in a time are answered: seen by answers that come at an even rate, or by a slower series to the same
/// address that loses none.
struct EchoRateLimit {
    let check: CheckEvidence
    private let loss: EchoLoss
    private let contrasts: EchoContrasts

    static func all(in evidence: Evidence) -> [EchoRateLimit] {
        evidence.measured.filter { $0.check.expectation.word == .reachable }.compactMap(EchoLoss.init).compactMap {
            let contrasts = EchoContrasts($0, in: evidence)
            return explains($0, contrasts) ? EchoRateLimit(check: $0.check, loss: $0, contrasts: contrasts) : nil
        }
    }

    /// Whether a limit for the rate explains what was lost.
    static func explains(_ loss: EchoLoss, _ contrasts: EchoContrasts) -> Bool {
        loss.metering != nil || contrasts.slower.contains { $0.lost == 0 }
    }

    var subject: String { check.subject }
    var isICMPOnly: Bool { contrasts.isICMPOnly }
    /// The plan names the loss that it allows.
    var isAgainstPlan: Bool { check.check.expectation.parameters.share("loss") != nil }

    var summary: String {
        if let metering = loss.metering {
            return
                "\(subject) answers about \(EchoMetering.spoken(metering.answered)) pings a second, after \(metering.burst) at once; it was asked \(EchoMetering.spoken(metering.offered)) times a second."
        }
        let pace = contrasts.slower.first { $0.lost == 0 }?.check.check.interval ?? .zero
        return
            "Pings to \(subject) are lost at one every \(check.check.interval.spoken) (\(loss.lost) of \(loss.sent)) and not at one every \(pace.spoken)."
    }

    var lines: [String] { loss.lines + contrasts.lines }
}
