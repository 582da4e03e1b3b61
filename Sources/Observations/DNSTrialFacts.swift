import NetValues
import Wire

/// The four-way contrast for lost answers of A and AAAA pairs (catalogue: dns-slow-5s-conntrack-race).
package struct DNSPairFact: Sendable {
    package enum Manner: String, Hashable, Sendable, CaseIterable { case samePort, twoPorts, sequential, tcp }

    /// Trials of one manner; each is an A and an AAAA question.
    package struct Tally: Hashable, Sendable {
        package let manner: Manner
        package let trials: Int
        /// Trials of which exactly one question stayed unanswered, and of which both did.
        package let oneLost: Int
        package let bothLost: Int
        /// Of those that were answered.
        package let median: Duration?

        package init(manner: Manner, trials: Int, oneLost: Int, bothLost: Int, median: Duration?) {
            self.manner = manner
            self.trials = trials
            self.oneLost = oneLost
            self.bothLost = bothLost
            self.median = median
        }
    }

    package let server: Endpoint
    package let name: DomainName
    package let tallies: [Tally]

    package init(server: Endpoint, name: DomainName, tallies: [Tally]) {
        self.server = server
        self.name = name
        self.tallies = tallies
    }
}

/// Questions at a steady rate to one server over one span.
package struct DNSRateFact: Sendable {
    package let server: Endpoint
    package let name: DomainName
    package let wantedRate: Double
    package let sent: Int
    package let answered: Int
    package let span: Duration
    /// Answers by rcode.
    package let rcodes: [String: Int]
    /// Least, 50th, 90th, 95th, 99th and 99.9th percentile, greatest; nil without an answer.
    package let latency: Latency?
    /// Questions that left later than their time because of ourselves.
    package let lateStarts: Int
    /// Questions that our own kernel would not take, and answers that our own socket had no room for: no word about the server.
    package let ownDrops: Int
    /// The server, or somebody on the way, let us know that its port is closed or forbidden.
    package let failure: SocketFailure?

    package struct Latency: Hashable, Sendable {
        package let min, p50, p90, p95, p99, p999, max: Duration

        package init(
            min: Duration, p50: Duration, p90: Duration, p95: Duration, p99: Duration, p999: Duration, max: Duration
        ) {
            self.min = min
            self.p50 = p50
            self.p90 = p90
            self.p95 = p95
            self.p99 = p99
            self.p999 = p999
            self.max = max
        }
    }

    package init(
        server: Endpoint, name: DomainName, wantedRate: Double, sent: Int, answered: Int, span: Duration,
        rcodes: [String: Int], latency: Latency?, lateStarts: Int, ownDrops: Int = 0, failure: SocketFailure? = nil
    ) {
        self.ownDrops = ownDrops
        self.failure = failure
        self.server = server
        self.name = name
        self.wantedRate = wantedRate
        self.sent = sent
        self.answered = answered
        self.span = span
        self.rcodes = rcodes
        self.latency = latency
        self.lateStarts = lateStarts
    }
}
