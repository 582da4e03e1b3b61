import NetValues
import Observations

/// One thing about the vantage, for somebody to read: what, how it is, and why it matters.
package struct VantageLine: Hashable, Sendable {
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case interfaces, routes, neighbours, resolver, cluster, cloud, proxy, outbound
        case rights, limits, processor, clock, counters, unread
    }

    package let group: Group
    /// `eth0`, `default route`, `local ports`
    package let subject: String
    package let text: String
    package let why: String
    /// Not as one would wish it; a finding may say so with more right.
    package let isRemarkable: Bool

    package init(_ group: Group, _ subject: String, _ text: String, why: String, isRemarkable: Bool = false) {
        self.group = group
        self.subject = subject
        self.text = text
        self.why = why
        self.isRemarkable = isRemarkable
    }
}

extension VantageObservation {
    /// All that is worth a line, in the order of `Group`.
    package var lines: [VantageLine] {
        start.networkLines + start.limitLines + start.rightLines + start.processorLines + start.clockLines
            + growth.lines + start.unreadLines
    }
}

extension VantageState {
    var unreadLines: [VantageLine] {
        guard !unread.isEmpty else { return [] }
        return [
            VantageLine(
                .unread, "not read", listed(unread, limit: 6),
                why: "what cannot be read is not judged: it is not taken for zero")
        ]
    }

    var clockLines: [VantageLine] {
        guard let clock else { return [] }
        let state =
            clock.isSynchronized
            ? "synchronised, within \(clock.mostError.spoken)" : "the kernel does not know it as synchronised"
        return [
            VantageLine(
                .clock, "clock", state + (clock.source.map { ", by \($0)" } ?? ""),
                why: "certificates are held against it, and logs of two machines are compared by it")
        ]
    }
}

extension KernelCounters {
    /// Of what grew, what tells of trouble here; each with what it stands for.
    var lines: [VantageLine] {
        let troubles = values.filter { name, _ in CounterMeaning.of(name) != nil }.sorted { $0.key < $1.key }
        guard !troubles.isEmpty else {
            return values.isEmpty
                ? []
                : [
                    VantageLine(
                        .counters, "counters", "none that tells of trouble grew during the run",
                        why:
                            "retransmissions, drops and rejected packets show here, for everything in this network namespace"
                    )
                ]
        }
        return troubles.map { name, growth in
            VantageLine(
                .counters, name, "grew by \(grouped(Int(clamping: growth))) during the run",
                why: CounterMeaning.of(name) ?? "", isRemarkable: true)
        }
    }
}
