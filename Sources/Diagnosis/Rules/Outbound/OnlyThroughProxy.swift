import NetValues
import Observations
import Planning

extension ProxyInPath {
    /// The internet is there, but only through the proxy that a plan or the environment names.
    static func onlyWay(in evidence: Evidence) -> [Finding] {
        let reach = evidence.internet
        guard let passing = reach.passing.first, let proxy = passing.check.check.proxy, let members = reach.blocked()
        else {
            return []
        }
        let manners = members.compactMap { if case .failed(let manner) = $0.way { manner.words } else { nil } }.unique()
        var finding =
            finding(
                "direct ways to the internet", checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "The internet is reached through the proxy \(proxy) only: direct connections are \(listed(manners)).",
                evidence: flowLines(members.flatMap(\.flows), limit: 3)
                    + reach.passing.prefix(2).map { "through the proxy \(proxy): \($0.check.check.target) answers" },
                cause: "The way out is closed but for the proxy, as is usual where outgoing traffic is watched.")
        finding.remedy = [
            "run programs with HTTPS_PROXY, HTTP_PROXY and NO_PROXY set (small letters too: programs differ)",
            "keep the cluster's own ranges, .svc and the API server out of the proxy by NO_PROXY",
        ]
        // That the direct ways are closed is what this says.
        finding.replaces = EgressBlockedInternet.replaces.union(["expectation-unmet"])
        return [finding]
    }
}
