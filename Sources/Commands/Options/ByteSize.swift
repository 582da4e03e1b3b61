import ArgumentParser

/// A number of bytes on the command line: `64K`, `10MB`, `1GiB`. K, M, G and KiB, MiB, GiB are powers of 1024; KB, MB, GB of 1000.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count > 0,
            let scale = Self.units[argument.dropFirst(digits.count).lowercased()]
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: scale)
        // A pebibyte is no size that anybody means.
        guard !overflow, product <= 1 << 50 else { return nil }
        bytes = product
    }

    private static let units = [
        "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000,
        "g": 1 << 30, "gib": 1 << 30, "gb": 1_000_000_000,
    ]
}
