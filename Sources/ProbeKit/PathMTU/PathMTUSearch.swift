import NetValues
import Observations

/// Finds how large a packet may be on the way to an address: packets of many sizes that may not be fragmented, until the limit is
/// known to the byte (RFC 1191, RFC 8201, RFC 8899).
///
/// A loss alone proves nothing. A size counts as lost when it was lost at least twice, and more often where packets of every size are
/// lost, while a size that is known to pass did pass after it; where that fails too, it is asked again after a pause, since systems
/// ration the errors that they answer with (icmp(7), icmp_ratelimit: six at once, then one a second). What the search comes to is then
/// tried afresh, until chance is ruled out.
package struct PathMTUSearch {
    package struct Settings: Sendable {
        package var smallest: Int
        package var largest: Int
        /// Path MTUs that are likely.
        package var hints: [Int]
        /// Sizes at once.
        package var width: Int
        /// How long the answer to the first packet is waited for; afterwards some times the round trip.
        package var patience: Duration
        package var locates: Bool
        /// Nil for what the carrier tests.
        package var direction: PathMTUFact.Direction?

        package init(
            smallest: Int = PathMTUSearch.leastPacket, largest: Int = PathMTUSearch.largestPacket, hints: [Int] = [],
            width: Int = 8, patience: Duration = .seconds(1), locates: Bool = true,
            direction: PathMTUFact.Direction? = nil
        ) {
            self.direction = direction
            self.smallest = smallest
            self.largest = largest
            self.hints = hints
            self.width = width
            self.patience = patience
            self.locates = locates
        }
    }

    /// Room for any header and for what a probe needs to know its answer by.
    package static let leastPacket = 128
    package static let largestPacket = 65_535

    let session: any PathSession
    let time: any TimeSource
    let deadline: Instant
    private let request: PathRequest
    private let settings: Settings
    private var search: SizeSearch
    private var trials: [PathMTUFact.Trial] = []
    private var linkMTU: Int?
    private var slowest: Duration?
    private var quickest: Duration?
    /// Something was answered, or was said of a packet.
    private var hasHeard = false
    private var isDead = false

    private static let mostTrials = 256
    /// A pause in which a rationed answerer gathers a few answers again.
    private static let ration = Duration.milliseconds(1100)
    /// So often in a row a size that is known to pass may be lost, with a pause before it is tried again.
    private static let mostPauses = 3

    package init(
        _ session: any PathSession, _ request: PathRequest, _ settings: Settings, time: any TimeSource,
        deadline: Instant
    ) {
        self.session = session
        self.request = request
        self.settings = settings
        self.time = time
        self.deadline = deadline
        search = SizeSearch(floor: settings.smallest, ceiling: settings.largest, hints: settings.hints)
    }

    package mutating func run() async throws(ProbeInterruption) -> PathMTUFact {
        let start = time.now()
        let before = await session.route()
        try await askOwnLink()
        let ending = try await find()
        var place: (last: PathHop?, beyond: PathHop?) = (nil, nil)
        if settings.locates, ending == .found || ending == .bounded, let lost = search.refused, isLost(lost) {
            place = try await NarrowPlace(
                session: session, size: lost, small: settings.smallest, patience: patience, time: time,
                deadline: deadline
            ).find()
        }
        let after = await session.route()
        // Of TCP the ends have agreed on what is the most, whatever the links take.
        let isTCP = request.carrier == .tcp
        return PathMTUFact(
            destination: request.carrier == .icmp ? Endpoint(request.destination.address, 0) : request.destination,
            carrier: request.carrier, direction: settings.direction ?? direction,
            ending: ending, trials: trials, largestPassed: search.passed, smallestLost: search.refused,
            lastRouter: place.last, beyond: place.beyond, linkMTU: isTCP ? nil : linkMTU, routeMTU: before.mtu,
            learnedMTU: after.mtu, agreedSize: isTCP ? linkMTU : nil, roundTrip: quickest,
            elapsed: time.now() - start)
    }

    /// What the carrier tests: ICMPv6 errors about datagrams below 1280 bytes are larger than these (RFC 4443 section 2.4 c), so that
    /// the limit may be that of the way back.
    private var direction: PathMTUFact.Direction {
        switch request.carrier {
        case .icmp: .both
        case .tcp: .out
        case .udp: request.destination.address.family == .v6 && (search.refused ?? .max) <= 1280 - 48 ? .both : .out
        }
    }

    /// What is too large for the own link the own kernel refuses, and says how large it may be.
    private mutating func askOwnLink() async throws(ProbeInterruption) {
        let patience = request.carrier == .tcp ? patience : Self.shortest
        let outcome = try await attempt(search.ceiling, until: min(deadline, time.now() + patience))
        if outcome == .passed { search.pass(search.ceiling) }
        guard case .tooBig(let signal) = outcome, signal.isFromOwnHost, signal.mtu >= settings.smallest,
            signal.mtu < search.ceiling
        else { return }
        linkMTU = signal.mtu
        search.lower(ceiling: signal.mtu)
    }

    /// The last part of the time belongs to the proof.
    private mutating func find() async throws(ProbeInterruption) -> PathMTUFact.Ending {
        let now = time.now()
        let end = now + .nanoseconds((deadline - now).nanoseconds * 2 / 3)
        while true {
            while !search.isOver, !search.isUnsteady, time.now() < end, trials.count < Self.mostTrials {
                let sizes = search.next(width: await session.tellsPacketsApart() ? settings.width : 1)
                if sizes.isEmpty { break }
                try await round(sizes, until: end)
                if isDead { return hasPassed ? .unsteady : .unanswered }
            }
            if !hasPassed { return .unanswered }
            guard !search.isUnsteady, let passed = search.passed else { return .unsteady }
            guard let refused = search.refused else { return search.isOver ? .whole : .unsteady }
            switch try await confirm(passed, refused) {
            case true?: return search.isOver ? .found : .bounded
            case false?: search.pass(refused)
            case nil: return .unsteady
            }
            if time.now() >= end || trials.count >= Self.mostTrials, !search.isOver { return .unsteady }
        }
    }

    private var hasPassed: Bool {
        trials.contains { $0.hopLimit == nil && $0.outcome == .passed }
    }

    private func isLost(_ size: Int) -> Bool {
        !trials.contains { trial in
            if trial.size == size, case .tooBig = trial.outcome { true } else { false }
        }
    }

    // MARK: - Rounds

    private static let shortest = Duration.milliseconds(50)

    private var patience: Duration {
        guard let slowest else { return settings.patience }
        return min(settings.patience, slowest * 3 + .milliseconds(80))
    }

    private mutating func round(_ sizes: [Int], until end: Instant) async throws(ProbeInterruption) {
        let outcomes = try await attempt(sizes)
        for (size, outcome) in outcomes where outcome == .passed { search.pass(size) }
        // Of those that did not, the smallest decides; what is larger than it follows.
        let refused = outcomes.filter { $0.1 != .passed && $0.0 > (search.passed ?? 0) }.min { $0.0 < $1.0 }
        guard let (size, outcome) = refused else { return }
        try await verify(size, outcome, until: end)
    }

    /// Further tries of a size that did not pass, each with one that does after it.
    private mutating func verify(
        _ size: Int, _ first: PathMTUFact.Trial.Outcome, until end: Instant
    ) async throws(ProbeInterruption) {
        if case .tooBig(let signal) = first, signal.isFromOwnHost {
            return search.refuse(size, claimed: signal.mtu)
        }
        var vain = 0
        while vain <= freeTries + Self.mostPauses, time.now() < end, trials.count < Self.mostTrials {
            if vain > 0 { try await pause(vain) }
            let control = search.passed ?? settings.smallest
            let outcomes = try await attempt(control < size ? [size, control] : [size])
            let again = outcomes.first?.1 ?? first
            if again == .passed { return search.pass(size) }
            if case .tooBig(let signal) = again { return search.refuse(size, claimed: signal.mtu) }
            // Anything else that came back (a rejection, no connection) says nothing of sizes.
            if again == .lost, outcomes.count > 1, outcomes[1].1 == .passed {
                search.pass(control)
                if odds.isLikelyRefused(size) { return search.refuse(size) }
                vain = 0
                continue
            }
            // Somebody says no to every size, time and again: that will not change.
            if first.isRejection, outcomes.allSatisfy({ $0.1.isRejection }) { break }
            // Where nothing at all was ever heard a pause brings no more.
            if !hasHeard { break }
            vain += 1
        }
        isDead = time.now() < end
    }

    /// And so often before that without one: chance is over at once. Of UDP it is hardly chance, since its answers are rationed everywhere.
    private var freeTries: Int { request.carrier == .udp ? 0 : 2 }

    private func pause(_ vain: Int) async throws(ProbeInterruption) {
        if vain > freeTries { try await time.sleep(until: min(deadline, time.now() + Self.ration)) }
    }

    /// Both sizes by turns, until that the larger ones alone are lost is no chance. What was lost on the search's way there does not count: the
    /// search came there because it was lost.
    /// - Returns: whether `refused` does not pass; nil where that cannot be told.
    private mutating func confirm(_ passed: Int, _ refused: Int) async throws(ProbeInterruption) -> Bool? {
        let begun = trials.count
        var vain = 0
        while time.now() < deadline, trials.count < Self.mostTrials {
            // Of what is told of, one is as good as many, and those who tell ration it.
            let outcomes = try await attempt(
                isLost(refused) ? Array(repeating: refused, count: Self.breadth) + [passed] : [refused, passed])
            if outcomes.contains(where: { $0.0 == refused && $0.1 == .passed }) { return false }
            if outcomes.last?.1 == .passed {
                vain = 0
                if !isLost(refused) || odds.chance(passed, refused, since: begun) < Self.mostChance { return true }
            } else {
                vain += 1
                if vain > freeTries + Self.mostPauses { return nil }
                try await pause(vain)
            }
        }
        return nil
    }

    private static let mostChance = 0.0001
    private static let breadth = 5

    private var odds: SizeOdds { SizeOdds(trials: trials) }

    // MARK: - Packets

    private mutating func attempt(
        _ sizes: [Int]
    ) async throws(ProbeInterruption) -> [(Int, PathMTUFact.Trial.Outcome)] {
        let end = min(deadline, time.now() + patience)
        let session = session
        let replies = try await concurrently(sizes) { (size) throws(ProbeInterruption) in
            try await session.send(PathPacket(size: size, dontFragment: true), deadline: end)
        }
        return zip(sizes, replies).map { size, reply in (size, note(size, reply)) }
    }

    private mutating func attempt(
        _ size: Int, until end: Instant
    ) async throws(ProbeInterruption) -> PathMTUFact.Trial.Outcome {
        note(size, try await session.send(PathPacket(size: size, dontFragment: true), deadline: end))
    }

    private mutating func note(_ size: Int, _ reply: PathReply) -> PathMTUFact.Trial.Outcome {
        let outcome = reply.sizeOutcome(towards: request.destination.address)
        if outcome != .lost { hasHeard = true }
        if outcome == .passed, let roundTrip = reply.roundTrip {
            slowest = max(slowest ?? .zero, roundTrip)
            quickest = min(quickest ?? roundTrip, roundTrip)
        }
        if trials.count < Self.mostTrials { trials.append(PathMTUFact.Trial(size: size, outcome: outcome)) }
        return outcome
    }
}

extension PathMTUFact.Trial.Outcome {
    /// A word that is no matter of sizes: not mere silence.
    fileprivate var isRejection: Bool {
        if case .failed(let failure) = self { failure.name != "ETIMEDOUT" } else { false }
    }
}

extension PathReply {
    /// What an answer says of the size of the packet that it answers.
    func sizeOutcome(towards destination: IPAddress) -> PathMTUFact.Trial.Outcome {
        switch outcome {
        case .answered, .reset: return .passed
        case .silent: return .lost
        case .expired(let router):
            return .failed(
                SocketFailure(
                    code: 0, name: "EHOSTUNREACH",
                    icmp: ICMPErrorReport(
                        origin: destination.family == .v4 ? .icmp : .icmpv6, type: destination.family == .v4 ? 11 : 3,
                        code: 0, offender: router)))
        case .failed(let failure):
            guard let report = failure.icmp else {
                return isRefusedHere && failure.name == "EMSGSIZE"
                    ? .tooBig(PathMTUFact.Signal(mtu: 0, router: nil, isFromOwnHost: true)) : .failed(failure)
            }
            if report.isPortUnreachable, report.offender == destination { return .passed }
            guard report.isTooBig || failure.name == "EMSGSIZE" else { return .failed(failure) }
            let isOwn = isRefusedHere || report.origin == .local || report.isFromOwnHost
            return .tooBig(
                PathMTUFact.Signal(
                    mtu: report.mtu ?? 0, router: isOwn ? nil : report.offender, isFromOwnHost: isOwn))
        }
    }
}

extension ICMPErrorReport {
    /// Fragmentation needed (RFC 792 3/4), packet too big (RFC 4443 type 2).
    package var isTooBig: Bool {
        switch origin {
        case .icmp: type == 3 && code == 4
        case .icmpv6: type == 2
        case .local: false
        }
    }
}
