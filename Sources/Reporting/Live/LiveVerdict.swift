import Diagnosis
import NetValues

/// The judgement over what was measured so far, in one sentence.
package struct LiveVerdict: Hashable, Sendable {
    package let verdict: Judgement.Verdict
    /// Of the first finding, without its full stop; nil without any.
    package let headline: String?
    /// Further findings.
    package let others: Int

    package init(verdict: Judgement.Verdict, headline: String?, others: Int) {
        self.verdict = verdict
        self.headline = headline
        self.others = others
    }

    /// - Parameter redact: keeps secrets from the screen.
    package init(_ judgement: Judgement, redact: (String) -> String) {
        let headline = VerdictLine.headline(judgement.findings).map(redact)
        self.init(
            verdict: judgement.verdict, headline: headline,
            others: headline == nil ? 0 : judgement.findings.count - 1)
    }
}
