import NetValues
import Planning
import Wire

/// What single keys may hold: for each a function that says what is wrong with a value, or nil. Secrets are never quoted.
enum HTTPKeySyntax {
    static func method(_ text: String) -> String? {
        if text.uppercased() == "CONNECT" {
            return "CONNECT opens a tunnel and asks for nothing; use a tcp or tls check"
        }
        return HTTPSyntax.isToken(text.utf8) ? nil : "expected an HTTP method such as GET"
    }

    static func hostHeader(_ text: String) -> String? {
        hostOnly(text) == nil ? "expected HOST or HOST:PORT" : nil
    }

    static func serverName(_ text: String) -> String? {
        Host(text) == nil ? "expected a host name" : nil
    }

    static func connectTo(_ text: String) -> String? {
        destination(text) == nil ? "expected HOST or HOST:PORT to connect to" : nil
    }

    static func proxy(_ text: String) -> String? {
        HTTPProxy.place(text) == nil ? "expected http://HOST:PORT of the proxy, without credentials" : nil
    }

    static func destination(_ text: String) -> HTTPSettings.Destination? {
        if let host = Host(text) { return HTTPSettings.Destination(host: host, port: nil) }
        return HostPort(text).map { HTTPSettings.Destination(host: $0.host, port: $0.port) }
    }

    static func hostOnly(_ text: String) -> Host? { destination(text)?.host }

    static func headers(_ map: [String: String]) -> String? {
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            guard HTTPSyntax.isToken(name.utf8) else { return "\"\(name.escaped(limit: 40))\" is no name of a header" }
            if let better = made[name.lowercasedASCII()] { return "the header \(name) is made by the probe; \(better)" }
            guard HTTPSyntax.isFieldValue(value.utf8) else {
                return "the value of \(name) holds a line break or control character"
            }
        }
        return nil
    }

    private static let made = [
        "host": "use the key host", "content-length": "it follows from the body",
        "transfer-encoding": "the body is sent whole",
        "connection": "each request has its own connection",
    ]

    static func basic(_ text: String) -> String? {
        guard text.contains(":") else { return "expected USER:PASSWORD" }
        return HTTPSyntax.isFieldValue(text.utf8) ? nil : "holds a line break or control character"
    }

    static func bearer(_ text: String) -> String? {
        !text.isEmpty && HTTPSyntax.isRequestTarget(text.utf8) ? nil : "expected a token without blanks or line breaks"
    }

    static func status(_ words: [String]) -> String? {
        StatusSet(words) == nil ? "expected status codes (200) or classes (2xx)" : nil
    }

    static func pattern(_ text: String) -> String? {
        HTTPPattern(text) == nil ? "is not a regular expression" : nil
    }
}

/// Keys of a check, read with their syntax, mistakes told at their places.
struct CheckedKeys {
    private let parameters: Parameters

    init(_ parameters: Parameters) {
        self.parameters = parameters
    }

    private func problem(_ key: String, _ message: String) -> PlanProblem {
        PlanProblem("\(key): \(message)", at: parameters.places[key])
    }

    func text(_ key: String, _ mistake: (String) -> String?) throws(PlanProblem) -> String? {
        guard let text = parameters.text(key) else { return nil }
        if let mistake = mistake(text) { throw problem(key, mistake) }
        return text
    }

    func fields(_ key: String) throws(PlanProblem) -> [HTTPField] {
        let map = parameters.map(key) ?? [:]
        if let mistake = HTTPKeySyntax.headers(map) { throw problem(key, mistake) }
        return map.sorted { $0.key < $1.key }.map { HTTPField($0.key, $0.value) }
    }

    func authorization(beside headers: [HTTPField]) throws(PlanProblem) -> String? {
        let basic = try text("basic", HTTPKeySyntax.basic)
        let bearer = try text("bearer", HTTPKeySyntax.bearer)
        if basic != nil, bearer != nil { throw problem("bearer", "cannot stand beside basic") }
        guard let value = basic.map(HTTPCredentials.basic) ?? bearer.map(HTTPCredentials.bearer) else { return nil }
        guard headers.values("Authorization").isEmpty else {
            throw problem("headers", "Authorization cannot stand beside \(basic == nil ? "bearer" : "basic")")
        }
        return value
    }

    func refuseHalfPair(_ first: String, _ second: String) throws(PlanProblem) {
        for (given, missing) in [(first, second), (second, first)]
        where parameters.has(given) && !parameters.has(missing) {
            throw problem(given, "needs \(missing) beside it")
        }
    }

    func status(_ key: String) throws(PlanProblem) -> StatusSet? {
        guard let words = parameters.list(key) else { return nil }
        if let mistake = HTTPKeySyntax.status(words) { throw problem(key, mistake) }
        return StatusSet(words)
    }

    func pattern(_ key: String) throws(PlanProblem) -> HTTPPattern? {
        try text(key, HTTPKeySyntax.pattern).flatMap { HTTPPattern($0) }
    }

    func patterns(_ key: String) throws(PlanProblem) -> [(String, HTTPPattern)] {
        var patterns: [(String, HTTPPattern)] = []
        for (name, text) in (parameters.map(key) ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let pattern = HTTPPattern(text) else { throw problem(key, "\(name) is not a regular expression") }
            patterns.append((name, pattern))
        }
        return patterns
    }
}
