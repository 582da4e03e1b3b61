import NetValues
import Observations
import ProbeKit
import Wire

/// A name server that knows no name: everything is NXDOMAIN, at once.
package struct NamelessDNS: DNSExchanging {
    package static let configuration = ResolverConfiguration(
        servers: [Endpoint(.v4(IPv4Address(bits: 0xc000_0235)), 53)])  // 192.0.2.53

    package init() {}

    package func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply {
        let answer = DNSMessage(id: query.id, isResponse: true, rcode: .nxDomain, questions: query.questions)
        return DNSReply(elapsed: .milliseconds(1), outcome: .answered(answer))
    }
}
