import JSON
import NetValues

/// Named spans in milliseconds, in the order of the document (`min p50 … stddev`, `resolve connect …`).
package struct Milliseconds: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let value: Double
    }

    package private(set) var entries: [Entry]

    init(entries: [Entry]) {
        self.entries = entries
    }

    /// Only the spans that there are.
    init(_ spans: KeyValuePairs<String, Duration?>) {
        entries = spans.compactMap { name, span in span.map { Entry(name: name, value: Self.rounded($0)) } }
    }

    package subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }

    package var isEmpty: Bool { entries.isEmpty }

    var json: JSONValue { .object(JSONObject(entries.map { ($0.name, .double($0.value)) })) }

    /// To the microsecond: what lies below is noise of the clock.
    static func rounded(_ span: Duration) -> Double {
        (Double(span.nanoseconds) / 1000).rounded() / 1000
    }

    /// For people: `0.31 ms`, `1.2 s`; a stored report may hold any number.
    static func spoken(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let limit = 9e12
        return Duration.nanoseconds(Int64(Swift.min(Swift.max(value, -limit), limit) * 1e6)).spoken
    }
}

extension JSONValue {
    /// Milliseconds to the microsecond.
    package static func milliseconds(_ span: Duration) -> JSONValue { .double(Milliseconds.rounded(span)) }
}
