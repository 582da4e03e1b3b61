import NetValues
import Planning
import YAML

/// What a request must be like for a route to take it, where one such request can be written down.
struct RequestShape {
    var path = "/"
    var headers: [PlanKey] = []
    var query: [(String, String)] = []
    var method: String?
    var host: String?

    /// Requests that change nothing.
    static let safeMethods: Set<String> = ["GET", "HEAD", "OPTIONS"]
    private static let credentials = ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey"]
    /// Made by the probe itself.
    private static let made: Set<String> = ["host", "content-length", "transfer-encoding", "connection"]

    var requestTarget: String {
        query.isEmpty
            ? path : path + (path.contains("?") ? "&" : "?") + query.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    var keys: [PlanKey] {
        (method.map { $0 == "GET" ? [] : [PlanKey("method", .word($0))] } ?? [])
            + (host.map { [PlanKey("host", .text($0))] } ?? [])
            + (headers.isEmpty ? [] : [PlanKey("headers", .map(headers))])
    }

    /// - Returns: why it cannot be asked for, nil where it can.
    mutating func add(header name: String, _ value: String) -> String? {
        let lower = name.lowercasedASCII()
        if Self.credentials.contains(where: { lower.range(ofASCII: $0) != nil }) {
            return "the header \(name.escaped(limit: 60)) may hold a credential"
        }
        guard name.isToken, !Self.made.contains(lower), value.isFieldValue else {
            return "the header \(name.escaped(limit: 60)) cannot be sent so"
        }
        if !headers.contains(where: { $0.key.lowercasedASCII() == lower }) {
            headers.append(PlanKey(name, .text(value)))
        }
        return nil
    }

    mutating func add(query name: String, _ value: String) -> String? {
        guard (name + value).utf8.allSatisfy(\.isUnreserved), !name.isEmpty else {
            return "its query cannot be written as it is"
        }
        query.append((name, value))
        return nil
    }
}

extension String {
    /// RFC 9110 section 5.6.2.
    fileprivate var isToken: Bool {
        !isEmpty && utf8.allSatisfy { $0.isUnreserved && $0 != 0x7e || "!#$%&'*+^`|~".utf8.contains($0) }
    }
}

extension UInt8 {
    /// RFC 3986 section 2.3.
    fileprivate var isUnreserved: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
            || "-._~".utf8.contains(self)
    }
}
