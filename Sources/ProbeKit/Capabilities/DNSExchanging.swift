import NetValues
import Observations
import Wire

/// One question to one server, one try. Retries, the change to TCP and the search list are the asker's, who shows them.
package protocol DNSExchanging: Sendable {
    /// Never throws for what the network or the server does: that is the outcome.
    func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply
}

package struct DNSReply: Sendable {
    package let elapsed: Duration
    package let outcome: DNSFact.Outcome
    /// Where the question left from, and its id; nil where nothing left.
    package let source: Endpoint?
    package let id: UInt16?

    package init(elapsed: Duration, outcome: DNSFact.Outcome, source: Endpoint? = nil, id: UInt16? = nil) {
        self.elapsed = elapsed
        self.outcome = outcome
        self.source = source
        self.id = id
    }
}
