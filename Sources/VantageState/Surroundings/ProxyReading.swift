import NetValues
import Observations

/// Makes of the proxy variables what most programs do, and says where programs differ. By the documents of curl (curl(1), ENVIRONMENT),
/// Go (golang.org/x/net/http/httpproxy), Python (urllib.request) and wget.
enum ProxyReading {
    private static let names = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
    static let variables = names + names.map { $0.uppercased() }

    static func settings(_ environment: [String: String], cluster: ClusterSigns) -> ProxySettings {
        var settings = ProxySettings()
        for name in variables {
            guard let value = environment[name]?.trimmedBlanks, !value.isEmpty else { continue }
            settings.variables.append(.init(name: name, shown: shown(name, value)))
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
        guard let written = WrittenProxy(value.text) else {
            traps.append("\(value.name) is malformed: it names no SCHEME://HOST:PORT, and is not shown")
            return nil
        }
        if written.scheme == nil {
            traps.append("\(value.name) has no http:// in front: some programs refuse it")
        }
        guard (written.scheme ?? "http") == "http" else {
            traps.append(
                "\(value.name) names a proxy of the kind \(written.scheme ?? ""), which is not asked here")
            return nil
        }
        return ProxySettings.Proxy(
            variable: value.name, place: written.place, credentials: written.credentials?.percentDecoded)
    }

    /// What a variable may be shown as: scheme, host and port of a proxy, entries of NO_PROXY that are hosts or ranges. Whatever
    /// else it holds may be a secret.
    private static func shown(_ name: String, _ text: String) -> String {
        if name.lowercasedASCII() == "no_proxy" {
            return exceptions(text).joined(separator: ",").escaped(limit: 200)
        }
        return WrittenProxy(text)?.shown ?? notShown
    }

    private static let notShown = "(not shown)"

    private static let mostExceptions = 500

    private static func exceptions(_ text: String) -> [String] {
        text.split(separator: ",").prefix(mostExceptions).map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
            .map { isException($0) ? $0 : notShown }
    }

    private static func isException(_ entry: String) -> Bool {
        let bare = entry.hasPrefix("*.") ? String(entry.dropFirst(2)) : String(entry.drop { $0 == "." })
        return entry == "*" || Host(bare) != nil || HostPort(bare) != nil || AddressRange(bare) != nil
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
