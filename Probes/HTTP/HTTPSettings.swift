import NetValues
import Planning
import ProbeKit
import Wire

/// What a check's keys come to.
struct HTTPSettings: Sendable {
    /// Where to connect to in place of the URL's host.
    struct Destination: Hashable, Sendable {
        let host: Host
        let port: UInt16?
    }

    let url: HTTPURL
    let method: String
    /// The plan's own, in the order of their names.
    let headers: [HTTPField]
    let body: [UInt8]
    let hostHeader: String?
    let serverName: String?
    let caPath: String?
    let certificatePath: String?
    let keyPath: String?
    /// Nothing of an answer is kept but its status: no header, no word of it can then be told or judged.
    let keepsStatusOnly: Bool
    let follows: Bool
    let asksAllAddresses: Bool
    /// Whether the addresses that the exchange did not need are looked at too; not so where the plan says `first`.
    let surveysAddresses: Bool
    /// The value of the `Authorization` field.
    let authorization: String?
    let connectTo: Destination?
    /// Nil where servers are asked themselves.
    let proxy: HTTPProxy?
    let limits: HTTPResponseParser.Limits
    let status: StatusSet?
    let bodyPattern: HTTPPattern?
    let headerPatterns: [(String, HTTPPattern)]
    let wantsRedirectToHTTPS: Bool

    init(check: Check) throws(PlanProblem) {
        guard case .url(let url) = check.target else {
            throw PlanProblem("an http check needs \(Target.Form.url.syntax)")
        }
        let keys = CheckedKeys(check.parameters)
        let expected = CheckedKeys(check.expectation.parameters)
        self.url = url
        method = try keys.text("method", HTTPKeySyntax.method) ?? "GET"
        headers = try keys.fields("headers")
        body = Array((check.parameters.text("body") ?? "").utf8)
        hostHeader = try keys.text("host", HTTPKeySyntax.hostHeader)
        serverName = try keys.text("serverName", HTTPKeySyntax.serverName)
        caPath = check.parameters.text("ca")
        certificatePath = check.parameters.text("certificate")
        keyPath = check.parameters.text("key")
        asksAllAddresses = check.parameters.text("addresses") == "all"
        surveysAddresses = !check.parameters.has("addresses")
        authorization = try keys.authorization(beside: headers)
        connectTo = try keys.text("connectTo", HTTPKeySyntax.connectTo).flatMap(HTTPKeySyntax.destination)
        proxy = try HTTPProxy(keys, check.parameters)
        status = try expected.status("status")
        bodyPattern = try expected.pattern("body")
        headerPatterns = try expected.patterns("headers")
        wantsRedirectToHTTPS = check.expectation.parameters.has("redirect")
        let maxBody = check.parameters.number("maxBody") ?? Self.usualBodyLimit
        limits = HTTPResponseParser.Limits(
            headBytes: check.parameters.number("maxHeader") ?? Self.usualHeadLimit, bodyBytes: maxBody,
            bodyKept: bodyPattern == nil ? min(256, maxBody) : maxBody)
        // Who expects a redirect wants to see it, not what stands behind it.
        keepsStatusOnly = check.parameters.text("keep") == "status"
        follows = !keepsStatusOnly && (check.parameters.flag("follow") ?? !(status?.namesRedirect ?? false))
        try keys.refuseHalfPair("certificate", "key")
        try refuseUselessRedirect(at: check.expectation.parameters.places["redirect"])
    }

    static let usualBodyLimit = 1 << 20
    static let usualHeadLimit = 1 << 16

    private func refuseUselessRedirect(at place: SourcePlace?) throws(PlanProblem) {
        if wantsRedirectToHTTPS, url.scheme == .https {
            throw PlanProblem("redirect: https can only be expected of an http:// URL", at: place)
        }
    }

    // MARK: - One hop

    /// `connectTo` stands for the URL's own host; its port for the URL's own port. A proxy stands for every host.
    func destination(of hop: HTTPURL) -> HostPort {
        if let proxy { return proxy.place }
        guard let connectTo, hop.hasSameHost(as: url) else { return HostPort(host: hop.host, port: hop.port) }
        return HostPort(host: connectTo.host, port: hop.port == url.port ? connectTo.port ?? hop.port : hop.port)
    }

    /// The name that the server is asked to be: `serverName`, else the `host` key's, else the URL's.
    func tls(for hop: HTTPURL) -> TLSSettings {
        let isHome = hop.hasSameHost(as: url)
        let chosen = isHome ? (serverName.flatMap { Host($0) } ?? hostHeader.flatMap(HTTPKeySyntax.hostOnly)) : nil
        let name = chosen ?? hop.host
        return TLSSettings(
            serverName: name.name.map { $0.labels.joined(separator: ".") }, expectedName: name, caPath: caPath,
            certificatePath: isHome ? certificatePath : nil, keyPath: isHome ? keyPath : nil, alpn: ["http/1.1"],
            graceForLateAlert: .zero)
    }

    /// What the plan wrote goes only to the plan's own server, and only over a connection that may carry secrets; to all
    /// others goes what says nothing about the user.
    func request(for hop: HTTPHop, mayCarrySecrets: Bool) -> HTTPRequestMessage {
        let isTrusted = mayCarrySecrets && hop.isTrusted(home: url)
        var own = headers.filter { isTrusted || Self.harmless.contains($0.name.lowercasedASCII()) }
        if !hop.sendsBody { own.removeAll { !body.isEmpty && $0.name.lowercasedASCII().hasPrefix("content-") } }
        if isTrusted, let authorization { own.append(HTTPField("Authorization", authorization)) }
        let isHome = hop.url.hasSameHost(as: url)
        let host = isHome ? hostHeader ?? Self.hostField(hop.url) : Self.hostField(hop.url)
        let usual = Self.usual.filter { own.values($0.name).isEmpty }
        return HTTPRequestMessage(
            method: hop.method, target: hop.url.requestTarget, fields: [HTTPField("Host", host)] + usual + own,
            body: isTrusted && hop.sendsBody ? body : [])
    }

    private static let harmless: Set = ["accept", "accept-language", "cache-control", "pragma", "user-agent"]

    private static let usual = [
        HTTPField("User-Agent", "leadsman"), HTTPField("Accept", "*/*"), HTTPField("Accept-Encoding", "identity"),
        HTTPField("Connection", "close"),
    ]

    /// Without the zone of an address, which means nothing to the other side (RFC 6874 section 1).
    private static func hostField(_ url: HTTPURL) -> String {
        guard case .address(.v6(let address)) = url.host, address.zone != nil else { return url.authority }
        let plain = IPv6Address(high: address.high, low: address.low)
        return HTTPURL(scheme: url.scheme, host: .address(.v6(plain)), port: url.port).authority
    }
}
