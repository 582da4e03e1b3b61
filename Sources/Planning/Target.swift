import NetValues

/// What a check aims at, in the form its kind asks for.
package enum Target: Hashable, Sendable {
    case host(Host)
    case hostPort(HostPort)
    case url(HTTPURL)
    /// A name to be asked for, not to be reached.
    case name(DomainName)
    /// Of this machine, to be captured on; `any` is all of them.
    case interface(String)

    /// The form of target that a kind takes.
    package enum Form: String, Sendable {
        case host, hostPort, url, name, interface

        /// For "expected …" in mistakes.
        package var syntax: String {
            switch self {
            case .host: "a host name, an IPv4 or an IPv6 address"
            case .hostPort: "HOST:PORT ([v6]:PORT for IPv6)"
            case .url: "an http:// or https:// URL"
            case .name: "a domain name or an address"
            case .interface: "the name of an interface, or any"
            }
        }
    }

    /// Nil when the text is not of the form.
    package init?(_ text: String, form: Form) {
        switch form {
        case .host:
            guard let host = Host(text) else { return nil }
            self = .host(host)
        case .hostPort:
            guard let pair = HostPort(text) else { return nil }
            self = .hostPort(pair)
        case .url:
            guard let url = HTTPURL(text) else { return nil }
            self = .url(url)
        case .name:
            // An address is asked for its name. One of IPv4 reads as a name too, and one with a zone has no reverse name.
            if let address = IPv6Address(text), address.zone == nil {
                self = .host(.address(.v6(address)))
                return
            }
            guard let name = DomainName(text) else { return nil }
            self = .name(name)
        case .interface:
            // dev_valid_name() in the kernel's net/core/dev.c.
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
            guard (1...15).contains(text.utf8.count), isPlain, text != ".", text != ".." else { return nil }
            self = .interface(text)
        }
    }

    /// The machine behind the target: what limits "per target" count, nil for a name that is only asked for.
    package var host: Host? {
        switch self {
        case .host(let host): host
        case .hostPort(let pair): pair.host
        case .url(let url): url.host
        case .name, .interface: nil
        }
    }

    package var port: UInt16? {
        switch self {
        case .hostPort(let pair): pair.port
        case .url(let url): url.port
        case .host, .name, .interface: nil
        }
    }
}

extension Target: CustomStringConvertible {
    package var description: String {
        switch self {
        case .host(let host): host.description
        case .hostPort(let pair): pair.description
        case .url(let url): url.description
        case .name(let name): name.description
        case .interface(let name): name
        }
    }
}

/// An `http` or `https` URL as a probe needs it (RFC 3986 without what HTTP forbids). User information is refused:
/// it would be a secret in plain sight.
package struct HTTPURL: Hashable, Sendable {
    package enum Scheme: String, Hashable, Sendable {
        case http, https

        package var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    package var scheme: Scheme
    package var host: Host
    package var port: UInt16
    /// Path and query, always beginning with a slash, never with a fragment: the request target.
    package var requestTarget: String

    package init(scheme: Scheme, host: Host, port: UInt16? = nil, requestTarget: String = "/") {
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.requestTarget = requestTarget
    }

    package init?(_ text: some StringProtocol) {
        guard let separator = text.range(ofASCII: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercasedASCII())
        else { return nil }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = String(rest[authority.endIndex...])
        guard !authority.contains("@"), let pair = HostPort(authority, defaultPort: scheme.defaultPort) else {
            return nil
        }
        // RFC 3986 section 3.2.2: only brackets tell an address from its port.
        if case .address(.v6) = pair.host, !authority.hasPrefix("[") { return nil }
        guard tail.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        self.init(
            scheme: scheme, host: pair.host, port: pair.port, requestTarget: tail.hasPrefix("/") ? tail : "/" + tail)
    }

    /// `Host` header and authority: the port only when it is not the scheme's own.
    package var authority: String { authority(of: host.name?.labels.joined(separator: ".")) }

    /// - Parameter name: how the name is written; nil when the host is an address.
    private func authority(of name: String?) -> String {
        let written: String =
            switch host {
            case .name(let domain): name ?? domain.description
            case .address(.v6(let address)): "[\(address)]"
            case .address(let address): address.description
            }
        return port == scheme.defaultPort ? written : "\(written):\(port)"
    }

    /// The URL that a `Location` header names, seen from this one (RFC 3986 section 5.2); nil when it is not http or https.
    /// Blanks and bytes above ASCII, which servers send although they may not, are escaped as browsers do it.
    package func resolving(_ reference: String) -> HTTPURL? {
        let reference = Self.percentEncoded(reference.utf8.prefix { $0 != UInt8(ascii: "#") })
        if Self.hasScheme(reference) { return HTTPURL(reference)?.withoutDotSegments }
        if reference.hasPrefix("//") { return HTTPURL("\(scheme.rawValue):\(reference)")?.withoutDotSegments }
        let path = requestTarget.prefix { $0 != "?" }
        let joined: String
        if reference.isEmpty {
            joined = requestTarget
        } else if reference.hasPrefix("/") {
            joined = reference
        } else if reference.hasPrefix("?") {
            joined = path + reference
        } else {
            joined = path[...(path.lastIndex(of: "/") ?? path.startIndex)] + reference
        }
        guard joined.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return HTTPURL(scheme: scheme, host: host, port: port, requestTarget: joined).withoutDotSegments
    }

    /// RFC 3986 section 3.1: a letter, then letters, digits, `+`, `-`, `.`, up to a colon. A colon further on is a path's or a query's.
    private static func hasScheme(_ reference: String) -> Bool {
        guard let first = reference.utf8.first, (0x61...0x7a).contains(first | 0x20),
            let colon = reference.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        return reference.utf8[..<colon].allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2b, 0x2d, 0x2e: true
            default: false
            }
        }
    }

    private static func percentEncoded(_ bytes: some Sequence<UInt8>) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        let encoded = bytes.flatMap { byte -> [UInt8] in
            byte == 0x20 || byte > 0x7e ? [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]] : [byte]
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private var withoutDotSegments: HTTPURL {
        HTTPURL(scheme: scheme, host: host, port: port, requestTarget: Self.withoutDotSegments(requestTarget))
    }

    private static func withoutDotSegments(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        let query = target[path.endIndex...]
        var kept: [Substring] = []
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                if !kept.isEmpty { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + query
    }
}

extension HTTPURL: CustomStringConvertible {
    /// As it is resolved: with the trailing dot of an absolute name, which a `Host` header does not have.
    package var description: String { "\(scheme.rawValue)://\(authority(of: host.name?.description))\(requestTarget)" }
}

extension StringProtocol {
    /// The first place of an ASCII text; the standard library has no search for substrings without Foundation.
    package func range(ofASCII needle: String) -> Range<Index>? {
        let pattern = Array(needle.utf8)
        guard !pattern.isEmpty else { return nil }
        var start = utf8.startIndex
        while start < utf8.endIndex {
            if utf8[start...].starts(with: pattern),
                let end = utf8.index(start, offsetBy: pattern.count, limitedBy: utf8.endIndex)
            {
                return start..<end
            }
            start = utf8.index(after: start)
        }
        return nil
    }
}
