import NetValues

/// What `leadsman check` is asked about, with the layers that it names.
package enum CheckTarget: Hashable, Sendable {
    case url(HTTPURL)
    case tcp(HostPort)
    case tls(HostPort)
    case dns(DNSQuestion)
    case icmp(Host)
    case hostPort(HostPort)
    case host(Host)
    case udp(HostPort)
    /// Many endpoints, by the kind that probes each of them: `tcp`, `udp`, `tls` or `icmp`.
    case range(kind: String, TargetRange)

    /// `dns://server[:port]/name[?type=A]`.
    package struct DNSQuestion: Hashable, Sendable {
        package let server: HostPort
        package let name: DomainName
        /// In capitals; nil when none was written. Whether there is such a type is the DNS probe's to know.
        package let type: String?

        package init(server: HostPort, name: DomainName, type: String? = nil) {
            self.server = server
            self.name = name
            self.type = type
        }
    }

    private static let schemes = ["https", "http", "tcp", "udp", "tls", "dns", "icmp"]

    package init(_ text: String) throws(PlanProblem) {
        let mistake = { (reason: String) in
            PlanProblem("the target `\(text.withoutUserInformation.escaped(limit: 120))`: \(reason)")
        }
        if text.isEmpty { throw mistake("it is empty") }
        if let reason = text.unusableCharacter { throw mistake(reason) }
        if let range = try Self.range(text) {
            self = range
            return
        }
        let result: Result<CheckTarget, Reason> =
            if let separator = text.range(ofASCII: "://") {
                Self.withScheme(text[..<separator.lowerBound].lowercasedASCII(), text[separator.upperBound...], text)
            } else {
                Self.withoutScheme(text)
            }
        switch result {
        case .success(let target): self = target
        case .failure(let reason): throw mistake(reason.words)
        }
    }

    private struct Reason: Error {
        let words: String

        init(_ words: String) { self.words = words }
    }

    private static func withScheme(_ scheme: String, _ rest: Substring, _ text: String) -> Result<CheckTarget, Reason> {
        switch scheme {
        case "http", "https": url(text)
        case "tcp": pair(rest, scheme).map { .tcp($0) }
        case "udp": pair(rest, scheme).map { .udp($0) }
        case "tls": pair(rest, scheme).map { .tls($0) }
        case "icmp": host(rest).map { .icmp($0) }
        case "dns": question(rest).map { .dns($0) }
        default: .failure(unknown(scheme))
        }
    }

    /// Without a scheme ports are TCP's, and a range without ports is asked for echoes.
    private static func range(_ text: String) throws(PlanProblem) -> CheckTarget? {
        let separator = text.range(ofASCII: "://")
        let scheme = separator.map { text[..<$0.lowerBound].lowercasedASCII() }
        let rest = separator.map { String(text[$0.upperBound...]) } ?? text
        if scheme.map(["tcp", "udp", "tls"].contains) ?? true, let range = try TargetRange(rest, form: .hostPort) {
            return .range(kind: scheme ?? "tcp", range)
        }
        if scheme == nil || scheme == "icmp", let range = try TargetRange(rest, form: .host) {
            return .range(kind: "icmp", range)
        }
        return nil
    }

    private static func unknown(_ scheme: String) -> Reason {
        let hint = nearestWord(to: scheme, among: schemes).map { "did you mean `\($0)://`?" }
        let list = schemes.map { "\($0)://" }.joined(separator: ", ")
        return Reason("unknown scheme `\(scheme.escaped(limit: 20))`: \(hint ?? "expected one of \(list)")")
    }

    private static func withoutScheme(_ text: String) -> Result<CheckTarget, Reason> {
        if let host = Host(text) { return .success(.host(host)) }
        if let pair = HostPort(text) { return .success(.hostPort(pair)) }
        if text.contains("/") {
            return .failure(Reason("a path needs a scheme in front, such as `https://`"))
        }
        let expected = "expected a URL, HOST:PORT, a host name or an address"
        return .failure(Reason(text.authorityMistake(needsPort: false) ?? expected))
    }

    private static func url(_ text: String) -> Result<CheckTarget, Reason> {
        if let url = HTTPURL(text) { return .success(.url(url)) }
        return .failure(Reason(Target.Form.url.mistake(in: text) ?? "expected \(Target.Form.url.syntax)"))
    }

    private static func pair(_ text: Substring, _ scheme: String) -> Result<HostPort, Reason> {
        let authority = text.hasSuffix("/") ? text.dropLast() : text
        if let pair = HostPort(authority) { return .success(pair) }
        if authority.contains("/") { return .failure(Reason("\(scheme):// takes HOST:PORT and no path")) }
        return .failure(
            Reason(authority.authorityMistake(needsPort: true) ?? "expected \(Target.Form.hostPort.syntax)"))
    }

    private static func host(_ text: Substring) -> Result<Host, Reason> {
        let authority = text.hasSuffix("/") ? text.dropLast() : text
        if let host = Host(authority) { return .success(host) }
        if authority.contains("/") { return .failure(Reason("icmp:// takes a host and no path")) }
        if HostPort(authority) != nil { return .failure(Reason("icmp:// takes a host and no port: ICMP has none")) }
        return .failure(Reason(authority.authorityMistake(needsPort: false) ?? "expected \(Target.Form.host.syntax)"))
    }

    private static func question(_ text: Substring) -> Result<DNSQuestion, Reason> {
        let authority = text.prefix { $0 != "/" && $0 != "?" }
        let path = text[authority.endIndex...]
        let written = path.dropFirst().prefix { $0 != "?" }
        if authority.isEmpty { return .failure(Reason("the server is missing: expected dns://SERVER[:PORT]/NAME")) }
        guard IPv6Address(authority) == nil, let server = HostPort(authority, defaultPort: 53) else {
            return .failure(
                Reason(
                    authority.authorityMistake(needsPort: false)
                        ?? "expected a server, found `\(authority.escaped(limit: 60))`"))
        }
        guard path.hasPrefix("/"), !written.isEmpty else {
            return .failure(Reason("the name to ask for is missing: expected dns://SERVER[:PORT]/NAME"))
        }
        guard let name = DomainName(written) else {
            return .failure(
                Reason(written.nameMistake ?? "expected a domain name, found `\(written.escaped(limit: 60))`"))
        }
        return type(path[written.endIndex...]).map { DNSQuestion(server: server, name: name, type: $0) }
    }

    /// The type in `?type=A`; nil without a query.
    private static func type(_ query: Substring) -> Result<String?, Reason> {
        if query.isEmpty { return .success(nil) }
        let parts = query.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "type" else {
            let hint =
                parts.first.flatMap { nearestWord(to: String($0), among: ["type"]) } == nil
                ? "" : ": did you mean `type`?"
            return .failure(Reason("behind the `?` only `type=TYPE` can stand\(hint)"))
        }
        let isWord = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf) }
        guard !parts[1].isEmpty, isWord else {
            return .failure(Reason("expected a type of record behind `type=`, such as A or AAAA"))
        }
        return .success(parts[1].uppercased())
    }
}
