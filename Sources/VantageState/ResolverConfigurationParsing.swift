import NetValues
import Observations

extension ResolverConfiguration {
    /// What resolvers make of a resolv.conf(5), with every line told in `oddities` that they ignore, cut, or do not agree about.
    ///
    /// Where glibc alone stumbles (lines that end with CR LF), the file is read as musl, Go and c-ares read it: which library
    /// the programs here use cannot be seen.
    /// - Parameter environment: `LOCALDOMAIN` replaces the search list, `RES_OPTIONS` amends the options.
    package init(parsing text: String, source: String, environment: [String: String] = [:]) {
        self.init(servers: [], source: source)
        var reading = ResolverReading()
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() { reading.take(Substring(line), number: index + 1) }
        if let domains = environment["LOCALDOMAIN"] {
            reading.setSearch(ResolverReading.words(domains), ResolverReading.Place("LOCALDOMAIN", domains))
        }
        if let options = environment["RES_OPTIONS"] {
            for option in ResolverReading.words(options) {
                reading.take(option: option, ResolverReading.Place("RES_OPTIONS", options))
            }
        }
        self = reading.configuration(from: source)
    }
}

/// A resolv.conf while it is read.
private struct ResolverReading {
    /// A line and where it stands.
    struct Place {
        let name: String
        let quote: String

        init(_ name: String, _ quote: some StringProtocol) {
            self.name = name
            self.quote = String(quote)
        }
    }

    private var result = ResolverConfiguration(servers: [])
    /// Where the search list of now was set, and to what.
    private var searchPlace: (place: Place, domains: [DomainName])?

    static func words(_ text: some StringProtocol) -> [String] {
        text.split { $0 == " " || $0 == "\t" }.map { String($0) }
    }

    func configuration(from source: String) -> ResolverConfiguration {
        var result = result
        result.source = source
        if result.servers.isEmpty {
            result.servers = [Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 53)]
            result.oddities.append(
                ResolverOddity(
                    .noServer, place: source,
                    reason: "no usable nameserver line: 127.0.0.1 is asked, as glibc does"))
        }
        return result
    }

    private mutating func note(_ kind: ResolverOddity.Kind, _ place: Place, _ reason: String) {
        result.oddities.append(ResolverOddity(kind, place: place.name, quote: place.quote, reason: reason))
    }

    mutating func take(_ whole: Substring, number: Int) {
        let line = whole.hasSuffix("\r") ? Substring(whole.unicodeScalars.dropLast()) : whole
        guard let first = line.first, first != "#", first != ";" else { return }
        let place = Place("line \(number)", line)
        let words = Self.words(line)
        guard let keyword = words.first else { return }
        // The line buffer of musl's resolvconf.c holds 255 bytes and the end of line.
        if line.utf8.count > 254 {
            note(.longLine, place, "has \(line.utf8.count) bytes: musl (Alpine) ignores lines of more than 254")
        }
        if whole.count > line.count { noteCarriageReturn(keyword, place) }
        if first == " " || first == "\t" {
            note(
                keyword == "nameserver" ? .unusableServer : .indented, place,
                "begins with a blank, so that resolvers ignore it")
            return
        }
        take(keyword, Array(words.dropFirst()), place)
    }

    /// Told once, at the first line whose meaning it changes. Seen with glibc 2.36: neither the server nor the last search
    /// domain is understood, while a number among the options is.
    private mutating func noteCarriageReturn(_ keyword: String, _ place: Place) {
        guard ["nameserver", "search", "domain"].contains(keyword),
            !result.oddities.contains(where: { $0.kind == .carriageReturn })
        else { return }
        note(
            .carriageReturn, place,
            "ends with CR LF: programs that use glibc take the CR for a part of the last word, and do not understand it"
        )
    }

    private mutating func take(_ keyword: String, _ values: [String], _ place: Place) {
        switch keyword {
        case "nameserver": takeServer(values, place)
        case "search": setSearch(values, place)
        case "domain": setSearch(Array(values.prefix(1)), place)
        case "options": for option in values { take(option: option, place) }
        // An order among the addresses of an answer; it changes nothing in what is asked.
        case "sortlist": break
        default:
            let meant = nearestWord(to: keyword, among: ["nameserver", "search", "domain", "options", "sortlist"])
            note(
                meant == "nameserver" ? .unusableServer : .unknownKeyword, place,
                "\(keyword.escaped(limit: 40)) is no keyword"
                    + (meant.map { ", probably \($0) is meant" } ?? ", so the line is ignored"))
        }
    }

    /// Only a blank ends the address: `10.0.0.1#x` is none, neither for glibc nor for musl.
    private mutating func takeServer(_ values: [String], _ place: Place) {
        guard let text = values.first, !text.hasPrefix("#"), !text.hasPrefix(";") else {
            return note(.unusableServer, place, "names no address")
        }
        guard let address = IPAddress(text) else {
            let isName = DomainName(text).map { !$0.looksLikeAddress } ?? false
            return note(
                .unusableServer, place,
                "\(text.escaped(limit: 60)) is \(isName ? "a name, and resolvers need an address" : "no address")")
        }
        // MAXNS of <resolv.h>.
        guard result.servers.count < 3 else {
            return note(.surplusServer, place, "\(address) is never asked: glibc and musl ask the first three only")
        }
        result.servers.append(Endpoint(address, 53))
    }

    /// `domain` and `search` set the same list: the last one counts.
    mutating func setSearch(_ words: [String], _ place: Place) {
        var domains: [DomainName] = []
        for word in words {
            guard let name = DomainName(word) else {
                note(.unusableDomain, place, "\(word.escaped(limit: 60)) is no domain name")
                continue
            }
            // A root in the list asks for the name as it is, which happens anyway.
            if !name.labels.isEmpty { domains.append(name) }
        }
        if domains.count > Self.searchLimit {
            note(.surplusDomains, place, "only the first \(Self.searchLimit) search domains are used")
            domains = Array(domains.prefix(Self.searchLimit))
        } else if domains.count > Self.oldSearchLimit {
            note(
                .surplusDomains, place,
                "\(domains.count) search domains: glibc before 2.26 uses the first \(Self.oldSearchLimit) only")
        }
        noteReplaced(by: domains, place)
        searchPlace = (place, domains)
        result.search = domains
    }

    /// Files often have a `domain` and then a `search` that holds it too, by which nothing is lost.
    private mutating func noteReplaced(by domains: [DomainName], _ place: Place) {
        guard let (older, replaced) = searchPlace else { return }
        let known = Set(domains.map(\.canonical))
        guard replaced.contains(where: { !known.contains($0.canonical) }) else { return }
        note(.replacedSearch, older, "has no effect: \(place.name) sets the search list anew")
    }

    /// `MAXDNSRCH` of <resolv.h> before glibc 2.26.
    private static let oldSearchLimit = 6
    /// What Kubernetes admits; newer resolvers stop nowhere, and a longer list is a mistake.
    private static let searchLimit = 32

    mutating func take(option: String, _ place: Place) {
        let parts = option.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? UInt16(decimal: parts[1]).map(Int.init) : nil
        switch (parts.first.map { String($0) } ?? "", value) {
        // The caps are RES_MAXNDOTS, RES_MAXRETRANS and RES_MAXRETRY of <resolv.h>.
        case ("ndots", let value?): result.ndots = min(value, 15)
        case ("timeout", let value?): result.timeout = .seconds(max(1, min(value, 30)))
        case ("attempts", let value?): result.attempts = max(1, min(value, 5))
        case ("use-vc", nil): result.useTCP = true
        case (let word, nil) where Self.harmless.contains(word): break
        default: note(.unknownOption, place, "option \(option.escaped(limit: 40)) is not known or has no number")
        }
    }

    /// Options that change nothing in which questions are asked of whom. `rotate` does: it varies which server is asked
    /// first. It is not followed, since two runs of one plan shall ask alike, and the dns probe asks every server anyway.
    private static let harmless: Set<String> = [
        "edns0", "trust-ad", "single-request", "single-request-reopen", "no-reload", "no-tld-query", "inet6", "debug",
        "no-check-names", "no-aaaa", "insecure1", "insecure2", "ip6-bytestring", "ip6-dotint", "no-ip6-dotint",
        "rotate",
    ]
}
