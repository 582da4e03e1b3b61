import NetValues

extension Target.Form {
    /// What exactly is wrong with a text that is not of this form, in words that repeat no part of it that could be a
    /// password; nil when nothing more exact can be said than what was expected.
    package func mistake(in text: String) -> String? {
        if text.isEmpty { return "it is empty" }
        if let reason = text.unusableCharacter { return reason }
        return switch self {
        case .host: hostMistake(text)
        case .hostPort:
            text.contains("://") ? "leave out the scheme and the path" : text.authorityMistake(needsPort: true)
        case .url: urlMistake(text)
        case .name: text.contains("://") || text.contains("/") ? "a name has no scheme and no path" : text.nameMistake
        case .interface: nil
        }
    }

    private func hostMistake(_ text: String) -> String? {
        if text.contains("://") || text.contains("/") { return "leave out the scheme and the path" }
        if let pair = HostPort(text) { return "leave out the port, `\(pair.host)` alone is the host" }
        return text.nameMistake
    }

    private func urlMistake(_ text: String) -> String? {
        guard let separator = text.range(ofASCII: "://") else {
            return HTTPURL("http://" + text) == nil ? nil : "the scheme is missing, such as `https://`"
        }
        let scheme = text[..<separator.lowerBound].lowercasedASCII()
        guard HTTPURL.Scheme(rawValue: scheme) != nil else {
            let meant = nearestWord(to: scheme, among: ["http", "https"])
            return "`\(scheme.escaped(limit: 20))` is no scheme of HTTP\(meant.map { ": did you mean `\($0)`?" } ?? "")"
        }
        return text[separator.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.authorityMistake(
            needsPort: false)
    }
}

extension StringProtocol {
    /// The text without what stands before an `@`, where a password would be.
    package var withoutUserInformation: String {
        guard let at = lastIndex(of: "@") else { return String(self) }
        let start = range(ofASCII: "://")?.upperBound
        let kept = start.map { $0 <= at ? self[..<$0] : self[..<startIndex] } ?? self[..<startIndex]
        return kept + "…" + self[at...]
    }

    package var unusableCharacter: String? {
        for scalar in unicodeScalars {
            if scalar.value <= 0x20 || scalar.value == 0x7f { return "it holds a blank or a control character" }
            if !scalar.isASCII {
                return
                    "it holds characters beyond ASCII: write an international name in its `xn--` form, and other text percent-encoded"
            }
        }
        return nil
    }

    /// What is wrong with `HOST` or `HOST:PORT`.
    package func authorityMistake(needsPort: Bool) -> String? {
        if isEmpty { return "the host is missing" }
        if contains("@") {
            return "a user name or password would stand in plain sight: leave out everything up to the `@`"
        }
        if hasPrefix("[") { return bracketMistake(needsPort: needsPort) }
        guard let colon = lastIndex(of: ":") else {
            return needsPort && Host(self) != nil ? "the port is missing" : nameMistake
        }
        let host = self[..<colon]
        if host.contains(":") {
            return
                "an IPv6 address needs brackets\(needsPort ? " in front of its port: `[ADDRESS]:PORT`" : ": `[ADDRESS]`")"
        }
        if host.isEmpty { return "the host is missing" }
        return self[index(after: colon)...].portMistake ?? String(host).nameMistake
    }

    private func bracketMistake(needsPort: Bool) -> String? {
        guard let close = lastIndex(of: "]") else { return "the bracket is not closed" }
        let inside = self[index(after: startIndex)..<close]
        if IPv6Address(inside) == nil { return "what stands in brackets is no IPv6 address" }
        let rest = self[index(after: close)...]
        if rest.isEmpty { return needsPort ? "the port is missing" : nil }
        return rest.hasPrefix(":") ? rest.dropFirst().portMistake : "expected `:` and a port behind the bracket"
    }

    private var portMistake: String? {
        if isEmpty { return "the port is missing behind the `:`" }
        guard utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "the port is no number" }
        guard let port = UInt16(decimal: self), port > 0 else { return "a port is a number from 1 to 65535" }
        return nil
    }

    /// What keeps this from being a name or an address.
    package var nameMistake: String? {
        let labels = (hasSuffix(".") ? dropLast() : self[...]).split(separator: ".", omittingEmptySubsequences: false)
        if labels.contains(where: \.isEmpty) { return "two dots follow each other, or one stands at the front" }
        if labels.contains(where: { $0.utf8.count > 63 }) {
            return "a part between two dots is longer than 63 characters"
        }
        if utf8.count > 254 { return "a name has at most 253 characters" }
        if DomainName(self)?.looksLikeAddress == true {
            return "this looks like an IPv4 address, which has four numbers from 0 to 255"
        }
        return nil
    }
}
