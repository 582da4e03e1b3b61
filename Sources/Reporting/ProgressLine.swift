import NetValues

/// Where a run stands, on one line of a terminal.
package struct ProgressLine: Hashable, Sendable {
    package var done: Int
    package var total: Int
    package var failed: Int
    package var elapsed: Duration
    /// The check that began last, or nil; without secrets.
    package var current: String?
    /// Of the only check that there is, how many samples were taken; nil with several checks.
    package var samples: Samples?

    package struct Samples: Hashable, Sendable {
        package var done: Int
        package var total: Int

        package init(done: Int, total: Int) {
            self.done = done
            self.total = total
        }
    }

    package init(
        done: Int, total: Int, failed: Int, elapsed: Duration, current: String? = nil, samples: Samples? = nil
    ) {
        self.samples = samples
        self.done = done
        self.total = total
        self.failed = failed
        self.elapsed = elapsed
        self.current = current
    }

    /// Never as wide as the terminal, which would wrap at its last column.
    package func text(width: Int) -> String {
        let room = max(1, width - 1)
        var parts: [String] = []
        if let samples {
            if samples.total > 1 { parts.append("\(grouped(samples.done)) of \(grouped(samples.total)) samples") }
        } else {
            parts.append("\(grouped(done))/\(grouped(total)) checks")
            if failed > 0 { parts.append("\(grouped(failed)) failed") }
        }
        parts.append(elapsed.spoken)
        let counts = parts.joined(separator: " · ")
        guard let current = current?.escaped(), counts.displayWidth + 6 <= room else {
            return String(counts.prefix(columns: room))
        }
        return "\(counts) · \(current.cutInMiddle(to: room - counts.displayWidth - 3))"
    }
}
