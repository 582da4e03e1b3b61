import NetValues
import Observations
import Wire

/// By what the packets of one exchange of a probe are known: protocol, both endpoints, and within a shared socket the id.
package struct TrafficKey: Hashable, Sendable {
    private let protocolNumber: UInt8
    private let low: PacketEndpoint
    private let high: PacketEndpoint
    /// Of a DNS message over UDP; of the ICMP header of an echo. 0 elsewhere.
    private let id: UInt16

    package init(_ protocolNumber: UInt8, _ one: PacketEndpoint, _ other: PacketEndpoint, id: UInt16 = 0) {
        self.protocolNumber = protocolNumber
        (low, high) = Self.isOrdered(one, other) ? (one, other) : (other, one)
        self.id = id
    }

    /// TCP, and neither side has one of these ports.
    func isTCP(besides ports: Set<UInt16>) -> Bool {
        protocolNumber == IPProtocol.tcp && !ports.contains(low.port) && !ports.contains(high.port)
    }

    private static func isOrdered(_ one: PacketEndpoint, _ other: PacketEndpoint) -> Bool {
        (one.address.high, one.address.low, one.port) <= (other.address.high, other.address.low, other.port)
    }
}

extension TrafficKey {
    /// An echo has two addresses and its identifier. The own address need not be known: the target's is enough beside the
    /// identifier, so it stands on both sides.
    package static func echo(with target: PacketAddress, identifier: UInt16) -> TrafficKey {
        let endpoint = PacketEndpoint(target, 0)
        return TrafficKey(target.isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp, endpoint, endpoint, id: identifier)
    }

    /// What left by the sockets of a check, as its facts have it.
    package static func keys(of record: CheckRecord) -> Set<TrafficKey> {
        var keys: Set<TrafficKey> = []
        for fact in record.facts {
            if let key = key(of: fact) { keys.insert(key) }
        }
        return keys
    }

    private static func key(of fact: Fact) -> TrafficKey? {
        switch fact {
        case .connect(let fact):
            fact.source.map { TrafficKey(IPProtocol.tcp, PacketEndpoint($0), PacketEndpoint(fact.endpoint)) }
        case .datagram(let fact):
            fact.source.map { TrafficKey(IPProtocol.udp, PacketEndpoint($0), PacketEndpoint(fact.endpoint)) }
        case .dns(let fact):
            fact.source.map { source in
                let isUDP = fact.transport == .udp
                return TrafficKey(
                    isUDP ? IPProtocol.udp : IPProtocol.tcp, PacketEndpoint(source), PacketEndpoint(fact.server),
                    id: isUDP ? fact.id ?? 0 : 0)
            }
        case .echo(let fact):
            fact.identifier.map { .echo(with: PacketAddress(fact.address), identifier: $0) }
        case .service(let fact):
            fact.source.map { TrafficKey(IPProtocol.udp, PacketEndpoint($0), PacketEndpoint(fact.endpoint)) }
        case .resolution, .banner, .tls, .http, .capture, .sounding, .neighbour, .flows, .idle, .pairs, .rate, .trace,
            .pathMTU, .throughput:
            nil
        }
    }

    /// Its TCP connections that failed, by the endpoints that opened them: what is captured of a connection that went elsewhere
    /// is how it began, which says why it failed, and not what came of it.
    package static func openers(of record: CheckRecord) -> [PacketEndpoint: TrafficKey] {
        var openers: [PacketEndpoint: TrafficKey] = [:]
        for case .connect(let fact) in record.facts {
            guard let source = fact.source, fact.outcome != .connected else { continue }
            openers[PacketEndpoint(source)] = key(of: .connect(fact))
        }
        return openers
    }

    /// The addresses that a check sent to, of which ARP and neighbour discovery are evidence as well.
    package static func targets(of record: CheckRecord) -> Set<PacketAddress> {
        var targets: Set<PacketAddress> = []
        for fact in record.facts {
            switch fact {
            case .connect(let fact): targets.insert(PacketAddress(fact.endpoint.address))
            case .datagram(let fact): targets.insert(PacketAddress(fact.endpoint.address))
            case .dns(let fact): targets.insert(PacketAddress(fact.server.address))
            case .echo(let fact): targets.insert(PacketAddress(fact.address))
            case .service(let fact): targets.insert(PacketAddress(fact.endpoint.address))
            case .neighbour(let fact): targets.insert(PacketAddress(fact.address))
            case .resolution, .banner, .tls, .http, .capture, .sounding, .flows, .idle, .pairs, .rate, .trace, .pathMTU,
                .throughput:
                break
            }
        }
        return targets
    }
}
