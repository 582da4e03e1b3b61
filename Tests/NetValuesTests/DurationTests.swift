import NetValues
import Testing

@Suite struct DurationTests {
    @Test(arguments: [
        ("200ms", Duration.milliseconds(200)), ("3s", .seconds(3)), ("1m30s", .seconds(90)), ("2h", .seconds(7200)),
        ("14d", .seconds(14 * 86400)), ("1.5s", .milliseconds(1500)), ("250us", .microseconds(250)),
        ("250µs", .microseconds(250)),
        ("10ns", .nanoseconds(10)), ("0s", .zero), ("1d12h", .seconds(36 * 3600)),
    ])
    func span_isRead(_ text: String, _ span: Duration) {
        #expect(Duration(span: text) == span)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "+5s", " 5s", "5 s", "5S", "5sec", "1e3s", ".5s", "1.2.3s", "5s5", "nans", "infs",
        "99999999d", "5s ", "٣s",
    ])
    func span_isRefused(_ text: String) {
        #expect(Duration(span: text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0.00 ms"), (.microseconds(310), "0.31 ms"), (.milliseconds(1), "1.0 ms"),
        (.microseconds(999), "1.00 ms"),
        (.milliseconds(42), "42.0 ms"), (.microseconds(99_400), "99.4 ms"), (.milliseconds(250), "250 ms"),
        (.microseconds(999_400), "999 ms"),
        (.microseconds(999_600), "1.0 s"), (.milliseconds(1200), "1.2 s"), (.milliseconds(59_900), "59.9 s"),
        (.milliseconds(59_960), "1 min 0 s"),
        (.seconds(200), "3 min 20 s"), (.milliseconds(3_599_400), "59 min 59 s"),
        (.milliseconds(3_599_600), "1.0 hours"), (.seconds(86_400), "24.0 hours"),
        (.seconds(14 * 86_400), "14 days"), (.seconds(-90), "-1 min 30 s"), (.milliseconds(-250), "-250 ms"),
    ])
    func span_isSpoken(_ span: Duration, _ words: String) {
        #expect(span.spoken == words)
    }

    @Test func nanoseconds_clampInsteadOfOverflowing() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(-1).nanoseconds == -1)
    }

    @Test(
        arguments: [
            (1.25, 1, "1.3"), (0.0, 2, "0.00"), (-0.04, 1, "0.0"), (-1.5, 0, "-2"), (2.5, 0, "3"),
            (99.999, 2, "100.00"), (1.005, 3, "1.005"),
            (1e14, 5, "100000000000000.0"), (123_456_789.123, 3, "123456789.123"),
            (.infinity, 1, "inf"), (-.infinity, 1, "-inf"),
            (.nan, 1, "nan"),
            (.greatestFiniteMagnitude, 2, "1.7976931348623157e+308"), (0.5, 20, "0.500000000"),
        ] as [(Double, Int, String)])
    func decimals_areFixedPoint(_ value: Double, _ places: Int, _ text: String) {
        #expect(value.decimals(places) == text)
    }
}

@Suite struct InstantTests {
    @Test func instants_addAndSubtract() {
        let instant = Instant(nanoseconds: 1000)
        #expect((instant + .nanoseconds(5)).nanoseconds == 1005)
        #expect((instant - .nanoseconds(5)).nanoseconds == 995)
        #expect(instant + .seconds(1) - instant == .seconds(1))
        #expect(instant < instant + .nanoseconds(1))
    }

    @Test func instants_clampAtTheEndsOfTheScale() {
        let instant = Instant(nanoseconds: 1000)
        #expect((instant + .seconds(Int64.max)).nanoseconds == .max)
        #expect((Instant(nanoseconds: -1000) - .seconds(Int64.max)).nanoseconds == .min)
        #expect((instant - .seconds(Int64.min)).nanoseconds == .max)
        #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
    }
}
