import NetValues

/// `latency: {p95: 2s}`, `latency: {connect: {p95: 500ms}}`, `latency: {p95: 2s, for: 5m}`.
package struct LatencyLimit: Hashable, Sendable {
    package enum Quantile: String, Hashable, Sendable, CaseIterable {
        case p50, p95, p99, max

        /// Of the samples in order, which one: 0.95 for p95.
        package var share: Double {
            switch self {
            case .p50: 0.5
            case .p95: 0.95
            case .p99: 0.99
            case .max: 1
            }
        }

        /// With fewer samples the quantile of the nearest rank is the slowest one.
        package var fewestSamples: Int {
            switch self {
            case .p50: 2
            case .p95: 20
            case .p99: 100
            case .max: 1
            }
        }
    }

    package let quantile: Quantile
    package let limit: Duration
    /// Nil for the kind's own latency as a whole.
    package let stage: LatencyStage?
    /// The quantile over the last so much time must have been above the limit for so long; nil where any sample counts.
    package let window: Duration?

    package init(_ quantile: Quantile, _ limit: Duration, of stage: LatencyStage? = nil, for window: Duration? = nil) {
        self.quantile = quantile
        self.limit = limit
        self.stage = stage
        self.window = window
    }

    /// The key under `latency` that says how long.
    package static let windowKey = "for"

    /// The shortest that is allowed, as it would be written: what is shorter is no series.
    package static let shortestWindow = "1s"
}

/// A part of an exchange that is timed by itself, as in `phasesMs`.
package enum LatencyStage: String, Hashable, Sendable, CaseIterable {
    case resolve, connect, tls, firstByte, transfer

    package var words: String {
        switch self {
        case .resolve: "name resolution"
        case .connect: "TCP connect"
        case .tls: "TLS handshake"
        case .firstByte: "first byte"
        case .transfer: "transfer"
        }
    }
}

extension LatencyLimit {
    /// As on the command line: `p95=2s`, `connect.p95=500ms`, several with commas; `for=5m` is for all of them.
    /// - Parameter stages: that the kind has; nil where that is known later.
    package static func limits(
        in text: String, stages: [LatencyStage]? = nil
    ) throws(PlanProblem) -> [LatencyLimit] {
        var found: [(quantile: Quantile, limit: Duration, stage: LatencyStage?)] = []
        var window: Duration?
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else { throw PlanProblem("expected \(syntax), found `\(item.escaped(limit: 60))`") }
            guard let span = Duration(span: sides[1]), span > .zero else {
                throw PlanProblem(
                    "expected a duration with a unit (200ms, 3s, 5m), found `\(sides[1].escaped(limit: 60))`")
            }
            if sides[0] == windowKey {
                window = span
                continue
            }
            let (stage, quantile) = try key(sides[0], among: stages ?? LatencyStage.allCases)
            found.append((quantile, span, stage))
        }
        guard !found.isEmpty else { throw PlanProblem("`for` needs a limit beside it: \(syntax)") }
        return found.map { LatencyLimit($0.quantile, $0.limit, of: $0.stage, for: window) }
    }

    package static let syntax = "LIMITS such as p95=2s, connect.p95=500ms or p95=2s,for=5m"

    private static func key(
        _ text: String, among stages: [LatencyStage]
    ) throws(PlanProblem) -> (LatencyStage?, Quantile) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let stage = parts.count == 2 ? LatencyStage(rawValue: parts[0]) : nil
        let known = Quantile.allCases.map(\.rawValue)
        guard parts.count == 1 || stage.map(stages.contains) == true else {
            throw unknown(parts[0], among: stages.map(\.rawValue))
        }
        guard let quantile = Quantile(rawValue: parts[parts.count - 1]) else {
            throw unknown(parts[parts.count - 1], among: parts.count == 1 ? known + [windowKey] : known)
        }
        return (stage, quantile)
    }

    private static func unknown(_ word: String, among words: [String]) -> PlanProblem {
        let hint =
            nearestWord(to: word, among: words).map { "did you mean `\($0)`?" }
            ?? "expected one of \(words.joined(separator: ", "))"
        return PlanProblem("unknown `\(word.escaped(limit: 60))`: \(hint)")
    }
}
