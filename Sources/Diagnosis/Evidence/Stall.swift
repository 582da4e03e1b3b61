import NetValues
import Observations
import Planning

/// A connection that was made and then brought nothing until the deadline, with what the kernel knows of its bytes (catalogue
/// section 17.3).
struct Stall {
    let endpoint: Endpoint
    let sentBytes: Int
    let progress: StreamProgress

    init?(_ fact: Fact) {
        guard !fact.isContrast else { return nil }
        switch fact {
        case .banner(let banner) where banner.end == .deadline && banner.bytes.isEmpty:
            self.init(banner.endpoint, banner.sentBytes, banner.progress)
        case .tls(let handshake) where handshake.outcome == .timedOut:
            self.init(handshake.endpoint, handshake.sentBytes, handshake.progress)
        case .http(let exchange):
            guard case .incomplete(.deadline, let partial) = exchange.outcome, partial.bytes == 0 else { return nil }
            self.init(exchange.endpoint, exchange.sentBytes, exchange.progress)
        default: return nil
        }
    }

    private init?(_ endpoint: Endpoint, _ sentBytes: Int, _ progress: StreamProgress?) {
        guard let progress, sentBytes > 0 else { return nil }
        self.endpoint = endpoint
        self.sentBytes = sentBytes
        self.progress = progress
    }

    /// So much fits into a packet on every way (RFC 9293 section 3.7.1): what is larger may be lost for its size.
    private static let anyPacket = 536

    /// Nothing of what fits into any packet got through.
    var isFromTheFirstByte: Bool { progress.isNoneAcknowledged && sentBytes <= Self.anyPacket }
}

extension StreamProgress {
    /// To follow "no byte of an answer": what became of our own bytes.
    var words: String {
        let again = retransmits > 0 ? ", though sent again \(counted(retransmits, "time"))" : ""
        if acknowledgedBytes == 0, unacknowledgedSegments > 0 {
            return "nothing of ours was ever acknowledged\(again)"
        }
        return isAllAcknowledged
            ? "all \(acknowledgedBytes) bytes of ours were acknowledged"
            : "\(acknowledgedBytes) bytes of ours were acknowledged, what came after them was not\(again)"
    }
}

extension CheckEvidence {
    /// One for each failed sample that was a stall of which the kernel could tell.
    var stalls: [Stall] {
        samples.filter { !meetsExpectation($0) }.compactMap { $0.facts.lazy.compactMap(Stall.init).first }
    }
}
