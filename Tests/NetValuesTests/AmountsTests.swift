import NetValues
import Testing

@Suite struct AmountsTests {
    @Test(arguments: [
        ("100Mbit", 100_000_000), ("1.5Gbit/s", 1_500_000_000), ("64kbps", 64_000), ("10M", 10_000_000), ("5000", 5000),
        ("1 bit", nil), ("", nil), ("Mbit", nil), ("-1Mbit", nil), ("0", nil), ("1e9", nil), (".5M", nil),
        ("10Mbyte", nil),
        ("9999999Tbit", nil),
    ])
    func rates_areRead(text: String, bits: Int?) { #expect(BitRate(text)?.bitsPerSecond == bits) }

    @Test(arguments: [
        (0, "0 bit/s"), (999, "999 bit/s"), (94_300_000, "94.3 Mbit/s"), (999_960, "1.0 Mbit/s"),
        (1_000_000_000, "1.0 Gbit/s"),
    ])
    func rates_areSpoken(bits: Int, text: String) { #expect(BitRate(bitsPerSecond: bits).description == text) }

    @Test(arguments: [
        ("250MB", 250_000_000), ("1GiB", 1 << 30), ("64K", 65_536), ("7", 7), ("0", nil), ("1.5MB", nil), ("MB", nil),
    ])
    func sizes_areRead(text: String, bytes: Int?) { #expect(Int(byteSize: text) == bytes) }
}
