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
    /// Lines that were not understood or that common resolvers ignore, in words.
    package var oddities: [String]

    package init(
        servers: [Endpoint], search: [DomainName] = [], ndots: Int = 1, timeout: Duration = .seconds(5),
        attempts: Int = 2,
        useTCP: Bool = false, source: String = "/etc/resolv.conf", oddities: [String] = []
    ) {
        self.servers = servers
        self.search = search
        self.ndots = ndots
        self.timeout = timeout
        self.attempts = attempts
        self.useTCP = useTCP
        self.source = source
        self.oddities = oddities
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
