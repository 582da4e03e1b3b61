import JSON
import NetValues

/// What `--verbose` tells of a check beside its line in the table.
enum CheckDetails {
    private static let factLimit = 12

    static func lines(of check: CheckReport) -> [String] {
        var lines: [String] = []
        // Of a series the medians stand beside their p95.
        if !check.phases.isEmpty, check.additions["distributionsMs"] == nil { lines.append(series(check.phases)) }
        if let latency = check.latency, check.samples > 1, !EchoSeriesText.tellsPercentiles(check) {
            lines.append(series(latency))
        }
        lines += SamplingText.lines(of: check)
        if let echo = check.echo { lines.append(loss(echo)) }
        lines += check.comparisons.compactMap(comparison)
        return lines + facts(of: check) + CheckPacketsText.lines(of: check)
    }

    /// `resolve 0.4 ms · connect 0.3 ms`
    private static func series(_ spans: Milliseconds) -> String {
        spans.entries.map { "\(phaseWords($0.name)) \(Milliseconds.spoken($0.value))" }.joined(separator: " · ")
    }

    private static let words = ["firstByte": "first byte"]
    /// Of a stored report the name may be anything.
    static func phaseWords(_ name: String) -> String { words[name] ?? name.escaped(limit: 40) }

    private static func loss(_ echo: EchoSummary) -> String {
        let loss = "loss \(echo.lossPercent.decimals(1)) %"
        return echo.duplicates > 0 ? "\(loss) · \(counted(echo.duplicates, "duplicate"))" : loss
    }

    private static func comparison(_ value: JSONValue) -> String? {
        guard let key = value["key"]?.string, let expected = value["expected"]?.string,
            let seen = value["seen"]?.string,
            value["met"]?.bool == false
        else { return nil }
        let count = value["samples"]?.int ?? 1
        return "\(key): expected \(expected), saw \(seen)" + (count > 1 ? " (\(grouped(count)) times)" : "")
    }

    private static func facts(of check: CheckReport) -> [String] {
        // A dns check tells by server; of another the exchanges stand where they were made.
        let isOfServers = check.kind == "dns"
        let byServer = isOfServers ? NameServerText.lines(check.facts) : []
        let transfers = check.facts.filter { $0["type"]?.string == "throughput" }.flatMap(TransferText.lines)
        let untried = check.facts.filter { $0["type"]?.string == "pathMTU" }.flatMap(PathMTULine.untried)
        let isPictured = EchoSeriesText.tellsRequests(check)
        let lines = check.facts.filter { fact in
            let type = fact["type"]?.string
            return
                !(isOfServers && type == "dns" || isPictured && type == "echo" && fact["outcome"]?.string != "failed")
        }.compactMap(FactLine.line)
        let told = byServer + transfers
        if lines.count <= factLimit { return told + lines + untried }
        let more = lines.count - factLimit + check.factsOmitted
        return told + lines.prefix(factLimit) + ["… \(counted(more, "further fact")) (--format json tells all)"]
            + untried
    }
}
