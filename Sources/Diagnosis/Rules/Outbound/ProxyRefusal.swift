import NetValues
import Observations
import Planning

/// A proxy was reached and did not let a request through: the answer is the proxy's own (no tunnel for CONNECT, 407, or an error page
/// that names the proxy). What it forbids is a filter by name (egress-fqdn-filtered); for the rest no finding has a name of its own
/// (expectation-unmet).
enum ProxyRefusal {
    private struct Refusal: Hashable {
        let proxy: HostPort
        let target: HostPort
        let status: Int?
        /// Nothing came until our time was over: the proxy may be waiting itself.
        let isWaiting: Bool
    }

    static func isMet(by check: CheckEvidence) -> Bool { fact(of: check) != nil }

    /// - Parameter forbidden: those that a rule of the proxy's forbids, else the others.
    static func findings(of rule: any Rule.Type, forbidden: Bool, in evidence: Evidence) -> [Finding] {
        let refused = evidence.measured.compactMap {
            check -> (refusal: Refusal, check: CheckEvidence, fact: HTTPFact)? in
            guard let fact = fact(of: check), let proxy = fact.proxy, (fact.response?.status == 403) == forbidden else {
                return nil
            }
            let target = HostPort(host: fact.url.host, port: fact.url.port)
            return (
                Refusal(proxy: proxy, target: target, status: fact.response?.status, isWaiting: fact.isWaitedFor),
                check, fact
            )
        }
        return grouped(refused, by: \.refusal).map { refusal, members in
            rule.finding(
                "\(refusal.target) through the proxy \(refusal.proxy)", checks: members.map(\.check.name),
                confidence: refusal.isWaiting ? .likely : .certain,
                summary:
                    "The proxy \(refusal.proxy) does not let \(refusal.target) through: \(words(refusal.status)).",
                evidence: evidenceLines(members.flatMap { lines($0.fact) }),
                cause: refusal.isWaiting ? waiting : cause(refusal.status),
                remedy: remedy(refusal.isWaiting ? 504 : refusal.status))
        }
    }

    private static func fact(of check: CheckEvidence) -> HTTPFact? {
        guard check.check.expectation.word == .reachable, check.isFailing else { return nil }
        return check.exchanges.last { $0.proxy != nil && ($0.isRefusalOfProxy || $0.isUnansweredTunnel) }
    }

    private static let waiting =
        "It took the request for a tunnel and said nothing until the time-out: most proxies wait for their target for longer than we do, so that the target does not answer the proxy either; or it is no proxy."

    private static func words(_ status: Int?) -> String {
        switch status {
        case 407: "it wants credentials (407)"
        case 403: "it forbids it (403)"
        case 504: "it waited for it in vain (504)"
        case let status? where status >= 500: "it cannot reach it (\(status))"
        case let status?: "it answers \(status)"
        case nil: "it gives no HTTP answer"
        }
    }

    private static func cause(_ status: Int?) -> String {
        switch status {
        case 407: "No credentials were sent, or not those that the proxy wants (RFC 9110 section 11.7)."
        case 403: "A rule of the proxy forbids this target or this port."
        case let status? where status >= 500:
            "The proxy itself does not get to the target: its DNS, its routes or its own way out fail, or the target is down."
        case nil:
            "It hung up when it was asked for a tunnel: it is no proxy, or it drops what it does not allow."
        default: "The proxy answered in the server's place."
        }
    }

    private static func remedy(_ status: Int?) -> [String] {
        switch status {
        case 407: ["give the proxy's user and password (proxyBasic in a plan, http://USER:PASSWORD@… in HTTPS_PROXY)"]
        case let status? where status >= 500:
            [
                "look at the proxy's log: its name servers and its own way out",
                "compare with another target through the same proxy",
            ]
        default: ["ask whoever runs the proxy to allow this target, or keep it out of the proxy (NO_PROXY)"]
        }
    }

    private static func lines(_ fact: HTTPFact) -> [String] {
        guard let response = fact.response else {
            return [
                "\(fact.method) \(HostPort(host: fact.url.host, port: fact.url.port)) at the proxy \(fact.endpoint): no HTTP answer in \(fact.elapsed.spoken)"
            ]
        }
        var lines = [
            "\(fact.method) \(HostPort(host: fact.url.host, port: fact.url.port)) at the proxy \(fact.endpoint): \(response.status) \(response.reason.escaped(limit: 60))"
        ]
        for name in ["server", "via", "proxy-authenticate", "x-squid-error", "proxy-status"] {
            if let value = response.header(name) { lines.append("header \(name): \(value.escaped(limit: 120))") }
        }
        return lines
    }
}

extension HTTPFact {
    /// The proxy took the request for a tunnel, and no answer came.
    fileprivate var isUnansweredTunnel: Bool { proxy != nil && method == "CONNECT" && response == nil }

    fileprivate var isWaitedFor: Bool {
        guard isUnansweredTunnel, case .incomplete(.deadline, _) = outcome else { return false }
        return true
    }
}
