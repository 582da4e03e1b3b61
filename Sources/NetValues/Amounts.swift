/// Bits a second, as network people count them: `k`, `M`, `G`, `T` are powers of 1000.
package struct BitRate: Hashable, Sendable, Comparable {
    package let bitsPerSecond: Int

    package init(bitsPerSecond: Int) {
        self.bitsPerSecond = bitsPerSecond
    }

    /// `100Mbit`, `1.5Gbit/s`, `64kbps`, `10M`, `5000`; nil for anything else, and for none at all.
    package init?(_ text: some StringProtocol) {
        let text = text.lowercased()
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let number = Double(digits), digits.first != ".", number.isFinite,
            let scale = Self.units[String(text.dropFirst(digits.count))]
        else { return nil }
        let bits = number * scale
        guard bits >= 1, bits <= 1e15 else { return nil }
        bitsPerSecond = Int(bits)
    }

    package static let expected = "expected a rate in bits a second, such as 100Mbit, 1.5Gbit or 64kbit"

    private static let units: [String: Double] = {
        var units = ["": 1.0]
        for (prefix, scale) in [("", 1.0), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12)] {
            for ending in ["", "bit", "bit/s", "bits", "bits/s", "bps", "b", "b/s"] where prefix + ending != "" {
                units[prefix + ending] = scale
            }
        }
        return units
    }()

    package static func < (left: Self, right: Self) -> Bool { left.bitsPerSecond < right.bitsPerSecond }
}

extension BitRate: CustomStringConvertible {
    /// `94.3 Mbit/s`
    package var description: String {
        var value = Double(bitsPerSecond)
        var unit = 0
        let units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]
        // 999.96 would be shown as 1000.
        while value >= 999.95, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return unit == 0 ? "\(bitsPerSecond) bit/s" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}

extension Int {
    /// A number of bytes: `64K`, `10MB`, `1GiB`. K, M, G and KiB, MiB, GiB are powers of 1024; KB, MB, GB of 1000.
    package init?(byteSize text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count > 0,
            let scale = byteUnits[text.dropFirst(digits.count).lowercased()]
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: scale)
        // A pebibyte is no size that anybody means.
        guard !overflow, product <= 1 << 50 else { return nil }
        self = product
    }
}

private let byteUnits = [
    "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000,
    "g": 1 << 30, "gib": 1 << 30, "gb": 1_000_000_000,
]
