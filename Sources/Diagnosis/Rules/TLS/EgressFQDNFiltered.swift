import NetValues
import Observations
import Planning

/// A filter on the way lets connections come about and then goes by the name that is asked for (catalogue section 4).
enum EgressFQDNFiltered: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "egress-fqdn-filtered", severity: .error, title: "Outgoing traffic is filtered by name",
        signals: [
            "TCP connects, TLS with this server name is reset or closed right behind the ClientHello, each time, and the same address answers under another name",
            "likewise a plain HTTP request, by its Host",
            "the answer is the block page of a firewall: status 470 or “Action: Deny” (Azure Firewall), or that of another known product",
            "the proxy that the check goes through forbids the target (403)",
        ],
        lookalikes: [
            "a server, or a load balancer that goes by the server name, without this name: the same from here, hence never certain without a block page",
            "mtls-required: the server asks for a certificate before it ends the connection",
            "tls-plaintext-on-tls-port: something other than TLS comes back",
            "tls-chain-untrusted: a firewall that opens TLS shows a certificate of its own",
            "tcp-reset-after-connect: every name is reset, or only some connections are",
        ],
        traps: [
            "servers behind one address that take turns: both names are tried twice, and the own one in between",
            "ECH hides the name from the filter, and QUIC may pass where TLS over TCP does not",
        ],
        remedy: [
            "have the name allowed where outgoing traffic is filtered; Azure Firewall: add the FQDN to an application rule",
            "to tell a filter from a server without this name: ask for it from a network without the filter",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let pages = evidence.checks.compactMap { check -> (check: CheckEvidence, page: BlockPage)? in
            guard check.check.expectation.word == .reachable, check.isFailing else { return nil }
            // What the check's own proxy denies is told beside.
            let direct = check.exchanges.lazy.filter { !$0.isRefusalOfProxy }
            return direct.compactMap { BlockPage($0) }.first.map { (check, $0) }
        }
        let filtered = FilteredNames(evidence).names
        return grouped(pages, by: { $0.page.host }).map { host, members in judge(host, members) }
            + grouped(filtered, by: \.name).map { name, members in judge(name, members) }
            + ProxyRefusal.findings(of: Self.self, forbidden: true, in: evidence)
    }

    private static func judge(_ host: String, _ members: [(check: CheckEvidence, page: BlockPage)]) -> Finding {
        let page = members[0].page
        return finding(
            host, checks: members.map(\.check.name), confidence: page.isCertain ? .certain : .likely,
            summary: "A filter on the way (\(page.product)) answers in place of \(host), and denies it.",
            evidence: evidenceLines(members.map(\.page.words)),
            cause: "The rules of this firewall or proxy do not allow the name \(host) to be reached from here.",
            remedy: [explanation.remedy[0]])
    }

    private static func judge(_ name: String, _ members: [FilteredNames.Name]) -> Finding {
        let first = members[0]
        let isReset = members.allSatisfy(\.isReset)
        let what = first.isTLS ? "TLS with the server name" : "Requests with Host"
        return finding(
            name, checks: members.map(\.check.name).unique(), confidence: isReset ? .likely : .possible,
            summary:
                "\(what) \(name) \(first.isTLS ? "is" : "are") \(isReset ? "reset" : "closed") at once, while the same address answers under another name: a filter goes by the name\(isReset ? "" : ", or the server has no such name").",
            evidence: evidenceLines(members.flatMap(\.lines)),
            cause: isReset
                ? "A firewall or proxy on the way reads the name and ends the connection where it is not allowed. A server, or a load balancer before it, that resets what asks for this name looks the same from here."
                : "Either a firewall or proxy on the way reads the name and ends the connection, or the load balancer behind this address has no backend for it; from here these look alike."
        )
    }
}

/// The page that a firewall or filtering proxy sends in a server's place, known by what only it says.
private struct BlockPage {
    let host: String
    let product: String
    let words: String
    let isCertain: Bool

    init?(_ exchange: HTTPFact) {
        guard let response = exchange.response, response.status >= 400 || response.status == 200 else { return nil }
        let body = response.bodyStart.escaped(limit: 256)
        let known: (product: String, sign: String, isCertain: Bool)? =
            if body.contains("Action: Deny. Reason:") || body.contains("Action: Deny. Rule") {
                ("Azure Firewall", "the body says “\(body.prefix(80))”", true)
            } else if response.status == 470 {
                ("Azure Firewall by its status", "status 470, which no server sends", false)
            } else if let value = response.header("x-squid-error"), value.hasPrefix("ERR_ACCESS_DENIED") {
                ("Squid", "header X-Squid-Error: ERR_ACCESS_DENIED", true)
            } else if response.status == 403, response.header("server")?.hasPrefix("Zscaler") ?? false {
                ("Zscaler", "header Server: \(response.header("server")?.escaped(limit: 40) ?? "")", false)
            } else if body.contains("FortiGuard"), body.contains("Block") {
                ("FortiGate", "the body says “\(body.prefix(80))”", false)
            } else {
                nil
            }
        guard let known else { return nil }
        host = exchange.url.host.description
        product = known.product
        isCertain = known.isCertain
        words = "\(exchange.method) \(exchange.url) at \(exchange.endpoint): status \(response.status), \(known.sign)"
    }
}
