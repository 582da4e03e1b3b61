import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// One walk along a chain of redirects: each hop looks up, connects, secures, asks and reads, until a response ends the
/// chain or something fails.
struct HTTPWalk: Sendable {
    enum Ending: Hashable, Sendable {
        /// The last response is final, or names no place where we would go.
        case response
        /// A request was made twice.
        case loop
        case tooManyRedirects
    }

    static let redirectLimit = 10

    let settings: HTTPSettings
    let context: ProbeContext
    private let approach: Approach
    private let large: LargePackets
    /// The connection in use.
    private var attended: AttendedStream?
    let deadline: Instant
    /// Whether a connection that ends right behind the name is repeated with another name.
    private let comparesNames: Bool
    private(set) var facts: [Fact] = []
    var watch: PhaseWatch
    /// The stage at which the walk failed; nil when the last hop responded whole.
    private(set) var failure: Stage?
    /// The proxy's answer where it did not let the request through.
    private(set) var refusal: HTTPFact?
    private(set) var ending = Ending.response
    /// All hops' facts, the last one last.
    private(set) var hops: [HTTPFact] = []
    /// The first bytes of the last response's body.
    private(set) var body: [UInt8] = []
    /// Addresses known in this walk, by where we connect to.
    private var known: [String: [IPAddress]] = [:]

    init(settings: HTTPSettings, context: ProbeContext, start: SampleStart) {
        self.settings = settings
        self.context = context
        approach = Approach(context, start)
        large = LargePackets(context, start)
        deadline = start.deadline
        // Behind a proxy another name would be asked of the proxy; and what is not to be told is not compared.
        comparesNames = settings.proxy == nil && !settings.keepsStatusOnly && context.mayCompareNames(start)
        watch = PhaseWatch(start: start.instant)
    }

    /// A walk of its own from here, whose first server is at these addresses only.
    func branch(to addresses: [IPAddress]) -> HTTPWalk {
        var branch = self
        branch.facts = []
        branch.known[settings.destination(of: settings.url).host.identity] = addresses
        return branch
    }

    mutating func follow() async throws(ProbeInterruption) {
        var hop = HTTPHop(
            url: settings.url, method: settings.method, sendsBody: !settings.body.isEmpty,
            wasSecure: settings.url.scheme == .https)
        var seen: Set<String> = []
        while let response = try await take(hop) {
            let isRepeated = !seen.insert(hop.identity).inserted
            guard settings.follows, let next = hop.redirected(by: response, home: settings.url) else { return }
            if isRepeated {
                ending = .loop
                return
            }
            guard hops.count <= Self.redirectLimit else {
                ending = .tooManyRedirects
                return
            }
            hop = next
        }
    }

    /// Where to connect to for a URL: looked up once a walk.
    mutating func addresses(of url: HTTPURL) async throws(ProbeInterruption) -> [IPAddress] {
        let host = settings.destination(of: url).host
        if let addresses = known[host.identity] { return addresses }
        let found = try await context.resolve(host, deadline: deadline)
        facts += found.facts
        watch.lap(\.resolve, at: context.time.now())
        // A source that fits none of the addresses is told as our own mistake, at connecting.
        let family = context.check.source?.family
        let fitting = found.addresses.filter { family == nil || $0.family == family }
        let usable = fitting.isEmpty ? found.addresses : fitting
        known[host.identity] = usable
        return usable
    }

    // MARK: - One hop

    /// The whole response of a hop, nil when there was none; then `failure` says where it ended.
    private mutating func take(_ hop: HTTPHop) async throws(ProbeInterruption) -> HTTPResponse? {
        let addresses = try await addresses(of: hop.url)
        guard !addresses.isEmpty else { return fail(.resolve) }
        guard let (stream, endpoint) = try await connect(to: addresses, for: hop) else { return fail(.connect) }
        guard hop.url.scheme == .https else {
            return try await ask(hop, over: stream, at: endpoint, mayCarrySecrets: true)
        }
        if let proxy = settings.proxy, try await !pass(proxy, to: hop, over: stream, at: endpoint) {
            return fail(.proxy)
        }
        guard let (secured, isVerified) = try await secure(stream, at: endpoint, for: hop) else { return fail(.tls) }
        return try await ask(hop, over: secured, at: endpoint, mayCarrySecrets: isVerified)
    }

    private mutating func fail(_ stage: Stage) -> HTTPResponse? {
        failure = stage
        return nil
    }

    /// The addresses in turn until one accepts, each with an equal share of the time that is left.
    private mutating func connect(
        to addresses: [IPAddress], for hop: HTTPHop
    ) async throws(ProbeInterruption) -> (any ByteStream, Endpoint)? {
        let destination = settings.destination(of: hop.url)
        let service = ServiceName(of: destination.host, found: facts)
        for (index, address) in addresses.enumerated() {
            let now = context.time.now()
            if index > 0, now >= deadline { break }
            let share = (deadline - now) / (addresses.count - index)
            let result = try await approach.connect(
                to: Endpoint(address, destination.port), of: service,
                share: index == addresses.count - 1 ? deadline : now + share)
            let attempt = result.attempt
            facts += result.facts
            watch.lap(\.connect, at: context.time.now())
            if let stream = attempt.stream {
                attended = attend(stream, attempt.fact, for: hop)
                // Later hops to this server begin with the address that works.
                known[destination.host.identity] = [address] + addresses.filter { $0 != address }
                return (attended ?? stream, attempt.fact.endpoint)
            }
        }
        facts += try await approach.followRefusals(in: facts, of: service)
        return nil
    }

    private mutating func secure(
        _ stream: any ByteStream, at endpoint: Endpoint, for hop: HTTPHop
    ) async throws(ProbeInterruption) -> (any ByteStream, isVerified: Bool)? {
        let handshake = try await context.capabilities.tls.secure(
            stream, to: endpoint, settings: settings.tls(for: hop.url), deadline: deadline)
        facts.append(.tls(handshake.fact))
        if handshake.fact.outcome == .timedOut { facts += attended?.facts ?? [] }
        watch.lap(\.tls, at: context.time.now())
        guard let secured = handshake.stream else {
            if comparesNames {
                facts += try await context.contrast(
                    handshake.fact, settings: settings.tls(for: hop.url), deadline: deadline)
            }
            return nil
        }
        return (secured, handshake.fact.certificateComparison(now: context.time.wallTime()).isMet)
    }

    /// Whether the proxy opened a tunnel to the hop's server; closes the stream when it did not.
    private mutating func pass(
        _ proxy: HTTPProxy, to hop: HTTPHop, over stream: any ByteStream, at endpoint: Endpoint
    ) async throws(ProbeInterruption) -> Bool {
        var opening = hop
        opening.method = "CONNECT"
        let fact = try await exchange(proxy.tunnel(to: hop.url), opening, over: stream, at: endpoint, proxy.place).fact
        facts.append(.http(fact))
        if let response = fact.response, response.status / 100 == 2 { return true }
        refusal = fact
        await stream.close()
        return false
    }

    private mutating func ask(
        _ hop: HTTPHop, over stream: any ByteStream, at endpoint: Endpoint, mayCarrySecrets: Bool
    ) async throws(ProbeInterruption) -> HTTPResponse? {
        var request = settings.request(for: hop, mayCarrySecrets: mayCarrySecrets)
        let proxy = hop.url.scheme == .http ? settings.proxy : nil
        if let proxy { request = proxy.absolute(request, for: hop.url) }
        let exchange = try await exchange(request, hop, over: stream, at: endpoint, proxy?.place)
        await stream.close()
        let fact = exchange.fact
        facts.append(.http(fact))
        hops.append(fact)
        body = exchange.body
        if fact.isRefusalOfProxy {
            refusal = fact
            return fail(.proxy)
        }
        if comparesNames, proxy == nil, hop.url.scheme == .http, settings.hostHeader == nil {
            facts += try await HostContrast(context: context, deadline: deadline).run(fact)
        }
        return fact.response ?? fail(exchange.wasRefused ? .request : .response)
    }

    private func attend(_ stream: any ByteStream, _ connect: ConnectFact, for hop: HTTPHop) -> AttendedStream? {
        large.attend(stream, connect) { [settings, context] in
            Self.speech(hop, connect.endpoint, settings, context.capabilities.tls)
        }
    }

    /// What makes the server answer once more, without anything that is secret; nil where a proxy would answer.
    private static func speech(
        _ hop: HTTPHop, _ endpoint: Endpoint, _ settings: HTTPSettings, _ tls: any TLSSecuring
    ) -> SegmentSession.Speech? {
        guard settings.proxy == nil else { return nil }
        let question =
            hop.method == "GET"
            ? SegmentSession.request(
                hop.url.requestTarget, of: HostPort(host: hop.url.host, port: hop.url.port).description) : nil
        guard hop.url.scheme == .https else { return question }
        return SegmentSession.handshake(tls, with: endpoint, settings.tls(for: hop.url), then: question)
    }

    /// One request and its answer; the stream stays open.
    private mutating func exchange(
        _ request: HTTPRequestMessage, _ hop: HTTPHop, over stream: any ByteStream, at endpoint: Endpoint,
        _ proxy: HostPort?
    ) async throws(ProbeInterruption) -> HTTPExchange {
        var exchange = HTTPExchange(
            hop: hop, endpoint: endpoint, proxy: proxy, limits: settings.limits, time: context.time, deadline: deadline,
            keepsStatusOnly: settings.keepsStatusOnly)
        do throws(ProbeInterruption) {
            try await exchange.run(request, over: stream, watch: &watch)
            if exchange.hangs { facts += attended?.facts ?? [] }
        } catch {
            await stream.close()
            throw error
        }
        return exchange
    }
}
