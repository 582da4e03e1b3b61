import NetValues
import Observations
import Planning

/// A proxy was reached and did not let a request through.
enum ProxyDenied: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "proxy-denied", severity: .error, title: "The proxy does not let the request through",
        signals: ["the answer is the proxy's own: no tunnel for CONNECT, 407, or an error page that names the proxy"],
        lookalikes: [
            "the server's own 403 or 502 through the proxy: the tunnel stands, or the answer names no proxy (http-status-unexpected)",
            "a proxy that cannot be connected to: the connection itself fails (tcp-refused, tcp-filtered-drop)",
        ],
        remedy: ["ask whoever runs the proxy to allow this target, or keep it out of the proxy (NO_PROXY)"])

    private struct Refusal: Hashable {
        let proxy: HostPort
        let target: HostPort
        let status: Int?
        /// Nothing came until our time was over: the proxy may be waiting itself.
        let isWaiting: Bool
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        let refused = evidence.measured.compactMap {
            check -> (refusal: Refusal, check: CheckEvidence, fact: HTTPFact)? in
            guard check.check.expectation.word == .reachable, check.isFailing,
                let fact = check.exchanges.last(where: { $0.isRefusalOfProxy || $0.isUnansweredTunnel }),
                let proxy = fact.proxy
            else { return nil }
            let target = HostPort(host: fact.url.host, port: fact.url.port)
            return (
                Refusal(proxy: proxy, target: target, status: fact.response?.status, isWaiting: fact.isWaitedFor),
                check, fact
            )
        }
        return grouped(refused, by: \.refusal).map { refusal, members in
            finding(
                "\(refusal.target) through the proxy \(refusal.proxy)", checks: members.map(\.check.name),
                confidence: refusal.isWaiting ? .likely : .certain,
                summary:
                    "The proxy \(refusal.proxy) does not let \(refusal.target) through: \(words(refusal.status)).",
                evidence: evidenceLines(members.flatMap { lines($0.fact) }),
                cause: refusal.isWaiting ? waiting : cause(refusal.status),
                remedy: remedy(refusal.isWaiting ? 504 : refusal.status))
        }
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
        default: explanation.remedy
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
