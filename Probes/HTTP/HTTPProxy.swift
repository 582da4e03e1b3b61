import NetValues
import Planning
import Wire

/// A proxy that requests go through (RFC 9110 section 3.7): for `http` it is asked for the whole URL, for `https` it opens a
/// tunnel (section 9.3.6).
struct HTTPProxy: Hashable, Sendable {
    let place: HostPort
    /// The value of `Proxy-Authorization`.
    private let authorization: String?

    /// Nil where the check names no proxy.
    init?(_ keys: CheckedKeys, _ parameters: Parameters) throws(PlanProblem) {
        let basic = try keys.text("proxyBasic", HTTPKeySyntax.basic)
        guard let place = try keys.text("proxy", HTTPKeySyntax.proxy).flatMap(Self.place) else {
            if basic != nil {
                throw PlanProblem("proxyBasic: needs proxy beside it", at: parameters.places["proxyBasic"])
            }
            return nil
        }
        if parameters.has("connectTo") {
            throw PlanProblem(
                "connectTo: cannot stand beside proxy, which connects in our place", at: parameters.places["connectTo"])
        }
        self.place = place
        authorization = basic.map(HTTPCredentials.basic)
    }

    /// `http://HOST:PORT`, with nothing behind it.
    static func place(_ text: String) -> HostPort? {
        guard let url = HTTPURL(text), url.scheme == .http, url.requestTarget == "/" else { return nil }
        return HostPort(host: url.host, port: url.port)
    }

    /// That it may know who asks.
    var fields: [HTTPField] { authorization.map { [HTTPField("Proxy-Authorization", $0)] } ?? [] }

    /// The request to be put through to a server.
    func tunnel(to url: HTTPURL) -> HTTPRequestMessage {
        var port = HTTPURL(scheme: .http, host: url.host, port: url.port).authority
        // RFC 9112 section 3.2.3: always with a port.
        if url.port == HTTPURL.Scheme.http.defaultPort { port += ":\(url.port)" }
        return HTTPRequestMessage(
            method: "CONNECT", target: port,
            fields: [HTTPField("Host", port), HTTPField("User-Agent", "leadsman")] + fields)
    }

    /// A request in the form that a proxy is given (RFC 9112 section 3.2.2).
    func absolute(_ request: HTTPRequestMessage, for url: HTTPURL) -> HTTPRequestMessage {
        var request = request
        request.target = "http://\(url.authority)\(url.requestTarget)"
        request.fields += fields
        return request
    }
}
