import JSON
import NetValues
import Observations
import Planning

/// The resolver's configuration and its servers, line by line.
struct ResolverLines {
    let resolver: ResolverConfiguration
    let checks: [CheckReport]

    var lines: [VantageLine] { servers + [search, tries].compactMap(\.self) + traps }

    private var servers: [VantageLine] {
        checks.of(.nameServer).map { check in
            let said = check.facts.lazy.compactMap { $0["answer"]?["rcode"]?.string }.first
            let odd = said.flatMap { $0 == "NOERROR" ? nil : ", and says \($0)" } ?? ""
            let isOverTCP = check.name.hasSuffix("over TCP")
            return VantageLine(
                .resolver, check.name, check.outcomeWords + odd,
                why: isOverTCP
                    ? "answers that are too large for a datagram come over TCP"
                    : "every name that a program uses is asked here first",
                isRemarkable: check.wasMeasured && !check.answers || said == "SERVFAIL")
        }
    }

    private var search: VantageLine? {
        guard !resolver.search.isEmpty else { return nil }
        return VantageLine(
            .resolver, "search list",
            "\(listed(resolver.search.map(\.description), limit: 4)); ndots:\(resolver.ndots)",
            why: "a name with fewer than \(counted(resolver.ndots, "dot")) is tried with each of these first: up to "
                + "\(counted(2 * (resolver.search.count + 1), "question")) for one name; a final dot saves them")
    }

    private var tries: VantageLine? {
        let waits = resolver.timeout * resolver.attempts * resolver.servers.count
        return VantageLine(
            .resolver, "tries", "\(resolver.timeout.spoken) each, \(counted(resolver.attempts, "round"))",
            why: "a name whose servers are all silent keeps a program waiting for \(waits.spoken)")
    }

    private var traps: [VantageLine] {
        resolver.oddities.prefix(6).map { oddity in
            VantageLine(
                .resolver, "trap", oddity.description,
                why: "not every program reads this line as it was meant", isRemarkable: true)
        }
    }
}
