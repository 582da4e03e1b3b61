import NetValues

/// What `--verbose` tells of a check beside its line in the table.
enum CheckDetails {
    private static let factLimit = 12

    static func lines(of check: CheckReport) -> [String] {
        var lines: [String] = []
        if !check.phases.isEmpty { lines.append(series(check.phases)) }
        if let latency = check.latency, check.samples > 1 { lines.append(series(latency)) }
        if let echo = check.echo { lines.append(loss(echo)) }
        lines += check.comparisons.compactMap(comparison)
        return lines + facts(of: check) + CheckPacketsText.lines(of: check)
    }

    /// `resolve 0.4 ms · connect 0.3 ms`
    private static func series(_ spans: Milliseconds) -> String {
        spans.entries.map { "\(words[$0.name] ?? $0.name) \(Milliseconds.spoken($0.value))" }.joined(separator: " · ")
    }

    private static let words = ["firstByte": "first byte"]

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
        let lines = check.facts.filter { !isOfServers || $0["type"]?.string != "dns" }.compactMap(FactLine.line)
        let more = lines.count - factLimit + check.factsOmitted
        guard lines.count > factLimit else { return byServer + transfers + lines }
        return byServer + transfers + lines.prefix(factLimit)
            + ["… \(counted(more, "further fact")) (--format json tells all)"]
    }
}
