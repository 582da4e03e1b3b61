import JSON
import Reporting
import Testing

@Suite struct MillisecondsTests {
    @Test func milliseconds_haveNoNoise() {
        let spans: [(Duration, String)] = [
            (.nanoseconds(300_000), "0.3"), (.nanoseconds(1_234_567), "1.235"), (.nanoseconds(100), "0.0"),
            (.seconds(3), "3000.0"),
            (.nanoseconds(-1_500_000), "-1.5"), (.nanoseconds(70_100_000), "70.1"),
        ]
        for (span, text) in spans { #expect(JSONWriter.text(.milliseconds(span), layout: .compact) == text) }
    }
}
