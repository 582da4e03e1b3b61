import NetValues
import Observations
import Planning

/// The check fails and no other finding says why (catalogue section 21): what was expected, and what was seen.
enum ExpectationUnmet: Rule {
    static let layer = Layer.generic
    static let explanation = FindingExplanation(
        id: "expectation-unmet", severity: .error,
        title: "An expectation is not met, and nothing more specific is known",
        signals: ["a check does not bring what its plan expects, and no other finding explains it"],
        lookalikes: ["every more specific finding: each of them takes precedence"],
        remedy: ["compare what was expected with what was seen, and correct the service or the plan"])

    /// For every failing check; the judge keeps only those that nothing else explains.
    static func findings(in evidence: Evidence) -> [Finding] {
        let families = IPAddress.Family.allCases.compactMap { evidence.internet.isBroken($0)?.dead }
        let told = Set(families.flatMap(\.self).map(\.check.name))
        let failing = evidence.measured.filter {
            $0.isFailing && !told.contains($0.name) && !isTold($0, evidence) && !ProxyRefusal.isMet(by: $0)
                && $0.transferShortage == nil
        }
        let clocks = failing.contains(where: isNotYetValid) ? ServerClock.all(in: evidence) : []
        return ProxyRefusal.findings(of: Self.self, forbidden: false, in: evidence)
            + failing.map { check in
                finding(
                    name(of: check), checks: [check.name],
                    severity: isRare(check) || PathStop(check, evidence)?.isAlive == true ? .warning : nil,
                    confidence: check.isAllFailing ? .certain : .likely,
                    summary: summary(of: check, evidence),
                    evidence: lines(of: check) + evidence.wayLines(of: check.isTrace ? [check] : [])
                        + clock(check, clocks, evidence.now),
                    cause: cause(of: check, evidence), remedy: remedy(of: check, evidence))
            }
    }

    /// By a finding that explains some failures only, which are all that there are here.
    private static func isTold(_ check: CheckEvidence, _ evidence: Evidence) -> Bool {
        if Intermittence(check) != nil || NameReach.explains(check, in: evidence) { return true }
        let isTimedOut = check.finals.filter { !check.meetsExpectation($0) }.allSatisfy { $0.outcome != .answered }
        return isTimedOut && SlowCheck(check) != nil
    }

    /// Fewer than intermittent-failure counts: no graver than that.
    private static func isRare(_ check: CheckEvidence) -> Bool {
        check.finals.count >= Intermittence.fewestSamples
            && Double(check.failures) < Intermittence.leastShare * Double(check.finals.count)
    }

    private static func isNotYetValid(_ check: CheckEvidence) -> Bool {
        check.handshakes.contains { $0.verification.contains { $0.kind == .notYetValid } }
    }

    /// What other clocks say where a certificate is too young.
    private static func clock(_ check: CheckEvidence, _ clocks: [ServerClock], _ now: WallTime) -> [String] {
        guard isNotYetValid(check) else { return [] }
        let agreeing = clocks.filter(\.isWithinTolerance).map(\.address.description)
        if clocks.isEmpty {
            return ["this host's clock says \(now.spoken); no server's Date was seen to compare it with"]
        }
        return agreeing.isEmpty
            ? [] : ["this host's clock says \(now.spoken); the clocks of \(listed(agreeing)) agree with it"]
    }

    private static func isClosedUnanswered(_ check: CheckEvidence) -> Bool {
        check.handshakes.contains { $0.outcome == .failed(.closed) && $0.receivedBytes == 0 }
    }

    /// The whole target, since what is wrong with one page of a server is another matter than what is wrong with the next;
    /// but a certificate is the server's.
    private static func name(of check: CheckEvidence) -> String {
        let isCertificate = check.samples.contains { sample in
            sample.comparisons.contains { $0.key == "certificate" && !$0.isMet }
        }
        return isCertificate ? check.subject : check.check.target.description
    }

    private static func summary(of check: CheckEvidence, _ evidence: Evidence) -> String {
        let share = check.finals.count > 1 ? " (\(check.failures) of \(check.finals.count) samples)" : ""
        switch check.check.expectation.word {
        case .refused: return "\(name(of: check)) should refuse, but does not\(share)."
        case .blocked: return "Whether \(name(of: check)) is blocked could not be seen\(share)."
        case .reachable, .any: break
        }
        if let unmet = check.samples.flatMap(\.comparisons).first(where: { !$0.isMet }) {
            return
                "\(name(of: check)): expected \(unmet.key) \(unmet.expected.escaped(limit: 100)), seen \(unmet.seen.escaped(limit: 100))\(share)."
        }
        if let stop = PathStop(check, evidence) { return stop.summary }
        guard
            let stage = check.samples.compactMap({ if case .failed(let stage) = $0.outcome { stage } else { nil } })
                .first
        else { return "\(name(of: check)) does not behave as expected\(share)." }
        if check.isNoTransferPeer {
            return "\(name(of: check)) does not answer as an iperf3 server or a listening Leadsman does\(share)."
        }
        let words = check.check.kind == "mtu" && stage == .path ? "to answer packets of any size" : stage.words
        return "\(name(of: check)) fails \(words)\(share)."
    }

    private static func lines(of check: CheckEvidence) -> [String] {
        let unmet = check.samples.flatMap(\.comparisons).filter { !$0.isMet }
            .map { "expected \($0.key) \($0.expected.escaped(limit: 120)), seen \($0.seen.escaped(limit: 120))" }
        let failures = check.samples.filter { !check.meetsExpectation($0) }.flatMap(\.facts).flatMap(\.failureWords)
        return evidenceLines(unmet + failures + check.pathMTUs.compactMap(\.silence), limit: 8)
    }

    private static func cause(of check: CheckEvidence, _ evidence: Evidence) -> String {
        if let stop = PathStop(check, evidence) { return stop.cause }
        if check.isNoTransferPeer {
            return
                "The port accepts connections, and whoever listens there does not answer the greeting of iperf3's protocol: it is another service, something between that accepts for it, or a server that hangs."
        }
        if check.isSilentToSizes {
            return
                "Not one small packet was answered, so that nothing is known of sizes: the host is down or cannot be reached, or it does not answer packets of this kind."
        }
        if isNotYetValid(check) {
            return
                "Either this host's clock is behind, or the certificate was issued for a time to come and put to use too soon."
        }
        if isClosedUnanswered(check) {
            return
                "The port accepts and hangs up in good order without a byte of TLS: a load balancer without a backend, a TLS passthrough to nothing, or a server that does not want this client."
        }
        let stalls = check.stalls
        if check.isUnanswered, !stalls.isEmpty, stalls.allSatisfy(\.progress.isAllAcknowledged) {
            return
                "The request arrived whole, and not one byte of an answer came: the server, or what it waits for, is slow or stopped, or its answer is large and lost on the way (path MTU); from here these look alike."
        }
        if check.isUnanswered, stalls.contains(where: \.progress.isCutShort) {
            return
                "The first bytes of the request arrived, and what came after them never did: large packets are lost on the way (path MTU), or the connection was cut; from here these look alike."
        }
        if check.isUnanswered {
            return
                "The connection stands and not one byte of an answer came: the server, or what it waits for, is slow or stopped, or large packets are lost on the way; from here these look alike."
        }
        return check.isAllFailing
            ? "The evidence says what happened; nothing more specific is known about why."
            : "It works at times and fails at others; what was observed does not show why."
    }

    /// With the URL, so that the answer that is missing is what is tried.
    private static func sizeTrial(_ check: CheckEvidence) -> String {
        if let exchange = check.exchanges.first, exchange.proxy == nil {
            let place = HostPort(host: exchange.url.host, port: exchange.url.port)
            return "leadsman mtu \(place) --method tcp --page \(exchange.url)"
        }
        return "leadsman mtu HOST:PORT --method tcp"
    }

    private static func remedy(of check: CheckEvidence, _ evidence: Evidence) -> [String] {
        if let remedy = PathStop(check, evidence)?.remedy(check) { return remedy }
        if check.isNoTransferPeer {
            return [
                "start the other end there (iperf3 -s -p PORT, or leadsman throughput --listen :PORT), or name the port where it listens"
            ]
        }
        if check.isSilentToSizes {
            return [
                "see whether it answers at all: leadsman check HOST",
                "if only echo and UDP are filtered, search through a port that is open: leadsman mtu HOST:PORT --method tcp",
            ]
        }
        if check.check.kind == "icmp" {
            return [
                "probe a TCP port of the same host (leadsman check HOST:PORT): it tells a host that is down from filtered ICMP"
            ]
        }
        if check.isTrace, check.isAllFailing {
            return [
                "trace with the packets of the service itself (leadsman trace HOST:PORT sends SYNs): filters differ by protocol and port",
                "ask whoever runs the last router that answered, and trace from the other end to here",
            ]
        }
        if isNotYetValid(check) {
            return ["compare the clocks (date -u here and at the issuer), and set the wrong one by NTP"]
        }
        if check.isAllFailing, !check.connects.isEmpty, check.connects.allSatisfy({ $0.flow.outcome == .silent }) {
            return ["repeat with a longer --timeout and more samples: one packet may be lost, or on its way for longer"]
        }
        if check.isUnanswered {
            return [
                "repeat with a longer --timeout: a slow server answers in the end",
                "ask the same server for something small: if only large answers are missing, look for packets that are lost for their size (path MTU): \(sizeTrial(check))",
                "look at the server: whether its process runs, and what it waits for",
            ]
        }
        return check.isAllFailing
            ? explanation.remedy
            : [
                "repeat with more samples (--samples \(check.finals.count < Intermittence.fewestSamples ? 20 : 1000)), so that the pattern shows"
            ]
                + explanation.remedy
    }
}

extension CheckEvidence {
    /// What listens at the other end of a transfer does not know the protocol.
    fileprivate var isNoTransferPeer: Bool {
        isAllFailing && !transfers.isEmpty
            && transfers.allSatisfy { fact in
                switch fact.problem {
                case .malformed, .closed(during: .greeting), .silent(during: .greeting): fact.bytes == 0
                default: false
                }
            }
    }

    /// A search for the path MTU to which nobody answers.
    fileprivate var isSilentToSizes: Bool {
        isAllFailing && !pathMTUs.isEmpty && pathMTUs.allSatisfy { $0.silence != nil }
    }
}

extension PathMTUFact {
    /// Nil where anything was answered.
    fileprivate var silence: String? {
        guard ending == .unanswered else { return nil }
        let sizes = trials.filter { $0.hopLimit == nil }.map(\.size)
        guard let least = sizes.min() else { return "no packet to \(destination) by \(carrier.rawValue) was answered" }
        return
            "none of \(sizes.count) packet\(sizes.count == 1 ? "" : "s") by \(carrier.rawValue) to \(destination.port == 0 ? destination.address.description : destination.description) was answered, the smallest of \(least) bytes (\(elapsed.spoken))"
    }
}

extension Stage {
    /// For "fails …".
    var words: String {
        switch self {
        case .resolve: "while its name is resolved"
        case .connect: "to connect"
        case .banner: "to show the expected banner"
        case .tls: "in the TLS handshake"
        case .request: "while the request is sent"
        case .response: "to answer the request whole"
        case .echo: "to answer the echo request"
        case .query: "to answer the question"
        case .proxy: "at the proxy"
        case .path: "to be reached hop by hop"
        case .exchange: "to take part in the transfer"
        }
    }
}
