import NetValues
import Observations
import Planning

/// A connection that was made and then reset: when, and after how much.
struct ConnectionReset: Hashable {
    enum Phase: Hashable {
        /// Nobody had said anything that the other side took.
        case waiting
        /// After bytes of ours that are no TLS: text of the plan, a request.
        case words
        case clientHello
        case handshake
        /// An answer had begun.
        case answer
    }

    let endpoint: Endpoint
    let phase: Phase
    /// Nil for what is no TLS, and for TLS without a name.
    let serverName: String?
    let isHTTP: Bool
    let sent: Int
    let received: Int
    /// Since we began to speak or to listen.
    let elapsed: Duration
    /// Of the handshake of TCP.
    let roundTrip: Duration?

    static func all(in sample: Sample) -> [ConnectionReset] {
        var trips: [Endpoint: Duration] = [:]
        return sample.facts.lazy.filter { !$0.isContrast }.compactMap { fact in
            switch fact {
            case .connect(let connect):
                if connect.outcome == .connected { trips[connect.endpoint] = connect.tcp?.rtt ?? connect.elapsed }
                return nil
            case .banner(let banner): return ConnectionReset(banner, trips[banner.endpoint])
            case .tls(let handshake): return ConnectionReset(handshake, trips[handshake.endpoint])
            case .http(let exchange): return ConnectionReset(exchange, trips[exchange.endpoint])
            default: return nil
            }
        }
    }

    /// Sooner than anything can come from the target: a packet to it and one back take a round trip.
    func isNearer(than trip: Duration) -> Bool {
        guard trip > .milliseconds(2), phase != .answer, phase != .handshake else { return false }
        return elapsed < trip / 2
    }

    var words: String {
        let point =
            switch phase {
            case .waiting: "before a byte was said"
            case .words: "after \(counted(sent, "byte")) from us, before any answer"
            case .clientHello: "after the ClientHello (\(counted(sent, "byte"))), before any byte of an answer"
            case .handshake: "within the TLS handshake, \(counted(sent, "byte")) sent and \(received) received"
            case .answer: "in the middle of the answer, after \(counted(received, "byte")) of it"
            }
        return "\(endpoint): connected, then reset \(point)"
    }
}

extension ConnectionReset {
    private init?(_ fact: BannerFact, _ roundTrip: Duration?) {
        guard fact.end.isReset else { return nil }
        self.init(
            endpoint: fact.endpoint,
            phase: !fact.bytes.isEmpty ? .answer : fact.sentBytes > 0 ? .words : .waiting, serverName: nil,
            isHTTP: false,
            sent: fact.sentBytes, received: fact.bytes.count, elapsed: fact.elapsed, roundTrip: roundTrip)
    }

    private init?(_ fact: TLSFact, _ roundTrip: Duration?) {
        guard case .failed(.transport(let failure)) = fact.outcome, failure.isReset else { return nil }
        self.init(
            endpoint: fact.endpoint, phase: fact.receivedBytes > 0 || fact.version != nil ? .handshake : .clientHello,
            serverName: fact.serverName, isHTTP: false, sent: fact.sentBytes, received: fact.receivedBytes,
            elapsed: fact.elapsed, roundTrip: roundTrip)
    }

    private init?(_ fact: HTTPFact, _ roundTrip: Duration?) {
        guard case .incomplete(let end, let partial) = fact.outcome, end.isReset else { return nil }
        self.init(
            endpoint: fact.endpoint, phase: partial.bytes > 0 ? .answer : fact.sentBytes > 0 ? .words : .waiting,
            serverName: nil, isHTTP: fact.url.scheme == .http, sent: fact.sentBytes, received: partial.bytes,
            elapsed: fact.elapsed, roundTrip: roundTrip)
    }
}
