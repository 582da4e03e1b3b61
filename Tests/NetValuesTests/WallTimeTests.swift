import NetValues
import Testing

@Suite struct WallTimeTests {
    // Seconds by `date -u -d ... +%s`.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (951_868_799, "2000-02-29T23:59:59.000Z"),
        (951_868_800, "2000-03-01T00:00:00.000Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
        (1_769_860_800, "2026-01-31T12:00:00.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"), (4_107_542_399, "2100-02-28T23:59:59.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
        (-86_400, "1969-12-31T00:00:00.000Z"), (-86_401, "1969-12-30T23:59:59.000Z"),
        (-2_208_988_800, "1900-01-01T00:00:00.000Z"),
    ])
    func rfc3339_isTheCivilDate(_ seconds: Int64, _ text: String) {
        #expect(WallTime(seconds: seconds).rfc3339 == text)
    }

    @Test(arguments: [
        (1_999_999, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (-1_000_000_001, "1969-12-31T23:59:58.999Z"),
    ])
    func rfc3339_roundsDown(_ nanoseconds: Int64, _ text: String) {
        #expect(WallTime(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func extremes_areClamped() {
        #expect(WallTime(seconds: 253_402_300_799).nanoseconds == .max)
        #expect(WallTime(seconds: .min).nanoseconds == .min)
        #expect(WallTime(nanoseconds: .max).rfc3339 == "2262-04-11T23:47:16.854Z")
        #expect(WallTime(nanoseconds: .min).rfc3339 == "1677-09-21T00:12:43.145Z")
        #expect(WallTime(nanoseconds: .max) - WallTime(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect((WallTime(nanoseconds: .max) + .seconds(1)).nanoseconds == .max)
    }

    @Test func spoken_isToTheMinute() {
        #expect(WallTime(seconds: 1_769_860_859).spoken == "2026-01-31 12:00 UTC")
    }
}

@Suite struct HTTPDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ])
    func httpDate_isRead(_ text: String, _ seconds: Int64) {
        #expect(WallTime(httpDate: text) == WallTime(seconds: seconds))
    }

    @Test(arguments: [
        "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
    ])
    func anythingElse_isNone(_ text: String) {
        #expect(WallTime(httpDate: text) == nil)
    }
}
