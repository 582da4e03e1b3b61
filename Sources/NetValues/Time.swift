/// A point on the monotonic clock, in nanoseconds of CLOCK_MONOTONIC. Never shown, only subtracted.
package struct Instant: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func + (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingClamped(span.nanoseconds))
    }
    package static func - (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.subtractingClamped(span.nanoseconds))
    }
    package static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds.subtractingClamped(earlier.nanoseconds))
    }
}

/// A span that is too long ends at the end of the scale: a deadline far away must never become one in the past.
extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to about 292 years.
    package var nanoseconds: Int64 {
        // Spans of some seconds without the division of 128 bits: each packet's time is reckoned several times.
        if let short = Int64(exactly: attoseconds) { return short / 1_000_000_000 }
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }

    package var milliseconds: Double { Double(nanoseconds) / 1_000_000 }

    /// A span as in Kubernetes, with days: `200ms`, `3s`, `1m30s`, `2h`, `14d`, `1.5s`, `250us`. No sign, no blanks, a unit always.
    package init?(span text: some StringProtocol) {
        var rest = Substring(String(text)).utf8
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            guard let value = Double(Substring(number)), number.first != UInt8(ascii: ".") else { return nil }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { !(0x30...0x39).contains($0) }
            guard let scale = Self.units[String(Substring(unit))] else { return nil }
            total += value * scale
            rest = rest[unit.endIndex...]
        }
        // A century is no span that anybody means, and keeps the arithmetic far from overflow.
        guard total.isFinite, total <= 3_155_760_000 else { return nil }
        self = .nanoseconds(Int64((total * 1e9).rounded()))
    }

    private static let units = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400]

    /// For people: `0.31 ms`, `42 ms`, `1.2 s`, `3 min 20 s`, `14 days`.
    package var spoken: String {
        let value = Double(nanoseconds) / 1e9
        let size = abs(value)
        if size < 0.000_999_5 { return "\((value * 1e3).decimals(2)) ms" }
        if size < 0.0995 { return "\((value * 1e3).decimals(1)) ms" }
        if size < 0.9995 { return "\((value * 1e3).decimals(0)) ms" }
        if size < 59.95 { return "\(value.decimals(1)) s" }
        if size < 3599.5 {
            let seconds = Int(value.rounded())
            return "\(seconds / 60) min \(abs(seconds) % 60) s"
        }
        if size < 172_800 { return "\((value / 3600).decimals(1)) hours" }
        return "\(Int(value / 86400)) days"
    }
}

extension Double {
    /// Fixed-point text without Foundation. `1.25.decimals(1)` is `1.3` (half away from zero).
    package func decimals(_ places: Int) -> String {
        var scale: Int64 = 1
        for _ in 0..<min(places, 9) { scale *= 10 }
        let rounded = (magnitude * Double(scale)).rounded(.toNearestOrAwayFromZero)
        // Also false for a NaN.
        guard rounded < 9e18 else { return isNaN ? "nan" : "\(self)" }
        let (whole, rest) = Int64(rounded).quotientAndRemainder(dividingBy: scale)
        let sign = self < 0 && rounded > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole)" }
        let fraction = String(rest)
        return "\(sign)\(whole).\(String(repeating: "0", count: max(0, min(places, 9) - fraction.count)))\(fraction)"
    }
}

/// A wall-clock moment in nanoseconds since 1970-01-01T00:00:00Z; taken once a run and for certificates, never for intervals.
package struct WallTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package init(seconds: Int64) {
        nanoseconds =
            seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? (seconds < 0 ? .min : .max) : seconds * 1_000_000_000
    }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func - (later: WallTime, earlier: WallTime) -> Duration {
        .nanoseconds(later.nanoseconds.subtractingClamped(earlier.nanoseconds))
    }
    package static func + (time: WallTime, span: Duration) -> WallTime {
        WallTime(nanoseconds: time.nanoseconds.addingClamped(span.nanoseconds))
    }

    /// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    package var rfc3339: String { text(decimals: 3) }

    /// With nanoseconds, for what was stamped by a kernel: `2026-01-31T12:00:00.000000000Z`.
    package var preciseRFC3339: String { text(decimals: 9) }

    /// As bytes, not by pieces of text: captures have stamps by the million.
    private func text(decimals: Int) -> String {
        let (second, rest) = secondAndRest
        var text: [UInt8] = []
        text.reserveCapacity(32)
        Self.writeCivil(second, to: &text)
        Self.write(decimals == 3 ? rest / 1_000_000 : rest, decimals, before: "Z", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private var secondAndRest: (second: Int64, rest: Int) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest < 0 ? (seconds - 1, Int(rest) + 1_000_000_000) : (seconds, Int(rest))
    }

    /// `2026-01-31 12:00 UTC`, for people.
    package var spoken: String {
        let text = rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// Days to civil date by Howard Hinnant's `civil_from_days`.
    private static func writeCivil(_ seconds: Int64, to text: inout [UInt8]) {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let second = Int(seconds - Int64(days) * 86400)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        write(year, 4, before: "-", to: &text)
        write(calendarMonth, 2, before: "-", to: &text)
        write(day, 2, before: "T", to: &text)
        write(second / 3600, 2, before: ":", to: &text)
        write(second / 60 % 60, 2, before: ":", to: &text)
        write(second % 60, 2, before: ".", to: &text)
    }

    private static func write(_ value: Int, _ width: Int, before mark: Unicode.Scalar, to text: inout [UInt8]) {
        text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width))
        var rest = value
        for place in 1...width {
            text[text.count - place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        text.append(UInt8(ascii: mark))
    }
}
