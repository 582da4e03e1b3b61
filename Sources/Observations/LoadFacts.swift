import NetValues

/// Many connections to one endpoint at once, held open together (catalogue: snat-port-exhaustion, local-port-exhaustion,
/// conntrack-table-full, listen-backlog-overflow, rate-limited).
package struct FlowsFact: Sendable {
    /// One connection of the many, in the order of their starts.
    package struct Attempt: Hashable, Sendable {
        /// Since the first one started.
        package let startedAt: Duration
        package let elapsed: Duration
        package let outcome: ConnectFact.Outcome

        package init(startedAt: Duration, elapsed: Duration, outcome: ConnectFact.Outcome) {
            self.startedAt = startedAt
            self.elapsed = elapsed
            self.outcome = outcome
        }
    }

    /// What came back on one connection that was spoken on, or listened to.
    package struct Reply: Hashable, Sendable {
        /// Words of ours were sent; else the server was only given the time to greet.
        package let wasAsked: Bool
        /// `satisfied` when anything was said.
        package let end: StreamEnd
        package let elapsed: Duration

        package init(wasAsked: Bool, end: StreamEnd, elapsed: Duration) {
            self.wasAsked = wasAsked
            self.end = end
            self.elapsed = elapsed
        }
    }

    package let endpoint: Endpoint
    package let attempts: [Attempt]
    /// Single connections to other endpoints while the many were held.
    package let beside: [ConnectFact]
    /// Single connections to the same endpoint after the many were closed.
    package let after: [ConnectFact]
    package let elapsed: Duration
    /// Single connections to the endpoints of `beside`, before the many were opened.
    package let before: [ConnectFact]
    /// On the first of the many, while it was alone.
    package let alone: Reply?
    /// On the last that came about, while all were held.
    package let held: Reply?

    package init(
        endpoint: Endpoint, attempts: [Attempt], beside: [ConnectFact], after: [ConnectFact], elapsed: Duration,
        before: [ConnectFact] = [], alone: Reply? = nil, held: Reply? = nil
    ) {
        self.before = before
        self.alone = alone
        self.held = held
        self.endpoint = endpoint
        self.attempts = attempts
        self.beside = beside
        self.after = after
        self.elapsed = elapsed
    }
}

/// One connection that was left idle for a while, and whether it still carried data then (catalogue: nat-idle-timeout).
package struct IdleFact: Sendable {
    package let endpoint: Endpoint
    package let source: Endpoint?
    package let idle: Duration
    /// Why reading ended after the idle time; `satisfied` when an answer came, or the peer acknowledged what was sent.
    package let end: StreamEnd
    package let elapsed: Duration
    /// The end came of itself while nothing was sent; `idle` is then the time until it came.
    package let isWhileIdle: Bool

    package init(
        endpoint: Endpoint, source: Endpoint?, idle: Duration, end: StreamEnd, elapsed: Duration,
        isWhileIdle: Bool = false
    ) {
        self.isWhileIdle = isWhileIdle
        self.endpoint = endpoint
        self.source = source
        self.idle = idle
        self.end = end
        self.elapsed = elapsed
    }
}
