import NetValues
import Observations
import Planning

/// The internet is there, but only through a proxy.
enum ProxyRequired: Rule {
    static let layer = Layer.notice
    static let replaces = EgressBlockedInternet.replaces
    static let explanation = FindingExplanation(
        id: "proxy-required", severity: .info, title: "The internet is reached through a proxy only",
        signals: [
            "targets of at least three unrelated operators are not reached directly, and one is reached through the proxy"
        ],
        lookalikes: ["egress-blocked-internet: the proxy does not reach them either, or there is none"],
        traps: ["programs that know no proxy (DNS, NTP, databases, many command-line tools) still do not get out"],
        remedy: [
            "run programs with HTTPS_PROXY, HTTP_PROXY and NO_PROXY set (small letters too: programs differ)",
            "keep the cluster's own ranges, .svc and the API server out of the proxy by NO_PROXY",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let reach = InternetReach(evidence)
        guard let passing = reach.passing.first, let proxy = passing.check.check.proxy, let members = reach.blocked()
        else {
            return []
        }
        let manners = members.compactMap { if case .failed(let manner) = $0.way { manner.words } else { nil } }.unique()
        return [
            finding(
                "direct ways to the internet", checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "The internet is reached through the proxy \(proxy) only: direct connections are \(listed(manners)).",
                evidence: flowLines(members.flatMap(\.flows), limit: 3)
                    + reach.passing.prefix(2).map { "through the proxy \(proxy): \($0.check.check.target) answers" },
                cause: "The way out is closed but for the proxy, as is usual where outgoing traffic is watched.")
        ]
    }
}
