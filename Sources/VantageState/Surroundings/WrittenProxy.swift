import NetValues

/// A proxy as a variable names it, `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`, with or without something behind that does not count.
struct WrittenProxy {
    /// In small letters; nil where none is written.
    let scheme: String?
    let place: HostPort
    /// As written.
    let credentials: String?
    /// Without credentials, path, query and fragment.
    let shown: String

    /// Of proxies, as curl(1) has them.
    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// Nil for all that is not of this form.
    init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        scheme = parts.count == 2 ? parts[0].lowercasedASCII() : nil
        if let scheme, !Self.schemes.contains(scheme) { return nil }
        let rest = parts[parts.count - 1]
        let authority = rest.prefix { !"/?#".contains($0) }
        // Credentials with such a character in them end somewhere behind it.
        guard !rest[authority.endIndex...].contains("@") else { return nil }
        let mark = authority.lastIndex(of: "@")
        let host = mark.map { String(authority[authority.index(after: $0)...]) } ?? String(authority)
        guard let place = HostPort(host, defaultPort: 80) else { return nil }
        self.place = place
        credentials = mark.map { String(authority[..<$0]) }
        shown = (scheme.map { "\($0)://" } ?? "") + (mark == nil ? "" : "***@") + host.escaped(limit: 200)
    }
}
