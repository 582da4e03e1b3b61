import JSON
import NetValues

/// What a check's figures are worth, read from its additions: with `--verbose` under its line, and what was not counted at the foot of
/// the page.
enum SamplingText {
    static func lines(of check: CheckReport) -> [String] {
        confidence(check) + [stages(check), asideAndMissed(check)].compactMap(\.self)
    }

    /// At the foot of the page, unless nothing was left out.
    static func footer(_ checks: [CheckReport]) -> String? {
        let discarded = checks.reduce(0) { $0 + count("discarded", of: $1) }
        guard discarded > 0 else { return nil }
        return
            "\(counted(discarded, "sample")) set aside, whole or their time: this process stood still while they were taken"
    }

    private static func count(_ key: String, of check: CheckReport) -> Int {
        max(0, check.additions["sampling"]?[key]?.int ?? 0)
    }

    /// "p95 of 12 samples is the slowest one"
    private static func confidence(_ check: CheckReport) -> [String] {
        guard let total = check.additions["distributionsMs"]?[SamplingJSON.totalKey], let count = total["count"]?.int
        else { return [] }
        var parts: [String] = []
        for key in ["p50", "p95", "p99"] {
            guard let ends = total["confidence95"]?[key]?.array, ends.count == 2, let low = ends[0].number else {
                continue
            }
            let high = ends[1].number.map { " to \(Milliseconds.spoken($0))" } ?? " or more"
            parts.append("\(key) \(Milliseconds.spoken(low))\(high)")
        }
        let range =
            parts.isEmpty
            ? [] : ["with 95 % confidence: \(parts.joined(separator: " · ")) (\(counted(count, "sample")))"]
        // Of a single sample nobody expects more.
        guard count > 1 else { return range }
        let slowest =
            count < 20 ? "p95 and p99 of \(count) samples are" : count < 100 ? "p99 of \(count) samples is" : nil
        return range + [slowest.map { "the \($0) the slowest one" }].compactMap(\.self)
    }

    private static func stages(_ check: CheckReport) -> String? {
        guard let members = check.additions["distributionsMs"]?.object?.members else { return nil }
        let parts = members.compactMap { member -> String? in
            guard member.key != SamplingJSON.totalKey, let median = member.value["p50"]?.number,
                let p95 = member.value["p95"]?.number
            else { return nil }
            return "\(CheckDetails.phaseWords(member.key)) \(Milliseconds.spoken(median)) → \(Milliseconds.spoken(p95))"
        }
        return parts.isEmpty ? nil : "median → p95: \(parts.joined(separator: " · "))"
    }

    private static func asideAndMissed(_ check: CheckReport) -> String? {
        let discarded = count("discarded", of: check)
        let missed = count("missed", of: check)
        let parts = [
            discarded > 0 ? "\(counted(discarded, "sample")) set aside, since this process stood still" : nil,
            missed > 0 ? "\(counted(missed, "sample")) not taken, since the one before still waited" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }
}
