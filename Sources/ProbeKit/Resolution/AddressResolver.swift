import NetValues
import Observations
import Planning
import Wire

/// A host name to its addresses, in the way of an application's resolver: literal, hosts file, then DNS by search list and
/// servers, with every exchange kept.
package struct AddressResolver: Sendable {
    private let exchange: any DNSExchanging
    private let time: any TimeSource
    private let configuration: ResolverConfiguration
    private let hosts: HostsTable

    package init(
        exchange: any DNSExchanging, time: any TimeSource, configuration: ResolverConfiguration, hosts: HostsTable
    ) {
        self.exchange = exchange
        self.time = time
        self.configuration = configuration
        self.hosts = hosts
    }

    package init(_ capabilities: Capabilities, time: any TimeSource) {
        self.init(
            exchange: capabilities.dns, time: time, configuration: capabilities.resolver, hosts: capabilities.hosts)
    }

    /// More addresses than this help nobody, and a server may not make us try thousands.
    private static let addressLimit = 64

    package func resolve(
        _ host: Host, family: FamilyChoice, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> Resolution {
        let start = time.now()
        switch host {
        case .address(let address): return local([address], host, .literal, family, since: start)
        case .name(let name):
            let known = localAddresses(of: name).filter { family.admits($0.family) }
            if !known.isEmpty || name.isLocalhost { return local(known, host, .hostsFile, family, since: start) }
            return try await resolve(name, family, source, start, deadline)
        }
    }

    private func local(
        _ addresses: [IPAddress], _ host: Host, _ origin: ResolutionFact.Source, _ family: FamilyChoice,
        since start: Instant
    ) -> Resolution {
        let admitted = addresses.filter { family.admits($0.family) }
        let outcome: ResolutionFact.Outcome = admitted.isEmpty ? .noAddress : .addresses(admitted)
        let fact = ResolutionFact(host: host, source: origin, tried: [], outcome: outcome, elapsed: time.now() - start)
        return Resolution(fact: fact, exchanges: [])
    }

    /// RFC 6761 section 6.3: `localhost` never leaves the host, also where the hosts file lacks it.
    private func localAddresses(of name: DomainName) -> [IPAddress] {
        let listed = hosts.lookup(name)
        guard listed.isEmpty, name.isLocalhost else { return listed }
        return [.v6(IPv6Address(high: 0, low: 1)), .v4(IPv4Address(bits: 0x7f00_0001))]
    }

    // MARK: DNS

    private func resolve(
        _ name: DomainName, _ family: FamilyChoice, _ source: IPAddress?, _ start: Instant, _ deadline: Instant
    ) async throws(ProbeInterruption) -> Resolution {
        guard !configuration.servers.isEmpty else { throw .unable(noServers(name)) }
        var trail = SearchTrail()
        let candidates = SearchList.candidates(for: name, configuration)
        for candidate in candidates {
            let (result, exchanges) = try await lookUp(candidate, family, source, deadline)
            trail.add(candidate, result, exchanges)
            if !result.addresses.isEmpty || result.isSilent { break }
        }
        if trail.outcome(limit: 1) == .nameNotFound, let server = trail.exchanges.last?.server {
            let forms = SearchList.otherForms(of: name, than: candidates, configuration)
            trail.exchanges += try await ServerInquiry(exchange: exchange, time: time, server: server, source: source)
                .contrast(forms, types(family), deadline: deadline)
        }
        let fact = ResolutionFact(
            host: .name(name), source: .dns, tried: trail.tried, outcome: trail.outcome(limit: Self.addressLimit),
            elapsed: time.now() - start)
        return Resolution(fact: fact, exchanges: trail.exchanges)
    }

    private func noServers(_ name: DomainName) -> Inability {
        Inability(
            .noResolver, action: "resolve \(name)", reason: "\(configuration.source) names no server",
            fix: "add a nameserver line to \(configuration.source)")
    }

    private func types(_ family: FamilyChoice) -> [DNSType] {
        [(DNSType.aaaa, IPAddress.Family.v6), (.a, .v4)].filter { family.admits($0.1) }.map(\.0)
    }

    /// A and AAAA at the same time, as getaddrinfo does.
    private func lookUp(
        _ name: DomainName, _ family: FamilyChoice, _ source: IPAddress?, _ deadline: Instant
    ) async throws(ProbeInterruption) -> (CandidateResult, [DNSFact]) {
        let types = types(family)
        let walks = try await concurrently(types) { type throws(ProbeInterruption) in
            try await walkServers(name, type, source, deadline)
        }
        let lookups = zip(types, walks).map { type, facts in Lookup(facts, type: type) }
        return (CandidateResult(lookups), walks.flatMap(\.self))
    }

    /// One server after the other until one gives a usable answer; each gets its share of the time that is left.
    private func walkServers(
        _ name: DomainName, _ type: DNSType, _ source: IPAddress?, _ deadline: Instant
    ) async throws(ProbeInterruption) -> [DNSFact] {
        var facts: [DNSFact] = []
        for (index, server) in configuration.servers.enumerated() {
            let now = time.now()
            guard now < deadline else { break }
            let share = (deadline - now) / (configuration.servers.count - index)
            let inquiry = ServerInquiry(exchange: exchange, time: time, server: server, source: source)
            let form = DNSQueryForm(transport: configuration.useTCP ? .tcp : .udp)
            // As long as a resolver would wait for this server: it asks `attempts` times, each for `timeout`. We ask twice
            // within that time, since a contrast is needed, and stay with one server, which ends at the same time.
            let latest = now + min(share, configuration.timeout * configuration.attempts)
            let answers = try await inquiry.ask(name, type, form: form, deadline: latest)
            facts += answers
            if Lookup(answers, type: type).isFinal { break }
        }
        return facts
    }
}

/// How a host name became addresses, with the exchanges behind it.
package struct Resolution: Sendable {
    package let fact: ResolutionFact
    package let exchanges: [DNSFact]

    package init(fact: ResolutionFact, exchanges: [DNSFact]) {
        self.fact = fact
        self.exchanges = exchanges
    }

    /// The exchanges, then what they came to.
    package var facts: [Fact] { exchanges.map { .dns($0) } + [.resolution(fact)] }
    package var addresses: [IPAddress] { fact.addresses }
}

/// What the candidates gave so far.
private struct SearchTrail {
    var tried: [TriedName] = []
    var exchanges: [DNSFact] = []
    private var addresses: [IPAddress] = []
    private var hasFailure = false
    private var isNameKnown = false

    mutating func add(_ name: DomainName, _ result: CandidateResult, _ facts: [DNSFact]) {
        tried.append(TriedName(name: name, result: result.text, found: !result.addresses.isEmpty))
        exchanges += facts
        addresses += result.addresses
        if result.failure != nil { hasFailure = true } else if !result.isNameMissing { isNameKnown = true }
    }

    func outcome(limit: Int) -> ResolutionFact.Outcome {
        var known: Set<IPAddress> = []
        let distinct = addresses.filter { known.insert($0).inserted }
        if !distinct.isEmpty { return .addresses(Array(distinct.prefix(limit))) }
        if hasFailure { return .failed }
        return isNameKnown ? .noAddress : .nameNotFound
    }
}

extension DomainName {
    fileprivate var isLocalhost: Bool { labels.last?.lowercasedASCII() == "localhost" }
}
