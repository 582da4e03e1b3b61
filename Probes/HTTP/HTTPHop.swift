import NetValues
import Observations
import Planning

/// One request of a chain.
struct HTTPHop: Hashable, Sendable {
    var url: HTTPURL
    var method: String
    /// The method is still the one that the plan's body belongs to.
    var sendsBody: Bool
    /// An earlier hop, or this one, went over TLS.
    var wasSecure: Bool

    /// The request that a response sends us to, nil when there is none or it must not be made.
    func redirected(by response: HTTPResponse, home: HTTPURL) -> HTTPHop? {
        guard Self.isRedirect(response.status), let location = response.header("Location"),
            let next = url.resolving(location)
        else { return nil }
        var hop = self
        hop.url = next
        hop.wasSecure = wasSecure || next.scheme == .https
        if Self.turnsIntoGET(response.status, method) {
            hop.method = "GET"
            hop.sendsBody = false
        }
        // A body meant for one server is not given to another, and without it the request would be a different one.
        if hop.sendsBody, !hop.isTrusted(home: home) { return nil }
        return hop
    }

    static func isRedirect(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// RFC 9110 section 15.4: 303 asks for a GET; 301 and 302 turn POST into GET as every browser does; 307 and 308 keep.
    private static func turnsIntoGET(_ status: Int, _ method: String) -> Bool {
        switch status {
        case 303: method != "GET" && method != "HEAD"
        case 301, 302: method == "POST"
        default: false
        }
    }

    /// Whether credentials may go with this request: only to the plan's own server, and never in the clear once the chain
    /// was on TLS.
    func isTrusted(home: HTTPURL) -> Bool {
        guard url.hasSameHost(as: home), url.scheme == .https || !wasSecure else { return false }
        return url.port == home.port || (home.scheme == .http && url.scheme == .https)
    }

    /// The same for two requests that get the same answer from a server without memory.
    var identity: String { "\(method) \(url.scheme.rawValue)://\(url.host.identity):\(url.port)\(url.requestTarget)" }
}

extension HTTPURL {
    func hasSameHost(as other: HTTPURL) -> Bool { host.identity == other.host.identity }
}

extension Host {
    /// Names compare without case and without the trailing dot.
    var identity: String {
        switch self {
        case .name(let name): name.canonical
        case .address(let address): "[\(address)]"
        }
    }
}
