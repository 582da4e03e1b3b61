import NetValues
import Observations
import Planning

/// An answer began and did not end (catalogue section 21).
enum HTTPResponseStalled: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-response-stalled", severity: .error, title: "The HTTP answer begins and never ends",
        signals: ["a status line or first bytes arrived, then nothing until the time-out"],
        lookalikes: [
            "pmtu-black-hole: small answers pass, and every answer above a certain size stalls at its first full packet",
            "http-protocol-error: the connection ends before the answer does",
            "server-slow: the first byte is late, and then all comes",
        ],
        traps: ["a stream that is meant to stay open (events, long polling) is no fault: give it a plan of its own"],
        remedy: [
            "look whether large packets come back: leadsman mtu HOST:PORT --method tcp --page URL (the URL that stalls)",
            "ask the same server for something small: if that comes whole, large packets are lost on the way or the server stops while it writes",
            "else look at what the server does while it writes: a blocked backend, a full buffer",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let stalled = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing
                && check.exchanges.contains { partial($0) != nil }
        }
        return grouped(stalled, by: \.check.target.description).map { target, members in
            let exchanges = members.flatMap(\.exchanges).filter { partial($0) != nil }
            let bytes = exchanges.compactMap(partial).map(\.bytes)
            let wide = PathLimit.all(in: evidence).first { limit in
                limit.wideBack != nil && exchanges.contains { $0.endpoint.address == limit.address }
            }
            return finding(
                target, checks: members.map(\.name), confidence: .likely,
                summary: "\(target) stops in the middle of its answer, after \(bytes.max() ?? 0) bytes.",
                evidence: evidenceLines(exchanges.flatMap { Fact.http($0).failureWords })
                    + [wide?.wideBack?.words].compactMap(\.self),
                cause: wide == nil
                    ? "The server, a proxy, or the path for large packets stops while the answer is under way."
                    : "Large packets come from there: the server, or a proxy before it, stops while the answer is under way.",
                remedy: wide == nil ? remedy(exchanges) : [explanation.remedy.last].compactMap(\.self))
        }
    }

    private static func remedy(_ exchanges: [HTTPFact]) -> [String] {
        guard let stalled = exchanges.first, stalled.proxy == nil else { return Array(explanation.remedy.dropFirst()) }
        let place = HostPort(host: stalled.url.host, port: stalled.url.port)
        return [
            "look whether large packets come back: leadsman mtu \(place) --method tcp --page \(stalled.url)"
        ] + explanation.remedy.dropFirst()
    }

    private static func partial(_ exchange: HTTPFact) -> PartialResponse? {
        if case .incomplete(.deadline, let partial) = exchange.outcome, partial.bytes > 0 { partial } else { nil }
    }
}
