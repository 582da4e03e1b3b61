import NetValues
import Observations
import VantageState

extension FuzzTarget {
    /// Up to an empty line the file, behind it the option variable.
    static let resolverConfiguration = FuzzTarget(
        "resolv-conf",
        words: [
            "nameserver ", "search ", "options ", "ndots:", "timeout:", "attempts:", "rotate", "domain ", "\r\n", "#",
        ],
        seeds: {
            [
                "nameserver 198.18.0.1\nnameserver fd00::1\nsearch a.example b.example\noptions ndots:5 timeout:1\n",
                "domain example.com\nnameserver 198.18.0.1#53\n; note\n sortlist x\nunknown y\n",
                "options ndots:99999 use-vc\n",
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let found = ResolverConfiguration(parsing: text, source: "f", environment: ["RES_OPTIONS": text])
        try hold((1...3).contains(found.servers.count), "\(found.servers.count) servers")
        try hold((0...15).contains(found.ndots) && (1...5).contains(found.attempts), "a number out of its limits")
        try hold(found.timeout >= .seconds(1) && found.timeout <= .seconds(30), "a timeout of \(found.timeout)")
        try hold(found.search.count <= 32, "\(found.search.count) search domains")
        let told = found.oddities.reduce(0) { $0 + $1.place.utf8.count + $1.quote.utf8.count + $1.reason.utf8.count }
        try hold(told <= 4096 + bytes.count * 128, "\(told) bytes told of \(bytes.count)")
    }

    static let hostsTable = FuzzTarget(
        "hosts", words: ["127.0.0.1 ", "::1 ", "localhost", "#", "\t", "\r\n"],
        seeds: {
            ["127.0.0.1 localhost\n::1 localhost ip6-localhost # note\n198.18.0.1\tdb.prod db\r\n", "x y\n"].map {
                Array($0.utf8)
            }
        }
    ) { bytes in
        let table = HostsTable(parsing: String(decoding: bytes, as: UTF8.self))
        for (name, addresses) in table.addresses {
            try hold(addresses.count <= 64 && Set(addresses).count == addresses.count, "addresses of \(name)")
            guard let domain = DomainName(name) else { throw Violation(description: "\(name) is no name") }
            try hold(table.lookup(domain) == addresses, "\(name) is not found again")
        }
    }

    /// Lines: the proxy behind credentials, then NO_PROXY.
    static let proxyVariables = FuzzTarget(
        "proxy-variables", words: ["://", "@", "%40", ":3128", ",", "*.", ".svc", "/8", "[::1]", "socks5://"],
        seeds: {
            ["proxy.corp:3128/\nlocalhost,.svc,10.0.0.0/8", "a@b://c@d:80\n*", "[fd00::1]:8080\n*.corp"].map {
                Array($0.utf8)
            }
        }
    ) { bytes in
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        let environment = [
            "https_proxy": "http://lab:MOST-SECRET@\(lines.first ?? "")",
            "HTTP_PROXY": "lab:MOST-SECRET@\(lines.first ?? "")",
            "no_proxy": String(lines.count > 1 ? lines[1] : ""), "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        ]
        let found = SurroundingsFiles(root: "/nonexistent").read(
            environment: environment, resolver: ResolverConfiguration(servers: [])
        ).proxies
        let told = found.variables.map(\.shown) + found.traps
        try hold(!told.contains { $0.contains("MOST-SECRET") }, "a password is shown: \(told)")
        try hold(found.exceptions.count <= 500, "\(found.exceptions.count) exceptions")
        try hold(told.allSatisfy { $0.utf8.count <= 4096 }, "a text of more than 4096 bytes")
    }

    static let safeText = FuzzTarget(
        "safe-text", words: ["\u{1b}[31m", "\u{202e}", "\u{2028}", "\u{0}", "e\u{301}", "\u{1f468}\u{200d}\u{1f469}"],
        seeds: {
            ["plain", "\u{1b}[31mred\u{7}", "line\r\nbreak\ttab\\", "e\u{301}\u{202e}gpj.exe"].map { Array($0.utf8) }
        }
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for limit in [0, 1, 20, 200] {
            let escaped = text.escaped(limit: limit)
            let isSafe = escaped.unicodeScalars.allSatisfy { scalar in
                let category = scalar.properties.generalCategory
                return ![.control, .format, .lineSeparator, .paragraphSeparator, .surrogate].contains(category)
            }
            try hold(isSafe, "text that a terminal obeys: \(escaped.debugDescription)")
            try hold(escaped.unicodeScalars.count <= limit * 12 + 1, "\(escaped.unicodeScalars.count) for \(limit)")
            let bytesEscaped = bytes.escaped(limit: limit)
            try hold(bytesEscaped.unicodeScalars.filter { !$0.isASCII }.count <= 1, "bytes that are not ASCII")
            try hold(bytesEscaped.utf8.count <= limit * 4 + 3, "\(bytesEscaped.utf8.count) for \(limit) bytes")
        }
    }
}
