import Diagnosis
import NetValues
import Observations

/// How the hosts of a range that answer pings differ: their round trips, the slow ones among them, and those that lose some.
struct EchoQuality {
    private static let mostListed = 8
    /// So many times the median of all, and so many milliseconds more than it, is slow.
    private static let slowness = 5.0
    private static let leastExcess = 1.0
    /// Of fewer hosts the table says enough.
    private static let fewestHosts = 8

    let lines: [String]

    init(_ checks: [CheckReport]) {
        let answering = checks.compactMap { check in check.latency?["p50"].map { (check: check, trip: $0) } }
        let lossy = answering.map(\.check).filter { $0.echo.map { $0.lossPercent > 0 } ?? false }
        lines = [Self.spread(answering.map(\.trip)), Self.slow(answering), Self.lossy(lossy)].compactMap(\.self)
    }

    private static func spread(_ trips: [Double]) -> String? {
        guard trips.count >= fewestHosts else { return nil }
        let sorted = trips.sorted()
        func quantile(_ percent: Int) -> String {
            Milliseconds.spoken(sorted[(sorted.count * percent + 99) / 100 - 1])
        }
        let high = sorted.count >= 100 ? " · p99 \(quantile(99))" : ""
        return
            "medians of \(counted(sorted.count, "host")): p50 \(quantile(50)) · p90 \(quantile(90))\(high) · max \(quantile(100))"
    }

    private static func slow(_ answering: [(check: CheckReport, trip: Double)]) -> String? {
        guard answering.count >= fewestHosts else { return nil }
        let median = answering.map(\.trip).sorted()[answering.count / 2]
        let slow = answering.filter { $0.trip > median * slowness && $0.trip > median + leastExcess }
            .sorted { $0.trip > $1.trip }
        guard !slow.isEmpty else { return nil }
        let items = slow.map { "\($0.check.target) \(Milliseconds.spoken($0.trip))" }
        return "slow (\(grouped(slow.count))): \(listed(items, limit: mostListed))"
    }

    private static func lossy(_ checks: [CheckReport]) -> String? {
        guard !checks.isEmpty else { return nil }
        let worst = checks.sorted { $0.echo?.lossPercent ?? 0 > $1.echo?.lossPercent ?? 0 }
        let items = worst.map { check in
            "\(check.target) \(check.failures) of \(check.samples)"
        }
        return "answer not always (\(grouped(checks.count))): \(listed(items, limit: mostListed))"
    }
}
