import NetValues
import Testing

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 1_769_860_800_000_000_000),
        ("2026-01-31 13:00:00+01:00", 1_769_860_800_000_000_000),
        ("2026-01-31t06:30:00-05:30", 1_769_860_800_000_000_000),
        ("2026-01-31T12:00:00.5z", 1_769_860_800_500_000_000),
        ("2026-01-31T12:00:00.123456789Z", 1_769_860_800_123_456_789),
        ("2026-01-31T12:00:00.1234567899Z", 1_769_860_800_123_456_789),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
    ])
    func moment(text: String, nanoseconds: Int64) {
        #expect(WallTime(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+1:00", "2026-01-31T12:00:00ZZ",
        "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "２026-01-31T12:00:00Z", "2026-01-31T12:60:00Z",
    ])
    func noMoment(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test(arguments: [0, 1, 999_999_999, 1_769_860_800_123_456_789, Int64.max])
    func written_isRead(nanoseconds: Int64) {
        let time = WallTime(nanoseconds: nanoseconds)
        #expect(WallTime(rfc3339: time.preciseRFC3339) == time)
    }
}
