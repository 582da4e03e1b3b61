/// The other checks beside which a probe works (`during`).
package struct Company: Sendable {
    /// Lets them start.
    package let hasBegun: @Sendable () -> Void
    /// Until all of them are over, or the run is being stopped.
    package let untilOver: @Sendable () async -> Void
    /// False for a probe that is on its own.
    package let isThere: Bool

    /// Nobody.
    package init() {
        hasBegun = {}
        untilOver = {}
        isThere = false
    }

    package init(hasBegun: @escaping @Sendable () -> Void, untilOver: @escaping @Sendable () async -> Void) {
        self.hasBegun = hasBegun
        self.untilOver = untilOver
        isThere = true
    }
}
