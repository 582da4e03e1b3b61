import NetValues
import Observations

/// Makes of the proxy variables what most programs do, and says where programs differ. By the documents of curl (curl(1), ENVIRONMENT),
/// Go (golang.org/x/net/http/httpproxy), Python (urllib.request) and wget.
enum ProxyReading {
    private static let names = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
    /// Of proxies, as curl(1) has them.
    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
    static let variables = names + names.map { $0.uppercased() }

    static func settings(_ environment: [String: String], cluster: ClusterSigns) -> ProxySettings {
        var settings = ProxySettings()
        for name in variables {
            guard let value = environment[name]?.trimmedBlanks, !value.isEmpty else { continue }
            settings.variables.append(.init(name: name, shown: masked(value)))
        }
        guard !settings.isEmpty else { return settings }
        settings.traps = disagreements(environment)
        let values = names.map { value(of: $0, environment) }
        settings.http = (values[0] ?? values[2]).flatMap { proxy($0, &settings.traps) }
        settings.https = (values[1] ?? values[2]).flatMap { proxy($0, &settings.traps) }
        if settings.http != nil, values[1] == nil, values[2] == nil {
            settings.traps.append("https_proxy is not set: https:// goes out directly, past the proxy")
        }
        if environment["HTTP_PROXY"] != nil, environment["http_proxy"] == nil {
            settings.traps.append("curl reads http_proxy in small letters only: HTTP_PROXY does nothing there")
        }
        settings.exceptions = exceptions(values[3]?.text ?? "")
        if settings.any != nil { settings.traps += ExceptionTraps(settings.exceptions, cluster).lines }
        settings.traps = settings.traps.unique()
        return settings
    }

    struct Value {
        let name: String
        let text: String
    }

    /// Small letters first, as curl, Go and Python have it.
    private static func value(of name: String, _ environment: [String: String]) -> Value? {
        for name in [name, name.uppercased()] {
            if let text = environment[name]?.trimmedBlanks, !text.isEmpty { return Value(name: name, text: text) }
        }
        return nil
    }

    private static func disagreements(_ environment: [String: String]) -> [String] {
        names.compactMap { name in
            guard let small = environment[name], let large = environment[name.uppercased()], small != large else {
                return nil
            }
            return "\(name) and \(name.uppercased()) differ: which one counts is each program's own choice"
        }
    }

    private static func proxy(_ value: Value, _ traps: inout [String]) -> ProxySettings.Proxy? {
        let parts = value.text.split(separator: "://", maxSplits: 1)
        let scheme = parts.count == 2 ? parts[0].lowercasedASCII() : "http"
        if parts.count != 2 {
            traps.append("\(value.name) has no http:// in front: some programs refuse it")
        }
        guard scheme == "http" else {
            traps.append(
                schemes.contains(scheme)
                    ? "\(value.name) names a proxy of the kind \(scheme), which is not asked here"
                    : "\(value.name) is malformed: “\(masked(value.text))”")
            return nil
        }
        let rest = String(parts[parts.count - 1].prefix { $0 != "/" })
        let mark = rest.lastIndex(of: "@")
        let place = mark.map { String(rest[rest.index(after: $0)...]) } ?? rest
        guard let place = HostPort(place, defaultPort: 80) else {
            traps.append("\(value.name) is malformed: “\(masked(value.text))”")
            return nil
        }
        let credentials = mark.map { String(rest[..<$0]).percentDecoded }
        return ProxySettings.Proxy(variable: value.name, place: place, credentials: credentials)
    }

    /// Without what stands before the last `@` but for a scheme: whatever it is, it may be a secret.
    static func masked(_ text: String) -> String {
        guard let mark = text.lastIndex(of: "@") else { return text.escaped(limit: 200) }
        let head = text[..<mark].split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let isScheme = head.count == 2 && schemes.contains(head[0].lowercasedASCII())
        return ((isScheme ? "\(head[0])://" : "") + "***" + text[mark...]).escaped(limit: 200)
    }

    private static let mostExceptions = 500

    private static func exceptions(_ text: String) -> [String] {
        text.split(separator: ",").prefix(mostExceptions).map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
    }
}

/// What NO_PROXY leaves to the proxy that no proxy can reach, and entries that not all programs understand.
struct ExceptionTraps {
    private let exceptions: [String]
    private let cluster: ClusterSigns

    init(_ exceptions: [String], _ cluster: ClusterSigns) {
        self.exceptions = exceptions
        self.cluster = cluster
    }

    var lines: [String] {
        guard !exceptions.contains("*") else { return ["NO_PROXY is *: no program uses the proxy"] }
        return missing + syntax
    }

    private var missing: [String] {
        var lines: [String] = []
        if !exceptions.contains(where: { ["localhost", "127.0.0.1", "127.0.0.0/8"].contains($0) }) {
            lines.append("NO_PROXY lacks localhost and 127.0.0.1: some programs ask the proxy for this host itself")
        }
        guard cluster.place != .outside || cluster.domain != nil else { return lines }
        if let api = cluster.apiServer, !covers(api.host) {
            lines.append("NO_PROXY lacks \(api.host), the cluster's API: programs ask the proxy for it")
        }
        let domain = cluster.domain?.canonical ?? "cluster.local"
        if !covers(name: "x.svc") { lines.append("NO_PROXY lacks .svc: names such as api.shop.svc go to the proxy") }
        if !covers(name: "x.svc.\(domain)") {
            lines.append("NO_PROXY lacks .\(domain): full names of Services go to the proxy")
        }
        return lines
    }

    private var syntax: [String] {
        var lines: [String] = []
        if exceptions.contains(where: { $0.hasPrefix("*.") }) {
            lines.append("NO_PROXY has entries that begin with *. : curl and Go want .example.com in their place")
        }
        if exceptions.contains(where: { $0.contains("/") }) {
            lines.append("NO_PROXY has address ranges: wget, Python and curl before 7.86 do not understand them")
        }
        return lines
    }

    private func covers(_ host: Host) -> Bool {
        switch host {
        case .address(let address): exceptions.contains { AddressRange($0)?.contains(address) ?? false }
        case .name(let name): covers(name: name.canonical)
        }
    }

    private func covers(name: String) -> Bool {
        exceptions.contains { entry in
            let bare =
                entry.hasPrefix("*.")
                ? String(entry.dropFirst(2)) : entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
            return !bare.isEmpty && (name == bare || name.hasSuffix(".\(bare)"))
        }
    }
}

extension String {
    /// RFC 3986 section 2.1; what is no escape stays as it is.
    fileprivate var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
