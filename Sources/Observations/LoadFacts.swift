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

    package let endpoint: Endpoint
    package let attempts: [Attempt]
    /// Single connections to other endpoints while the many were held.
    package let beside: [ConnectFact]
    /// Single connections to the same endpoint after the many were closed.
    package let after: [ConnectFact]
    package let elapsed: Duration

    package init(
        endpoint: Endpoint, attempts: [Attempt], beside: [ConnectFact], after: [ConnectFact], elapsed: Duration
    ) {
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
    /// Why reading ended after the idle time; `satisfied` when an answer came.
    package let end: StreamEnd
    package let elapsed: Duration

    package init(endpoint: Endpoint, source: Endpoint?, idle: Duration, end: StreamEnd, elapsed: Duration) {
        self.endpoint = endpoint
        self.source = source
        self.idle = idle
        self.end = end
        self.elapsed = elapsed
    }
}
