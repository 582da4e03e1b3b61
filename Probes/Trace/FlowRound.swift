import NetValues
import Observations
import ProbeKit

/// One round along one flow: a first batch of limits at once, more as routers answer and as time passes, until the target answers; so a
/// trace takes little more than the longest round trip on it. Each router is asked once, so that none has to ration.
struct FlowRound: Sendable {
    let session: any PathSession
    let time: any TimeSource
    let destination: IPAddress
    let carrier: SoundingFact.Carrier
    let mostHops: Int
    /// Where the flow ended in an earlier round.
    var knownEnd: Int?
    /// So often the limits that told nothing are asked again.
    var furtherTries = 0
    let deadline: Instant

    /// More rounds follow, whose answers the packets of this one must not use up.
    var isSeries = false

    /// Limits behind the last that has answered. SYNs are fewer, since those that get there are connections; and of datagrams to a closed
    /// port a target answers six at once and then one a second (icmp(7), icmp_ratelimit): none of a series must find it silent.
    private var burst: Int { carrier == .tcp ? 8 : carrier == .udp && isSeries ? 5 : 16 }
    /// From one limit to the next while nobody answers.
    private static let pace = Duration.milliseconds(20)
    /// For the first answer of all.
    private static let firstPatience = Duration.milliseconds(1500)
    /// After an answer: routers make errors in their own time, and answers of one round do not differ by more than some round trips.
    private static let leastPatience = Duration.milliseconds(250)

    /// Three questions of a second each (arp(7), mcast_solicit and retrans_time_ms), and the way back.
    private static let resolution = Duration.milliseconds(3400)

    private static let mostLate = 4

    /// After that a Linux router or target sends one more error (icmp(7), icmp_ratelimit).
    private static let rationing = Duration.milliseconds(1100)

    private enum Turn: Sendable {
        case ended(Int, PathReply?)
        case pace
        /// This instant has come.
        case reached(Instant)
        case unable(ProbeInterruption)
    }

    func run() async throws(ProbeInterruption) -> HopsFound {
        let began = time.now()
        let first = min(mostHops, knownEnd ?? burst)
        // A flow whose end is known is followed further only where that end is a router now.
        var found = try await wave(Array(1...first), upTo: knownEnd ?? mostHops, HopsFound(destination: destination))
        if let knownEnd, found.end == nil, found.lastHeard == knownEnd, knownEnd < mostHops {
            found = try await wave([knownEnd + 1], upTo: mostHops, found)
        }
        // Again where the target may merely have rationed its errors.
        if let knownEnd, carrier == .udp, isSeries, found.end == nil, found.lastHeard < knownEnd {
            found = try await wave([knownEnd], upTo: 0, found)
        }
        var asked = time.now()
        for number in 0..<furtherTries {
            let again = found.doubtful(most: mostHops)
            guard !again.isEmpty else { break }
            // Whoever was asked much lately sends one error a second: what decides where the way ends is worth a wait.
            if number > 0, found.isEndUncertain, asked + Self.rationing < deadline {
                try await time.sleep(until: asked + Self.rationing)
            }
            guard time.now() < deadline else { break }
            asked = time.now()
            if await session.tellsPacketsApart() {
                found = try await wave(again, upTo: 0, found)
            } else {
                for limit in again { found = try await wave([limit], upTo: 0, found) }
            }
        }
        return try await hearingLate(found, since: began)
    }

    /// Behind the last router that answers there may be the target's own link, where nobody has the address: that router says so only
    /// when address resolution gives up, three seconds after the first packet.
    private func hearingLate(_ found: HopsFound, since began: Instant) async throws(ProbeInterruption) -> HopsFound {
        let limit = found.lastHeard + 1
        guard furtherTries > 0, knownEnd == nil, found.end == nil, found.lastHeard > 0, limit <= mostHops else {
            return found
        }
        let end = min(deadline, began + Self.resolution)
        // A SYN is waited for no longer than until the kernel repeats it, so that several follow one another.
        for _ in 0..<Self.mostLate where time.now() < end {
            let late = try await wave([limit], upTo: 0, found, patience: end - time.now())
            if late.lastHeard > found.lastHeard { return late }
            guard carrier == .tcp else { break }
        }
        return found
    }

    /// Asks these limits once, at once.
    func asking(_ limits: [Int], after found: HopsFound) async throws(ProbeInterruption) -> HopsFound {
        try await wave(limits, upTo: 0, found)
    }

    private func patience(_ found: HopsFound) -> Duration {
        found.slowest.map { max(Self.leastPatience, $0 * 3) } ?? Self.firstPatience
    }

    /// - Parameters:
    ///   - last: limits behind those given follow up to this one.
    ///   - patience: nil for what the answers so far suggest.
    private func wave(
        _ limits: [Int], upTo last: Int, _ known: HopsFound, patience: Duration? = nil
    ) async throws(ProbeInterruption) -> HopsFound {
        let (found, trouble) = await withTaskGroup(of: Turn.self) { group in
            var found = known
            var next = (limits.last ?? 0) + 1
            var open = Set(limits)
            for limit in limits { send(limit, &group) }
            var end = watch(found, patience, &group)
            if next <= last { keepPace(&group) }
            var trouble: ProbeInterruption?
            for await turn in group {
                var allowed = 0
                switch turn {
                case .ended(let limit, let reply):
                    open.remove(limit)
                    found.add(reply, at: limit)
                    if let reply, reply.outcome != .silent {
                        allowed = limit + burst
                        end = watch(found, patience, &group)
                    }
                case .pace:
                    allowed = next
                    // A sleep that is cancelled is over at once: pace would go round without end.
                    if next < last, found.end == nil, !group.isCancelled, time.now() < deadline { keepPace(&group) }
                case .reached(let instant):
                    if instant >= end, next > last || time.now() >= deadline || found.end != nil { group.cancelAll() }
                case .unable(let interruption):
                    trouble = interruption
                    group.cancelAll()
                }
                while next <= min(last, allowed), found.end == nil, !group.isCancelled, time.now() < deadline {
                    send(next, &group)
                    open.insert(next)
                    next += 1
                    if next > last { end = watch(found, patience, &group) }
                }
                let limitOfInterest = found.end ?? .max
                if !open.contains(where: { $0 < limitOfInterest }), found.end != nil || next > last {
                    group.cancelAll()
                }
            }
            return (found, trouble)
        }
        if let trouble { throw trouble }
        if Task.isCancelled { throw .cancelled }
        return found
    }

    private func send(_ limit: Int, _ group: inout TaskGroup<Turn>) {
        let (session, deadline) = (session, deadline)
        group.addTask {
            do throws(ProbeInterruption) {
                return .ended(limit, try await session.send(PathPacket(limit: limit), deadline: deadline))
            } catch {
                // The round is over.
                return error == .cancelled ? .ended(limit, nil) : .unable(error)
            }
        }
    }

    /// The instant until which answers are waited for now.
    private func watch(
        _ found: HopsFound, _ patience: Duration?, _ group: inout TaskGroup<Turn>
    ) -> Instant {
        let end = min(deadline, time.now() + (patience ?? self.patience(found)))
        alarm(at: end, .reached(end), &group)
        return end
    }

    private func keepPace(_ group: inout TaskGroup<Turn>) { alarm(at: time.now() + Self.pace, .pace, &group) }

    private func alarm(at instant: Instant, _ turn: Turn, _ group: inout TaskGroup<Turn>) {
        let time = time
        group.addTask {
            do throws(ProbeInterruption) {
                try await time.sleep(until: instant)
            } catch {
                // The round is over.
            }
            return turn
        }
    }
}
