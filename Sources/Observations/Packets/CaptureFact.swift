import NetValues

/// A capture that a plan asked for, and what it holds. A class: a summary is large.
package final class CaptureFact: Sendable {
    package let interface: String
    package let filter: String
    package let elapsed: Duration
    package let summary: PacketSummary

    package init(interface: String, filter: String, elapsed: Duration, summary: PacketSummary) {
        self.interface = interface
        self.filter = filter
        self.elapsed = elapsed
        self.summary = summary
    }
}
