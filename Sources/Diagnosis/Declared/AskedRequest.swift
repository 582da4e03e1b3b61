import NetValues
import Observations
import Planning

/// A request of a check as proxies in front of a cluster see it, with what came back.
struct AskedRequest {
    /// In lower case, without a port and a final dot.
    let host: String
    /// Without the query.
    let path: String
    let query: [String: String]
    let method: String
    let scheme: HTTPURL.Scheme
    let endpoint: Endpoint
    /// Those of the plan, names in lower case.
    let headers: [String: String]
    let response: HTTPResponse
    let url: HTTPURL

    /// Nil for an exchange without an answer.
    init?(_ exchange: HTTPFact, of check: CheckEvidence) {
        guard let response = exchange.response, !exchange.isRefusalOfProxy else { return nil }
        self.response = response
        url = exchange.url
        scheme = exchange.url.scheme
        endpoint = exchange.endpoint
        method = exchange.method
        let parts = exchange.url.requestTarget.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "/")
        query = Self.query(parts.count > 1 ? parts[1] : "")
        // What the plan says of the request goes to its own host only.
        var isHome = false
        if case .url(let home) = check.check.target { isHome = home.host == exchange.url.host }
        let written = isHome ? check.check.parameters.text("host") : nil
        host = Self.hostOnly(written) ?? Self.name(of: exchange.url.host)
        headers = Dictionary(
            (isHome ? check.check.parameters.map("headers") ?? [:] : [:]).map { ($0.key.lowercasedASCII(), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    /// "http://shop.test/api", with the Host that was asked for.
    var words: String {
        let port = url.port == scheme.defaultPort ? "" : ":\(url.port)"
        return "\(scheme.rawValue)://\(host)\(port)\(path)".escaped(limit: 300)
    }

    static func name(of host: Host) -> String {
        switch host {
        case .name(let name): name.labels.joined(separator: ".").lowercasedASCII()
        case .address(let address): address.description
        }
    }

    private static func hostOnly(_ text: String?) -> String? {
        guard let text else { return nil }
        return (HostPort(text).map(\.host) ?? Host(text)).map(name)
    }

    private static func query(_ text: Substring) -> [String: String] {
        let pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}

extension CheckEvidence {
    /// The last request of each sample that got an answer.
    var askedRequests: [AskedRequest] {
        guard hasExchanges else { return [] }
        return samples.compactMap { sample in
            let last = sample.facts.last { if case .http(let fact) = $0 { !fact.isContrast } else { false } }
            guard case .http(let exchange)? = last else { return nil }
            return AskedRequest(exchange, of: self)
        }
    }

    /// Answers whose status is not the expected one.
    var unwantedAnswers: [AskedRequest] {
        guard hasExchanges, check.expectation.word == .reachable else { return [] }
        return samples.compactMap { sample in
            guard sample.comparisons.contains(where: { $0.key == "status" && !$0.isMet }) else { return nil }
            let exchanges = sample.facts.compactMap {
                if case .http(let fact) = $0, !fact.isContrast { fact } else { nil }
            }
            guard let last = exchanges.last, !HTTPRedirectLoop.isLoop(exchanges) else { return nil }
            return AskedRequest(last, of: self)
        }
    }
}

extension HTTPResponse {
    /// Envoy's own answer, and not one that it passes on: it names no time that an upstream took.
    var isOfEnvoyItself: Bool {
        let server = (header("server") ?? "").lowercasedASCII()
        return (server == "envoy" || server == "istio-envoy") && header("x-envoy-upstream-service-time") == nil
    }

    /// A proxy of which nobody is behind, told from an application's own words: the default pages of nginx, HAProxy, Traefik,
    /// Envoy and Google's load balancer.
    var isOfProxyWithoutBackend: Bool {
        guard [404, 500, 502, 503, 504].contains(status), header("x-envoy-upstream-service-time") == nil else {
            return false
        }
        let body = String(decoding: bodyStart.prefix(400), as: UTF8.self)
        if ["default backend", "backend NotFound"].contains(where: body.contains) { return true }
        guard status != 404 else { return false }
        if isPageOfNginx { return true }
        if isOfEnvoyItself, bodyBytes == 0 { return true }
        let words = [
            "no healthy upstream", "upstream connect error", "no available server",
            "No server is available to handle this request",
        ]
        if words.contains(where: body.contains) { return true }
        let plain = body.filter { $0 != "\n" && $0 != "\r" }
        return ["Service Unavailable", "Bad Gateway", "Gateway Timeout"].contains(plain)
    }

    /// As nginx writes it by itself, in front of an application or as one.
    var isPageOfNginx: Bool {
        let body = String(decoding: bodyStart.prefix(400), as: UTF8.self)
        let isNginx = (header("server") ?? "").lowercasedASCII().hasPrefix("nginx") || body.contains("<center>nginx")
        return isNginx && body.contains("<center><h1>\(status)")
    }
}
