import NetValues
import Observations
import Planning

/// Many connections to one endpoint at once, read for what limited their number: by which sign one limit is told from the others.
struct FlowsTrial {
    /// Whether the server behind a held connection still speaks.
    enum Voice: Hashable { case speaks, silent, unknown }

    /// What single connections beside show while the many are held.
    enum Surroundings: Hashable {
        /// None was tried that worked before.
        case untried
        case work
        /// Each of them worked before and does not now.
        case fail
        case mixed
    }

    /// What single connections show after all were closed.
    enum Recovery: Hashable { case untried, whole, partial, none }

    let check: CheckEvidence
    let fact: FlowsFact
    let connected: Int
    let silent: Int
    /// A reset or an ICMP error came back.
    let refused: Int
    /// This host had no port left.
    let portless: Int
    /// Counted from 1: the first that did not come about.
    let firstShort: Int?
    /// Connections that came about behind the first that did not, or only when their SYN was sent again.
    let late: Int
    /// Those of them whose SYN was sent again.
    let repeated: Int

    static func all(in evidence: Evidence) -> [FlowsTrial] {
        evidence.measured.filter { $0.check.expectation.word == .reachable }.flatMap { check in
            check.floods.map { FlowsTrial(check, $0) }
        }
    }

    init(_ check: CheckEvidence, _ fact: FlowsFact) {
        self.check = check
        self.fact = fact
        connected = fact.attempts.count { $0.outcome == .connected }
        silent = fact.attempts.count { $0.outcome == .timedOut }
        portless = fact.attempts.count(where: \.isPortless)
        refused = fact.attempts.count(where: \.isRefused)
        let first = fact.attempts.firstIndex { $0.outcome == .timedOut || $0.isRefused }
        firstShort = first.map { $0 + 1 }
        repeated = fact.attempts.count { $0.outcome == .connected && $0.elapsed >= Self.repetition }
        late = first.map { Self.late(fact.attempts, after: fact.attempts[$0].startedAt) } ?? 0
    }

    /// A SYN is sent again after a second (RFC 6298 section 2): who connects later than that was not let in at first.
    private static let repetition = Duration.milliseconds(900)

    private static func late(_ attempts: [FlowsFact.Attempt], after moment: Duration) -> Int {
        attempts.count { $0.outcome == .connected && ($0.startedAt > moment || $0.elapsed >= repetition) }
    }

    var short: Int { silent + refused }

    /// More than loss explains, which leaves the repeated SYNs alone.
    var isShort: Bool { connected > 0 && short >= 2 && short * 20 >= fact.attempts.count }
    var isSilent: Bool { silent > refused }

    /// As many as there is room for, and then none: a limit on the number at one time. Near its end a translation that looks for
    /// a free port at random misses some.
    var isByNumber: Bool { late * 10 <= connected }

    /// All is well for a while, and then most fail; yet more come about with time. One of several backends that is dead fails from
    /// the beginning on, as often as later; and a SYN that is sent again goes to the same one.
    var isByTime: Bool {
        guard let firstShort, firstShort > 4, !isByNumber, isSilent ? repeated > 0 : true else { return false }
        let isClean = fact.attempts.prefix(4).allSatisfy { $0.outcome == .connected && $0.elapsed < Self.repetition }
        return isClean && late * 2 <= fact.attempts.count - firstShort + 1
    }

    var voice: Voice {
        guard let held = fact.held else { return .unknown }
        if held.end == .satisfied { return .speaks }
        // A server that did not speak when it had but one connection shows nothing now.
        return fact.alone?.end == .satisfied && held.end == .deadline ? .silent : .unknown
    }

    var surroundings: Surroundings {
        let working = Set(fact.before.filter { $0.outcome == .connected }.map(\.endpoint))
        let trials = fact.beside.filter { working.contains($0.endpoint) }
        if trials.isEmpty { return .untried }
        let failed = trials.count { $0.outcome != .connected }
        return failed == 0 ? .work : failed == trials.count ? .fail : .mixed
    }

    /// Those beside that worked before and do not while the many are held.
    var failingBeside: [Endpoint] {
        let working = Set(fact.before.filter { $0.outcome == .connected }.map(\.endpoint))
        return fact.beside.filter { $0.outcome != .connected && working.contains($0.endpoint) }.map(\.endpoint)
    }

    /// One of three may come too early: the other end, and what stands between, have to see the many closed.
    var recovery: Recovery {
        if fact.after.isEmpty { return .untried }
        let isPrompt = fact.after.map { $0.outcome == .connected && $0.elapsed < Self.repetition }
        if !fact.after.contains(where: { $0.outcome == .connected }) { return .none }
        return isPrompt.count(where: \.self) * 3 >= isPrompt.count * 2 ? .whole : .partial
    }

    var subject: String { check.subject }
}

extension FlowsFact.Attempt {
    fileprivate var failureName: String? { if case .failed(let failure) = outcome { failure.name } else { nil } }
    var isPortless: Bool { failureName == "EADDRNOTAVAIL" }

    fileprivate var isRefused: Bool {
        guard case .failed(let failure) = outcome else { return false }
        return failure.icmp != nil || ["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH"].contains(failure.name)
    }
}

extension FlowsTrial {
    /// What was seen, for a finding.
    var lines: [String] {
        [countLine, besideLine, heldLine, afterLine].compactMap(\.self)
    }

    private var countLine: String {
        let rest = [
            silent > 0 ? "\(silent) silent" : nil, refused > 0 ? "\(refused) refused" : nil,
            portless > 0 ? "\(portless) without a port on this host" : nil,
        ].compactMap(\.self)
        let place = firstShort.map { "; the first that did not come about was number \($0)" } ?? ""
        let later =
            late > 0 ? ", and \(late) came about after it" : firstShort == nil ? "" : ", and none came about after it"
        return
            "\(fact.attempts.count) connections to \(fact.endpoint) at once: \(connected) connected, \(listed(rest))\(place)\(later)"
    }

    private var besideLine: String? {
        let names = fact.beside.map(\.endpoint.description)
        switch surroundings {
        case .untried: return "no other destination was tried at the same time (beside)"
        case .work: return "at the same time \(listed(names)) \(names.count == 1 ? "works" : "work")"
        case .fail, .mixed:
            let failing = failingBeside.map(\.description)
            return "\(listed(failing)), which worked before, \(failing.count == 1 ? "does" : "do") not work meanwhile"
        }
    }

    private var heldLine: String? {
        switch voice {
        case .speaks: "an established connection is answered meanwhile"
        case .silent:
            "an established connection gets no answer meanwhile, which one alone got after \(fact.alone?.elapsed.spoken ?? "a moment")"
        case .unknown: nil
        }
    }

    private var afterLine: String? {
        switch recovery {
        case .untried: nil
        case .whole: "when all were closed, single connections came about again"
        case .partial: "when all were closed, some single connections came about and some did not"
        case .none: "when all were closed, \(counted(fact.after.count, "single connection")) still did not come about"
        }
    }
}
