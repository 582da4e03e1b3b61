import NetValues
import Observations

extension ResolverConfiguration {
    /// What glibc makes of a resolv.conf(5), with every line that it ignores or cuts told in `oddities`.
    /// - Parameter environment: `LOCALDOMAIN` replaces the search list, `RES_OPTIONS` amends the options.
    package init(parsing text: String, source: String, environment: [String: String] = [:]) {
        self.init(servers: [], source: source)
        // Not only "\n": Swift reads "\r\n" as one character.
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() { take(line, number: index + 1) }
        if let domains = environment["LOCALDOMAIN"] { setSearch(Self.words(domains), "LOCALDOMAIN") }
        if let options = environment["RES_OPTIONS"] {
            for option in Self.words(options) { take(option: option, "RES_OPTIONS") }
        }
        if servers.isEmpty {
            servers = [Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 53)]
            oddities.append("no usable nameserver line: 127.0.0.1 is asked, as glibc does")
        }
    }

    private static func words(_ text: some StringProtocol) -> [String] {
        text.split { $0 == " " || $0 == "\t" }.map { String($0) }
    }

    private mutating func take(_ line: Substring, number: Int) {
        guard let first = line.first, first != "#", first != ";" else { return }
        let place = "line \(number)"
        let words = Self.words(line)
        guard let keyword = words.first else { return }
        if first == " " || first == "\t" {
            oddities.append("\(place) begins with a blank, so that glibc ignores it")
            return
        }
        let values = Array(words.dropFirst())
        switch keyword {
        case "nameserver": takeServer(values, place)
        case "search": setSearch(values, place)
        case "domain": setSearch(Array(values.prefix(1)), place)
        case "options": for option in values { take(option: option, place) }
        // An order among the addresses of an answer; it changes nothing in what is asked.
        case "sortlist": break
        default: oddities.append("\(place): unknown keyword \(keyword.escaped(limit: 40))")
        }
    }

    private mutating func takeServer(_ values: [String], _ place: String) {
        let text = (values.first ?? "").prefix { $0 != "#" && $0 != ";" }
        guard let address = IPAddress(text) else {
            oddities.append("\(place): \(text.escaped(limit: 60)) is no address")
            return
        }
        // MAXNS of <resolv.h>.
        guard servers.count < 3 else {
            oddities.append("\(place): nameserver \(address) is never asked, only the first three are")
            return
        }
        servers.append(Endpoint(address, 53))
    }

    /// `domain` and `search` set the same list: the last one counts.
    private mutating func setSearch(_ domains: [String], _ place: String) {
        search = []
        for domain in domains {
            guard let name = DomainName(domain) else {
                oddities.append("\(place): \(domain.escaped(limit: 60)) is no domain name")
                continue
            }
            // A root in the list asks for the name as it is, which happens anyway.
            if !name.labels.isEmpty { search.append(name) }
        }
        if search.count > Self.searchLimit {
            oddities.append("\(place): only the first \(Self.searchLimit) search domains are used")
            search = Array(search.prefix(Self.searchLimit))
        }
    }

    /// Older resolvers stop at 6, newer ones nowhere; a list longer than this is a mistake.
    private static let searchLimit = 32

    private mutating func take(option: String, _ place: String) {
        let parts = option.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? UInt16(decimal: parts[1]).map(Int.init) : nil
        switch (parts.first.map { String($0) } ?? "", value) {
        // The caps are RES_MAXNDOTS, RES_MAXRETRANS and RES_MAXRETRY of <resolv.h>.
        case ("ndots", let value?): ndots = min(value, 15)
        case ("timeout", let value?): timeout = .seconds(max(1, min(value, 30)))
        case ("attempts", let value?): attempts = max(1, min(value, 5))
        case ("use-vc", nil): useTCP = true
        case ("rotate", nil):
            oddities.append("\(place): rotate spreads the load, so that which server is asked first varies")
        case (let word, nil) where Self.harmless.contains(word): break
        default: oddities.append("\(place): option \(option.escaped(limit: 40)) is not known or has no number")
        }
    }

    /// Options that change nothing in which questions are asked of whom.
    private static let harmless: Set<String> = [
        "edns0", "trust-ad", "single-request", "single-request-reopen", "no-reload", "no-tld-query", "inet6", "debug",
        "no-check-names", "no-aaaa", "insecure1", "insecure2", "ip6-bytestring", "ip6-dotint", "no-ip6-dotint",
    ]
}
