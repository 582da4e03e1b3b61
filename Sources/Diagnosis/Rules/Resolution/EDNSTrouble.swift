import NetValues
import Observations
import Planning
import Wire

/// What boxes on the way do to EDNS (RFC 6891): questions that got no answer twice, and one as soon as less was asked for.
struct EDNSTrouble {
    let server: Endpoint
    let checks: [(check: CheckEvidence, hadAnotherAnswer: Bool)]
    /// Unanswered, with an OPT record.
    let silent: [DNSFact]
    /// The same questions, answered without, or with a smaller size.
    let answered: [DNSFact]

    /// Nil where questions with EDNS are answered as well: then single datagrams were lost.
    init?(_ state: ServerState, wanted: (_ silent: DNSFact, _ plain: DNSFact) -> Bool) {
        let questions = state.facts.filter { $0.transport == .udp && !$0.step.isBeside }
        let plain = questions.filter { $0.step == .plain && $0.rcode != nil }
        let silent = questions.filter { question in
            question.step != .plain && question.offeredSize != nil && question.flow.outcome == .silent
                && plain.contains {
                    // What comes in half of the time that the other was waited for is no mere luck of a slow server.
                    $0.name == question.name && $0.type == question.type && wanted(question, $0)
                        && $0.elapsed * 2 < question.elapsed
                }
        }
        let sizes = Set(silent.map(\.offeredSize))
        guard silent.count >= 2,
            !questions.contains(where: { $0.rcode != nil && $0.step != .plain && sizes.contains($0.offeredSize) })
        else { return nil }
        server = state.server
        checks = state.checks
        self.silent = silent
        answered = plain
    }

    var names: [String] { silent.map { "\($0.name) \($0.type)" }.unique() }
    var checkNames: [String] { checks.map(\.check.name).unique() }
    var isFailing: Bool { checks.contains { $0.check.isFailing && !$0.hadAnotherAnswer } }

    var lines: [String] {
        evidenceLines(
            silent.map {
                "\(server), \($0.name) \($0.type) with EDNS (\($0.offeredSize ?? 0) bytes): no answer over UDP"
            })
            + evidenceLines(
                answered.map { plain in
                    let how = plain.offeredSize.map { "with EDNS (\($0) bytes)" } ?? "without EDNS"
                    let cut = plain.isCut ? ", cut short (TC)" : ""
                    return
                        "\(server), \(plain.name) \(plain.type) \(how): \(plain.rcode?.description ?? "")\(cut)"
                })
    }
}

extension DNSServerUnreachable {
    /// Questions with EDNS vanish, others do not.
    static func withEDNS(_ evidence: Evidence) -> [Finding] {
        evidence.servers.compactMap { EDNSTrouble($0) { $1.offeredSize == nil } }.map { trouble in
            finding(
                trouble.server.description, checks: trouble.checkNames,
                severity: trouble.isFailing ? .critical : .warning,
                // Two datagrams may be lost by chance, four hardly.
                confidence: trouble.silent.count >= 4 ? .certain : .likely,
                summary:
                    "The DNS server \(trouble.server) does not answer questions that carry EDNS, and does answer plain ones.",
                evidence: trouble.lines,
                cause:
                    "A firewall or an old load balancer on the way drops questions or answers with an OPT record (RFC 6891), which most resolvers send: they wait for a time-out at each look-up.",
                remedy: [
                    "let DNS packets with EDNS pass: look for DNS inspection (“DNS guard”, “fixup”, maximum message length 512) on the firewalls before the server",
                    "until then ask without EDNS (leadsman: edns: 0; glibc sends none unless resolv.conf says options edns0)",
                ])
        }
    }
}

extension DNSTruncationTCPBlocked {
    /// A large answer is silent where it would travel in fragments, and comes where it need not.
    static func lostFragments(_ evidence: Evidence) -> [Finding] {
        evidence.servers.compactMap { state in
            EDNSTrouble(state) { silent, plain in
                guard let large = silent.offeredSize, let small = plain.offeredSize else { return false }
                return large > DNSQuerySize.largestUnfragmented && small <= DNSQuerySize.largestUnfragmented
            }
        }.map { trouble in
            finding(
                trouble.server.description, checks: trouble.checkNames, severity: trouble.isFailing ? .error : .warning,
                confidence: trouble.silent.count >= 4 ? .certain : .likely,
                summary:
                    "The DNS server \(trouble.server)'s large answer for \(listed(trouble.names)) is lost where it travels in fragments.",
                evidence: trouble.lines,
                cause:
                    "An answer above the path's MTU is sent in fragments, and a filter or load balancer on the way drops those; smaller answers and TCP pass.",
                remedy: [
                    "offer no more than 1232 bytes (edns: 1232), so that large answers come over TCP, and set the same limit at the server (BIND: max-udp-size 1232; unbound, CoreDNS bufsize: edns-buffer-size 1232)",
                    "let fragments of UDP pass, if programs depend on a larger size",
                ])
        }
    }
}

/// Sizes of UDP answers.
enum DNSQuerySize {
    /// What DNS flag day 2020 settled on.
    static let largestUnfragmented: UInt16 = 1232
}
