import NetValues
import Observations

/// What soundings show of the way to one endpoint: by its own TCP packets, and by datagrams to a port that the target's own
/// stack answers for.
struct Way: Sendable {
    typealias Hop = SoundingFact.Hop
    typealias Router = (limit: Int, address: IPAddress)

    let endpoint: Endpoint
    let own: SoundingFact?
    let reference: SoundingFact?

    /// Routers that said so when the endpoint's own packets ran out of hops.
    var routers: [Router] { own?.routers ?? [] }
    var referenceRouters: [Router] { reference?.routers ?? [] }

    /// The nearest answer to the endpoint's own packets that no router gave.
    var answer: Hop? { own?.hops.first { $0.outcome.isEnd } }

    /// Hops to whoever has the address: the first limit with which its own machine answers a datagram. Unknown after a silence: it may
    /// have been the target's own, which rations its errors too.
    var distance: Int? {
        guard let limit = targetAnswer?.limit else { return nil }
        let before = reference?.hops.first { $0.limit == limit - 1 }
        return limit == 1 || (before.map { $0.outcome != .silent } ?? false) ? limit : nil
    }

    private var targetAnswer: Hop? {
        reference?.hops.first { hop in
            switch hop.outcome {
            case .failed(let failure):
                failure.icmp.map { $0.isPortUnreachable && $0.offender == endpoint.address } ?? false
            case .answered: true
            case .expired, .reset, .silent: false
            }
        }
    }

    /// TTL of the target's own answer to a datagram.
    var targetHopLimit: Int? {
        guard case .failed(let failure) = targetAnswer?.outcome else { return nil }
        return failure.icmp?.hopLimit
    }

    /// The first router that the endpoint's own packets do not come to: it would have answered.
    var provenBehind: Router? {
        guard let control = own?.control, case .expired(let router) = control.outcome else { return nil }
        return (control.limit, router)
    }

    func router(at limit: Int) -> IPAddress? {
        (routers + referenceRouters).first { $0.limit == limit }?.address
    }

    /// How far away a device is that is known by its address.
    func limit(of address: IPAddress) -> Int? {
        (routers + referenceRouters).first { $0.address == address }?.limit
    }

    /// Where packets go round instead of getting there.
    var circle: Circle? { [reference, own].lazy.compactMap { $0.flatMap { Circle($0.hops) } }.first }

    /// How far away a router stands, by the first limit with which anything came from it.
    func place(of address: IPAddress) -> Int? {
        [own, reference].lazy.compactMap { $0?.hops.first { $0.sender == address }?.limit }.min()
    }
}

extension SoundingFact {
    /// That said that the packets' hops ran out there, in order of their limits.
    var routers: [Way.Router] {
        hops.compactMap { hop in
            if case .expired(let address) = hop.outcome { (hop.limit, address) } else { nil }
        }
    }
}

extension SoundingFact.Hop {
    /// Who sent what came back, where the packet itself says so.
    fileprivate var sender: IPAddress? {
        switch outcome {
        case .expired(let router): router
        case .failed(let failure): failure.icmp?.offender
        case .answered, .reset, .silent: nil
        }
    }
}

/// The soundings of a run.
struct Ways: Sendable {
    private var own: [Endpoint: SoundingFact] = [:]
    private var references: [IPAddress: SoundingFact] = [:]

    init(_ checks: [CheckEvidence]) {
        for fact in checks.lazy.flatMap(\.waySoundings) {
            switch fact.carrier {
            case .tcp: own[fact.endpoint] = own[fact.endpoint]?.joined(with: fact) ?? fact
            case .udp, .icmp:
                // Errors are rationed: of several the one that got furthest says most.
                let known = references[fact.endpoint.address]?.hops.count { $0.outcome != .silent } ?? 0
                guard fact.hops.count(where: { $0.outcome != .silent }) > known else { continue }
                references[fact.endpoint.address] = fact
            }
        }
    }

    /// With which the echo replies of each address arrived that was sounded.
    func echoHopLimits(_ checks: [CheckEvidence]) -> [IPAddress: [Int]] {
        let addresses = Set(own.keys.map(\.address))
        guard !addresses.isEmpty else { return [:] }
        var limits: [IPAddress: Set<Int>] = [:]
        for echo in checks.lazy.flatMap(\.echoes) where addresses.contains(echo.address) {
            if echo.outcome == .replied, let limit = echo.hopLimit { limits[echo.address, default: []].insert(limit) }
        }
        return limits.mapValues { $0.sorted() }
    }

    /// Nil where nobody sounded.
    func to(_ endpoint: Endpoint) -> Way? {
        let way = Way(endpoint: endpoint, own: own[endpoint], reference: references[endpoint.address])
        return way.own == nil && way.reference == nil ? nil : way
    }
}

extension SoundingFact {
    /// "UDP to 198.18.3.2:33434"
    fileprivate var words: String { carrier == .icmp ? "echoes to \(endpoint.address)" : "UDP to \(endpoint)" }
}

extension Way {
    /// What was sent with growing hop limits, and who answered: two lines at most.
    var lines: [String] {
        [(own, "SYNs to \(endpoint)"), (reference, reference?.words ?? "")].compactMap {
            fact, name in
            guard let fact, fact.hops.contains(where: { $0.outcome != .silent }) else { return nil }
            let isTranslated = fact.routers.contains { $0.address == endpoint.address }
            return
                "\(name) with hop limits from 1: \(Self.words(of: fact))\(isTranslated ? " (routers behind a translation of addresses answer in the target's name)" : "")"
        }
    }

    private static let mostNamed = 8

    /// "198.18.1.1, 198.18.2.2, then nothing up to 10"
    private static func words(of fact: SoundingFact) -> String {
        let heard = fact.hops.prefix { $0.limit <= (fact.hops.last { $0.outcome != .silent }?.limit ?? 0) }
        let answer = heard.firstIndex { $0.outcome.isEnd }
        let before = heard[..<(answer ?? heard.endIndex)]
        var names = before.map { hop in
            if case .expired(let router) = hop.outcome { router.description } else { "(silence)" }
        }
        if names.count > mostNamed {
            names.replaceSubrange(mostNamed / 2..<names.count - mostNamed / 2, with: ["…"])
        }
        if let answer { names.append(words(of: heard[answer])) }
        guard answer == nil, let last = fact.hops.last?.limit, heard.last?.limit != last else {
            return names.joined(separator: ", ")
        }
        return names.isEmpty
            ? "nothing up to \(last)" : names.joined(separator: ", ") + ", then nothing up to \(last)"
    }

    private static func words(of hop: Hop) -> String {
        switch hop.outcome {
        case .answered: "answered with \(hop.limit)"
        case .reset: "a reset with \(hop.limit)"
        case .failed(let failure): "\(failure.icmp?.words ?? failure.name) with \(hop.limit)"
        case .expired(let router): router.description
        case .silent: "(silence)"
        }
    }
}

extension CheckEvidence {
    /// What soundings show of machines that are up, as attempts that got an answer.
    var soundedFlows: [Flow] {
        soundings.flatMap { fact in
            fact.hops.lazy.compactMap { hop -> Flow? in
                let carrier = Flow.Carrier(fact.carrier)
                let outcome: Flow.Outcome
                switch hop.outcome {
                case .answered: outcome = .answered
                case .failed(let failure):
                    guard let report = failure.icmp, report.offender == fact.endpoint.address else { return nil }
                    outcome = Flow.Outcome(
                        failure, carrier: carrier, elapsed: hop.roundTrip ?? .zero, source: nil,
                        destination: fact.endpoint.address)
                // A device may make a reset in the target's name.
                case .reset, .expired, .silent: return nil
                }
                return Flow(
                    carrier: carrier, destination: fact.endpoint.address, port: fact.endpoint.port, outcome: outcome,
                    elapsed: hop.roundTrip ?? .zero, attempts: 1)
            }.prefix(1)
        }
    }
}
