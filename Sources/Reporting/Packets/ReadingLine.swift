import NetValues

/// How far the reading of capture files is, on one line of a terminal.
package struct ReadingLine: Sendable {
    package var packets: Int
    package var elapsed: Duration
    /// Of the files as they are stored; nil where the total is not known, as of a pipe.
    package var bytes: (read: Int, total: Int)?

    package init(packets: Int, elapsed: Duration, bytes: (read: Int, total: Int)? = nil) {
        self.packets = packets
        self.elapsed = elapsed
        self.bytes = bytes
    }

    /// Never as wide as the terminal, which would wrap at its last column.
    package func text(width: Int) -> String {
        var parts = ["\(grouped(packets)) packets read"]
        if let bytes, bytes.total > 0 {
            let done = min(bytes.read, bytes.total)
            parts.append("\(share(done, of: bytes.total)) of \(spoken(bytes: bytes.total))")
        }
        parts.append(elapsed.spoken)
        return String(parts.joined(separator: " · ").prefix(columns: max(1, width - 1)))
    }
}
