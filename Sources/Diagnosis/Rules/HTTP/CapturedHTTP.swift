import NetValues
import Observations
import Planning
import Wire

/// All HTTP exchanges of a capture with one server.
struct CapturedExchanges {
    let server: PacketEndpoint
    let exchanges: [HTTPTransaction]

    static func all(in evidence: Evidence) -> [CapturedExchanges] {
        grouped(evidence.packets?.http.exchanges ?? [], by: \.server).map {
            CapturedExchanges(server: $0, exchanges: $1.filter { $0.status != nil })
        }
    }

    static func words(_ exchange: HTTPTransaction) -> String {
        let host = exchange.host.map { $0.escaped(limit: 100) } ?? exchange.server.description
        return "\(exchange.method) http://\(host)\(exchange.path.escaped(limit: 120)): status \(exchange.status ?? 0)"
    }
}

extension HTTPStatusUnexpected {
    /// One in twenty is more than a deployment or a single broken page makes.
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedExchanges.all(in: evidence).compactMap { found in
            let (server, exchanges) = (found.server, found.exchanges)
            let failures = exchanges.filter { ($0.status ?? 0) >= 500 }
            guard !failures.isEmpty, failures.count * 20 >= exchanges.count else { return nil }
            let statuses = grouped(failures, by: { $0.status ?? 0 }).map { "\($0.key) (\($0.members.count))" }
            return finding(
                server.description, checks: [], severity: failures.count * 2 >= exchanges.count ? .error : .warning,
                confidence: .certain,
                summary:
                    "\(server) answers \(failures.count) of \(counted(exchanges.count, "request")) with status \(listed(statuses)).",
                evidence: ["first in frame \(failures[0].frame)"]
                    + evidenceLines(failures.prefix(200).map(CapturedExchanges.words), limit: 4),
                cause: failures.allSatisfy { [502, 503, 504].contains($0.status) }
                    ? "A proxy or load balancer answers that its backend is missing, refuses, or is too slow; or the application says so itself."
                    : "The application fails while handling these requests.")
        }
    }
}

extension ServerSlow {
    /// At least half of what was asked of a server came late, after an ordinary round trip.
    static func captured(_ evidence: Evidence) -> [Finding] {
        let http = CapturedExchanges.all(in: evidence)
        let known = Set(http.map(\.server))
        return http.compactMap { found in
            let (server, exchanges) = (found.server, found.exchanges)
            return late(
                server, exchanges.compactMap(\.latency), evidence,
                exchanges.filter { isLate($0.latency) }.map(CapturedExchanges.words))
        }
            + (evidence.captures.first { $0.check == nil }?.targets ?? []).compactMap { target in
                known.contains(target.server) ? nil : late(target, evidence)
            }
    }

    private static let limit = SlowCheck.defaultLimit.limit

    private static func isLate(_ latency: Duration?) -> Bool { latency.map { $0 > limit } ?? false }

    private static func late(_ target: PacketTarget, _ evidence: Evidence) -> Finding? {
        guard target.responses.late * 2 >= target.responses.all, target.responses.late > 0 else { return nil }
        return judge(
            target.server, target.responses.late, target.responses.all, target.responses.slowest,
            target.responses.examples.map { flow in
                "\(flow.names): round trip \((flow.tcp.initialRTT ?? .zero).spoken), first answer after \((flow.tcp.firstResponseTime ?? .zero).spoken), nothing sent again"
            })
    }

    private static func late(
        _ server: PacketEndpoint, _ latencies: [Duration], _ evidence: Evidence, _ lines: [String]
    ) -> Finding? {
        let late = latencies.count { isLate($0) }
        guard late > 0, late * 2 >= latencies.count else { return nil }
        return judge(server, late, latencies.count, latencies.max() ?? .zero, evidenceLines(lines, limit: 4))
    }

    private static func judge(
        _ server: PacketEndpoint, _ late: Int, _ all: Int, _ slowest: Duration, _ lines: [String]
    ) -> Finding {
        finding(
            server.description, checks: [], confidence: late >= 3 ? .likely : .possible,
            summary:
                "\(server) answers late: \(late) of \(counted(all, "request")) above \(limit.spoken), up to \(slowest.spoken).",
            evidence: lines,
            cause:
                "The network is quick: the time passes between the request and the first byte of the answer. A server that answers only when there is news (long polling) does so on purpose."
        )
    }
}
