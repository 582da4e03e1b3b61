import NetValues
import Observations
import Planning

/// Whatever is asked for, one answer comes (catalogue section 21).
enum CaptiveAnswer: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "captive-answer", severity: .warning, title: "Every name has the same answer",
        signals: [
            "names made at random under three or more unrelated zones all get the same address (dns: `randomNames: true`, --random-names)"
        ],
        lookalikes: [
            "a wildcard in one zone: names of other zones do not exist",
            "a wildcard in a search domain: a name with a final dot is not looked for there",
        ],
        traps: ["a filter that answers for names it blocks does so for those names only"],
        remedy: [
            "sign in to the network's portal, if it has one",
            "ask another resolver, or have the rewriting of answers switched off for this client: programs rely on NXDOMAIN",
        ])

    static func findings(in evidence: Evidence) -> [Finding] { names(in: evidence) }
}
