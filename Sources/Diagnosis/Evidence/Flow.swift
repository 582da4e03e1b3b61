import NetValues
import Observations
import Wire

/// One attempt to get something across, whatever the protocol, reduced to what came back: the table "connect outcome to
/// cause" of the catalogue (section 1.1).
struct Flow: Hashable, Sendable {
    enum Carrier: String, Hashable, Sendable { case tcp = "TCP", udp = "UDP", icmp = "ICMP echo" }

    enum Outcome: Hashable, Sendable {
        /// The target answered as asked.
        case answered
        /// The target itself said no: a reset, or ICMP port unreachable from its own address for UDP.
        case refused(ICMPErrorReport?)
        /// A device on the way, or the target's own filter, said that this is forbidden.
        case rejected(ICMPErrorReport)
        /// A router has no way on, or cannot find the target on the last link.
        case unreachable(ICMPErrorReport)
        /// The packet travelled until its hop limit ran out.
        case expired(ICMPErrorReport)
        /// The own host has no route.
        case noRoute(SocketFailure)
        /// A filter or a prohibiting route inside the own network namespace.
        case deniedLocally(SocketFailure)
        /// Nobody on the own link answers for the next hop's address.
        case neighbourUnresolved
        case silent
        /// Ports, addresses or the like used up here: our own limit.
        case exhaustedLocally(SocketFailure)
        case other(SocketFailure)
    }

    let carrier: Carrier
    let destination: IPAddress
    /// Nil for echo.
    let port: UInt16?
    let outcome: Outcome
    let elapsed: Duration
    /// Packets sent before giving up, as far as we know: the first SYN and its retransmissions.
    let attempts: Int

    /// The target's own machine is shown to be up: something came from its address.
    var showsLife: Bool {
        switch outcome {
        case .answered: true
        case .refused(let report): report?.offender == nil || report?.offender == destination
        case .rejected(let report): report.offender == destination
        default: false
        }
    }

    var endpointText: String {
        port.map { Endpoint(destination, $0).description } ?? destination.description
    }
}

extension Flow.Outcome {
    /// - Parameters:
    ///   - source: the own address, which is the "offender" of errors that the own kernel makes.
    init(_ failure: SocketFailure, carrier: Flow.Carrier, elapsed: Duration, source: IPAddress?, destination: IPAddress)
    {
        if let report = failure.icmp, !Self.isOwn(report, source: source, destination: destination) {
            self = Self.remote(report, carrier: carrier, destination: destination)
            return
        }
        // A filter of this host rejects: a neighbour that stays silent is host unreachable (3/1), and never prohibited.
        if let report = failure.icmp, report.isProhibited, destination != source {
            self = .deniedLocally(failure)
            return
        }
        switch failure.name {
        case "ETIMEDOUT": self = .silent
        case "ECONNREFUSED":
            self = failure.icmp == nil || destination.isLoopback ? .refused(failure.icmp) : .deniedLocally(failure)
        case "ENETUNREACH", "ENETDOWN": self = .noRoute(failure)
        case "EHOSTUNREACH", "EHOSTDOWN":
            // A route of type "unreachable" answers at once; a neighbour that stays silent takes the kernel's ARP or ND time.
            self = failure.icmp == nil && elapsed < .milliseconds(50) ? .noRoute(failure) : .neighbourUnresolved
        case "EACCES", "EPERM", "EINVAL": self = .deniedLocally(failure)
        // No address of the family to send from, as where IPv6 is switched off: never for want of ports, since none was chosen.
        case "EADDRNOTAVAIL" where destination.family == .v6 && source?.isUnspecified != false: self = .noRoute(failure)
        case "EADDRNOTAVAIL", "ENOBUFS", "EAGAIN": self = .exhaustedLocally(failure)
        default: self = .other(failure)
        }
    }

    private static func isOwn(_ report: ICMPErrorReport, source: IPAddress?, destination: IPAddress) -> Bool {
        if report.origin == .local || report.isFromOwnHost { return true }
        guard let offender = report.offender, let source else { return false }
        return offender == source && offender != destination
    }

    /// ICMP codes: RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.1.
    private static func remote(_ report: ICMPErrorReport, carrier: Flow.Carrier, destination: IPAddress) -> Self {
        switch (report.origin, report.type, report.code) {
        case (.icmp, 3, 3), (.icmpv6, 1, 4):
            carrier == .udp && report.offender == destination ? .refused(report) : .rejected(report)
        case (.icmp, 3, 0), (.icmp, 3, 1), (.icmp, 3, 6), (.icmp, 3, 7), (.icmpv6, 1, 0), (.icmpv6, 1, 2),
            (.icmpv6, 1, 3):
            .unreachable(report)
        case (.icmp, 11, _), (.icmpv6, 3, _): .expired(report)
        case (.icmp, 3, _), (.icmpv6, 1, _): .rejected(report)
        default: .unreachable(report)
        }
    }
}

extension ICMPErrorReport {
    /// By a filter (RFC 1812 section 5.2.7.1; RFC 4443 section 3.1).
    fileprivate var isProhibited: Bool {
        origin == .icmp && type == 3 && [9, 10, 13].contains(code)
            || origin == .icmpv6 && type == 1 && [1, 5, 6].contains(code)
    }
}

extension Fact {
    /// The attempts to get something across that this fact tells of.
    var flow: Flow? {
        switch self {
        case .connect(let fact): fact.flow
        case .datagram(let fact): fact.flow
        case .dns(let fact): fact.flow
        case .echo(let fact): fact.flow
        case .service(let fact): fact.flow
        case .trace(let fact): fact.flow
        case .pathMTU(let fact): fact.flow
        case .resolution, .banner, .tls, .http, .capture, .sounding, .neighbour, .flows, .idle, .pairs, .rate,
            .throughput:
            nil
        }
    }
}

extension ConnectFact {
    var flow: Flow {
        let result: Flow.Outcome =
            switch outcome {
            case .connected: .answered
            case .timedOut: .silent
            case .failed(let failure):
                Flow.Outcome(
                    failure, carrier: .tcp, elapsed: elapsed, source: source?.address, destination: endpoint.address)
            }
        return Flow(
            carrier: .tcp, destination: endpoint.address, port: endpoint.port, outcome: result, elapsed: elapsed,
            attempts: 1 + (tcp?.retransmits ?? 0))
    }
}

extension DatagramFact {
    var flow: Flow {
        let result: Flow.Outcome =
            switch outcome {
            case .answered: .answered
            case .silent: .silent
            case .failed(let failure):
                Flow.Outcome(failure, carrier: .udp, elapsed: elapsed, source: nil, destination: endpoint.address)
            }
        return Flow(
            carrier: .udp, destination: endpoint.address, port: endpoint.port, outcome: result, elapsed: elapsed,
            attempts: 1)
    }
}

extension ServiceFact {
    var flow: Flow {
        let result: Flow.Outcome =
            switch outcome {
            case .answered, .malformed: .answered
            case .silent: .silent
            case .failed(let failure):
                Flow.Outcome(
                    failure, carrier: .udp, elapsed: elapsed, source: source?.address, destination: endpoint.address)
            }
        return Flow(
            carrier: .udp, destination: endpoint.address, port: endpoint.port, outcome: result, elapsed: elapsed,
            attempts: attempts)
    }
}

extension DNSFact {
    var flow: Flow {
        let carrier: Flow.Carrier = transport == .udp ? .udp : .tcp
        let result: Flow.Outcome =
            switch outcome {
            case .answered, .connected, .malformed: .answered
            case .timedOut: .silent
            case .failed(let failure):
                Flow.Outcome(failure, carrier: carrier, elapsed: elapsed, source: nil, destination: server.address)
            }
        return Flow(
            carrier: carrier, destination: server.address, port: server.port, outcome: result, elapsed: elapsed,
            attempts: 1)
    }
}

extension EchoFact {
    var flow: Flow {
        let result: Flow.Outcome =
            switch outcome {
            case .replied: .answered
            case .lost: .silent
            case .failed(let failure):
                Flow.Outcome(
                    failure, carrier: .icmp, elapsed: roundTrip ?? .seconds(1), source: nil, destination: address)
            }
        return Flow(
            carrier: .icmp, destination: address, port: nil, outcome: result, elapsed: roundTrip ?? .zero, attempts: 1)
    }
}
