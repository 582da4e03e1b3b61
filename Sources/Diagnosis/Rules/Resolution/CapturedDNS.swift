import NetValues
import Observations
import Planning
import Wire

/// A name server as a capture shows it, for the rules about name servers.
struct CapturedServer {
    let tally: DNSServerTally
    let capture: CaptureEvidence
    /// Another server in the capture answers.
    let isStoodIn: Bool
    /// ICMP says that its port is closed.
    let refusal: (flow: FlowRecord, error: QuotedError)?
    let transactions: [DNSTransaction]

    static func all(in evidence: Evidence) -> [CapturedServer] {
        guard let summary = evidence.packets, !summary.dns.servers.isEmpty, let capture = evidence.captures.first else {
            return []
        }
        var transactions: [PacketEndpoint: [DNSTransaction]] = [:]
        for transaction in summary.dns.transactions {
            transactions[transaction.server, default: []].append(transaction)
        }
        var refusals: [PacketEndpoint: (FlowRecord, QuotedError)] = [:]
        for flow in summary.flows where flow.protocolNumber == IPProtocol.udp {
            if let error = flow.icmpErrors.first(where: \.saysPortClosed) { refusals[flow.b] = (flow, error) }
        }
        let answering = summary.dns.servers.filter { $0.unanswered < $0.queries }
        return summary.dns.servers.map { tally in
            CapturedServer(
                tally: tally, capture: capture, isStoodIn: answering.contains { $0.server != tally.server },
                refusal: refusals[tally.server], transactions: transactions[tally.server] ?? [])
        }
    }

    var name: String { tally.server.description }
    var answered: Int { tally.queries - tally.unanswered }

    /// Asked more than once, never answered, and the way back from it is not merely out of sight.
    var isSilent: Bool {
        tally.unanswered == tally.queries && refusal == nil && isAskedEnough && capture.seesAnswers
            && capture.sees(tally.server.address)
    }

    var isClosed: Bool { tally.unanswered == tally.queries && refusal != nil }

    private var isAskedEnough: Bool {
        tally.queries >= 3 || transactions.contains { $0.rcode == nil && $0.repeats > 0 }
    }

    /// Answers of this kind; one alone may be the asked zone's own trouble.
    func answers(_ rcode: String) -> [DNSTransaction] { transactions.filter { $0.rcode == rcode } }

    func lines(_ transactions: [DNSTransaction]) -> [String] {
        evidenceLines(
            transactions.prefix(200).map { transaction in
                "\(transaction.client.address) asked \(name) for \(transaction.name.escaped(limit: 100)) \(transaction.type): \(transaction.rcode ?? "no answer")"
            }, limit: 4)
    }
}

extension QuotedError {
    fileprivate var saysPortClosed: Bool { isV6 ? type == 1 && code == 4 : type == 3 && code == 3 }
}

extension DNSServerUnreachable {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedServer.all(in: evidence).filter(\.isSilent).map { server in
            finding(
                server.name, checks: [], severity: server.isStoodIn ? .warning : .critical,
                confidence: server.capture.confidence(.likely),
                summary: "The DNS server \(server.name) does not answer."
                    + (server.isStoodIn ? " Another server does, so names still resolve, more slowly." : ""),
                evidence: ["\(counted(server.tally.queries, "question")) to \(server.name) in the capture, no answer"]
                    + server.lines(server.transactions.filter { $0.rcode == nil }) + server.capture.caution,
                cause:
                    "The server is down, a filter drops the questions or the answers, or the answers take another way than past this capture."
            )
        }
    }
}

extension DNSServerPortClosed {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedServer.all(in: evidence).filter(\.isClosed).map { server in
            finding(
                server.name, checks: [], severity: server.isStoodIn ? .warning : .critical, confidence: .certain,
                summary: "Nothing listens on \(server.name), where a DNS server should be."
                    + (server.isStoodIn ? " Another server answers, so names still resolve." : ""),
                evidence: server.refusal.map {
                    [
                        "frame \($0.error.frame): \($0.error.sender) says \($0.error.name) about \($0.flow.a) to \($0.flow.b)"
                    ]
                } ?? [],
                cause:
                    "The address can be reached, but the port is closed: the DNS server is not running there, or its Service has no ready endpoint."
            )
        }
    }
}

extension DNSServfailUpstream {
    /// Single names whose zone is broken are everywhere: several names, or all that this server says.
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedServer.all(in: evidence).compactMap { server in
            let failures = server.answers("SERVFAIL")
            let names = failures.map(\.name).unique()
            guard failures.count >= 2,
                failures.count == server.answered || names.count >= 3 && failures.count * 10 >= server.answered
            else { return nil }
            return finding(
                server.name, checks: [], severity: failures.count == server.answered ? .error : .warning,
                confidence: .likely,
                summary:
                    "The DNS server \(server.name) answers SERVFAIL for \(listed(names.map(\.spokenName))).",
                evidence: ["\(failures.count) of \(counted(server.answered, "answer")) so"] + server.lines(failures),
                cause: "The server could not get the answer from its own upstream or zone.")
        }
    }
}

extension DNSRefusedByPolicy {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedServer.all(in: evidence).compactMap { server in
            let refusals = server.answers("REFUSED")
            guard refusals.count >= 2, refusals.count * 2 >= server.answered else { return nil }
            return finding(
                server.name, checks: [], confidence: .likely,
                summary:
                    "The DNS server \(server.name) refuses to answer for \(listed(refusals.map(\.name.spokenName).unique())).",
                evidence: ["\(refusals.count) of \(counted(server.answered, "answer")) so"] + server.lines(refusals),
                cause:
                    "A policy, an access list or an overload limit of the server excludes these names or clients, or it does no recursion for them."
            )
        }
    }
}

extension DNSSlow {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedServer.all(in: evidence).compactMap { server in
            guard let latency = server.tally.latency, latency.count >= 3, latency.p50 > SlowLookups.defaultLimit else {
                return nil
            }
            return finding(
                server.name, checks: [], confidence: latency.count >= 20 ? .likely : .possible,
                summary:
                    "The DNS server \(server.name) takes \(latency.p50.spoken) for a look-up, limit \(SlowLookups.defaultLimit.spoken).",
                evidence: [
                    "\(counted(latency.count, "answer")): min \(latency.min.spoken), median \(latency.p50.spoken), p95 \(latency.p95.spoken), max \(latency.max.spoken)"
                ],
                cause: "The server is overloaded, asks a slow upstream, or is far from where this was captured.")
        }
    }
}

extension String {
    /// A name without the root's dot, which would end the sentence.
    fileprivate var spokenName: String {
        let shown = escaped(limit: 100)
        return shown.count > 1 && shown.hasSuffix(".") ? String(shown.dropLast()) : shown
    }
}
