import NetValues
import Observations
import Planning

/// A link on the way takes less than the own one, and says so (catalogue section 6).
enum PMTUReduced: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "pmtu-reduced", severity: .info, title: "A link on the way carries smaller packets than the own one",
        signals: [
            "a router answers large packets with “fragmentation needed” (ICMP 3/4) or “packet too big” (ICMPv6 2), and trial confirms it to the byte"
        ],
        lookalikes: ["pmtu-black-hole: nobody says so"],
        traps: [
            "the router's word alone is not believed: it may be forged, or another link behind it may take still less"
        ],
        remedy: [
            "none is needed: systems adapt, at the cost of one lost packet per destination and ten minutes",
            "to spare them that, set the own interface's or CNI's MTU to the limit",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        PathLimit.all(in: evidence).compactMap { limit in
            guard limit.silent.isEmpty, let fact = limit.signalled.first, let size = fact.largestPassed else {
                return nil
            }
            let link = limit.linkMTU
            let router = fact.signal?.router.map { "; \($0) says so, as it should" } ?? ""
            let overlay = OverlayArithmetic.words(size, link: link)
            return finding(
                limit.address.description, checks: limit.checks.map(\.name),
                confidence: limit.signalled.count > 1 ? .certain : .likely,
                summary:
                    "Packets to \(limit.address) may have \(size) bytes at most\(link.map { ", the own link takes \($0)" } ?? "")\(router).",
                evidence: limit.facts.map(\.words) + cached(limit) + [overlay].compactMap(\.self),
                cause:
                    "A link or tunnel on the way has a smaller MTU. It is signalled as it should be, and systems heed it."
            )
        }
    }

    private static func cached(_ limit: PathLimit) -> [String] {
        guard let fact = limit.facts.first(where: { $0.learnedMTU != nil && $0.learnedMTU != $0.linkMTU }),
            let learned = fact.learnedMTU
        else { return [] }
        return [
            fact.routeMTU == learned
                ? "the own kernel knew that already (route cache: mtu \(learned))"
                : "the own kernel has learned it meanwhile (route cache: mtu \(learned))"
        ]
    }
}
