import Manifests
import NetValues
import Planning
import YAML

/// Whether a route of a VirtualService takes a request, as far as the request is known.
enum MeshTaking: Hashable {
    case no, yes
    /// By what is not known here: patterns, labels of the caller, headers that proxies add.
    case perhaps

    /// All of them together.
    static func all(_ takings: [MeshTaking]) -> MeshTaking {
        if takings.contains(.no) { return .no }
        return takings.contains(.perhaps) ? .perhaps : .yes
    }

    /// One of them.
    static func any(_ takings: [MeshTaking]) -> MeshTaking {
        if takings.contains(.yes) { return .yes }
        return takings.contains(.perhaps) ? .perhaps : .no
    }
}

extension VirtualService.Route {
    func takes(_ request: AskedRequest) -> MeshTaking {
        matches.isEmpty ? .yes : .any(matches.map { Self.taking($0, request) })
    }

    /// HTTPMatchRequest (networking.istio.io): all of its conditions must hold.
    private static func taking(_ match: YAMLNode, _ request: AskedRequest) -> MeshTaking {
        .all(
            match.entries.map { entry in
                switch entry.key {
                case "name", "statPrefix": .yes
                case "ignoreUriCase": .yes
                case "uri": text(entry.value, request.path, ignoresCase: match["ignoreUriCase"]?.bool ?? false)
                case "scheme": text(entry.value, request.scheme.rawValue)
                case "method": text(entry.value, request.method)
                case "authority": text(entry.value, request.host) == .yes ? .yes : .perhaps
                case "headers": .all(entry.value.entries.map { header($0, request) })
                case "queryParams": .all(entry.value.entries.map { query($0, request) })
                // Ports are those of the gateway's pods, labels those of the caller.
                default: .perhaps
                }
            })
    }

    private static func text(_ match: YAMLNode, _ value: String, ignoresCase: Bool = false) -> MeshTaking {
        let value = ignoresCase ? value.lowercased() : value
        if let exact = match["exact"]?.text {
            return (ignoresCase ? exact.lowercased() : exact) == value ? .yes : .no
        }
        if let prefix = match["prefix"]?.text {
            return value.hasPrefix(ignoresCase ? prefix.lowercased() : prefix) ? .yes : .no
        }
        return .perhaps
    }

    /// Written or added by proxies on the way, or by a user's credentials.
    private static func isUnknown(_ name: String) -> Bool {
        name.hasPrefix(":") || name.hasPrefix("x-forwarded") || name.hasPrefix("x-envoy") || name.hasPrefix("x-b3")
            || ["x-request-id", "authorization", "cookie", "user-agent", "accept", "accept-encoding", "via"]
                .contains(name)
    }

    private static func header(_ entry: YAMLEntry, _ request: AskedRequest) -> MeshTaking {
        let name = entry.key.lowercased()
        if let value = request.headers[name] {
            return entry.value.entries.isEmpty ? .yes : text(entry.value, value)
        }
        return isUnknown(name) ? .perhaps : .no
    }

    private static func query(_ entry: YAMLEntry, _ request: AskedRequest) -> MeshTaking {
        guard let value = request.query[entry.key] else { return .no }
        return entry.value.entries.isEmpty ? .yes : text(entry.value, value)
    }

    /// "path begins with /api, header user-type is premium"
    var conditions: String {
        guard !matches.isEmpty else { return "every request" }
        return listed(matches.map { Self.words($0) }, limit: 3)
    }

    private static func words(_ match: YAMLNode) -> String {
        let parts = match.entries.compactMap { entry -> String? in
            switch entry.key {
            case "name", "statPrefix", "ignoreUriCase": nil
            case "uri": "path \(words(of: entry.value))"
            case "headers", "queryParams", "withoutHeaders":
                "\(entry.key) \(listed(entry.value.entries.map { $0.key.escaped(limit: 60) }))"
            default: "\(entry.key.escaped(limit: 40)) \(words(of: entry.value))"
            }
        }
        return parts.joined(separator: " and ")
    }

    private static func words(of match: YAMLNode) -> String {
        if let exact = match["exact"]?.text { return "is \(exact.escaped(limit: 100))" }
        if let prefix = match["prefix"]?.text { return "begins with \(prefix.escaped(limit: 100))" }
        if let pattern = match["regex"]?.text { return "matches \(pattern.escaped(limit: 100))" }
        return "is as it says"
    }
}
