import Observations

/// Pressure stall information (Documentation/accounting/psi.rst): `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, then `full` alike.
package enum PressureFile {
    /// Nil without a line `some`.
    package static func state(_ text: String, of resource: PressureState.Resource) -> PressureState? {
        let lines = lines(text)
        guard let some = lines["some"], let short = percent(some["avg10"]), let minute = percent(some["avg60"]) else {
            return nil
        }
        let full = lines["full"]
        return PressureState(
            resource: resource, someShort: short, someMinute: minute, fullShort: percent(full?["avg10"]),
            fullMinute: percent(full?["avg60"]))
    }

    /// Microseconds stalled since the machine or the group is there: `memory.some`, `memory.full` behind the prefix.
    static func totals(
        _ text: String, of resource: PressureState.Resource, prefix: String, into values: inout [String: UInt64]
    ) {
        for (kind, fields) in lines(text) where kind == "some" || kind == "full" {
            values["\(prefix).\(resource.rawValue).\(kind)"] = fields["total"].flatMap { UInt64($0) }
        }
    }

    private static func lines(_ text: String) -> [Substring: [Substring: Substring]] {
        var lines: [Substring: [Substring: Substring]] = [:]
        for line in text.split(separator: "\n").prefix(4) {
            let words = line.split(separator: " ")
            guard let kind = words.first else { continue }
            for word in words.dropFirst().prefix(8) {
                let pair = word.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { lines[kind, default: [:]][pair[0]] = pair[1] }
            }
        }
        return lines
    }

    private static func percent(_ text: Substring?) -> Double? {
        text.flatMap { Double($0) }.flatMap { (0...100).contains($0) ? $0 : nil }
    }
}
