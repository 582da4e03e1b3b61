import NetValues
import Planning

/// The resolver's configuration as /etc/resolv.conf (resolv.conf(5)) has it, with its defaults filled in.
package struct ResolverConfiguration: Hashable, Sendable {
    package var servers: [Endpoint]
    package var search: [DomainName]
    package var ndots: Int
    /// For one try at one server.
    package var timeout: Duration
    package var attempts: Int
    package var useTCP: Bool
    /// Where it was read: `/etc/resolv.conf`
    package var source: String
    /// What resolvers make nothing of, or what they do not agree about, in the order of the file.
    package var oddities: [ResolverOddity]
    /// systemd-resolved runs on this host or ran: its stub (127.0.0.53) in resolv.conf is no other machine's.
    package var hasSystemdResolved: Bool

    package init(
        servers: [Endpoint], search: [DomainName] = [], ndots: Int = 1, timeout: Duration = .seconds(5),
        attempts: Int = 2,
        useTCP: Bool = false, source: String = "/etc/resolv.conf", oddities: [ResolverOddity] = [],
        hasSystemdResolved: Bool = false
    ) {
        self.servers = servers
        self.search = search
        self.ndots = ndots
        self.timeout = timeout
        self.attempts = attempts
        self.useTCP = useTCP
        self.source = source
        self.oddities = oddities
        self.hasSystemdResolved = hasSystemdResolved
    }

    /// No line names a server that can be used, so that 127.0.0.1 is asked.
    package var isFallback: Bool { oddities.contains { $0.kind == .noServer } }
}

/// One thing in resolv.conf that does not do what it seems to.
package struct ResolverOddity: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No usable `nameserver` line, or no file.
        case noServer
        /// A line that was meant to name a server.
        case unusableServer
        /// Behind the third server.
        case surplusServer
        /// Lines that end with CR LF: glibc takes the CR for a part of the last word, musl and Go do not.
        case carriageReturn
        case unusableDomain, surplusDomains, replacedSearch
        case unknownKeyword, unknownOption, indented, longLine
    }

    package let kind: Kind
    /// `line 4`, `RES_OPTIONS`, or the file itself.
    package let place: String
    /// The line as it stands there, without its end; empty for the whole file.
    package let quote: String
    package let reason: String

    package init(_ kind: Kind, place: String, quote: String = "", reason: String) {
        self.kind = kind
        self.place = place
        self.quote = quote
        self.reason = reason
    }
}

extension ResolverOddity: CustomStringConvertible {
    package var description: String {
        "\(place)\(quote.isEmpty ? "" : " “\(quote.escaped(limit: 80))”"): \(reason)"
    }
}

/// /etc/hosts (hosts(5)) as a table from canonical name to addresses.
package struct HostsTable: Hashable, Sendable {
    package var addresses: [String: [IPAddress]]

    package init(addresses: [String: [IPAddress]] = [:]) {
        self.addresses = addresses
    }

    package func lookup(_ name: DomainName) -> [IPAddress] { addresses[name.canonical] ?? [] }
}
