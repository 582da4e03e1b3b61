import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// What was asked at a rate and what came of it, in room that the rate and the patience bound.
package final class RateLedger: Sendable {
    private struct Flow {
        /// When the question of each id left, in nanoseconds; 0 where none is outstanding.
        var sentAt: [Int64]
        /// Ids begin anywhere, so that nobody guesses them who does not see the questions.
        let key = UInt16.random(in: 0...UInt16.max)
        var next = 0
    }

    private struct State {
        var flows: [Flow]
        var begun: Instant?
        var lastSent: Instant?
        var sent = 0
        var answered = 0
        var outstanding = 0
        var late = 0
        /// That the kernel did not take.
        var refused = 0
        var rcodes: [UInt16: Int] = [:]
        var latencies = LatencyHistogram()
        var failure: SocketFailure?
        var failures = 0
        var deadline: Instant?
    }

    private let state: Mutex<State>
    /// The question with id 0.
    private let template: [UInt8]
    /// From the question section's beginning to its end.
    private let question: ArraySlice<UInt8>

    package init(_ question: DNSQuestion, _ form: DNSQueryForm, flows: Int, room: Int) {
        template = form.query(question.name, question.type).encoded()
        let plain = DNSMessage(id: 0, questions: [question]).encoded()
        self.question = plain[12...]
        state = Mutex(State(flows: (0..<flows).map { _ in Flow(sentAt: [Int64](repeating: 0, count: room)) }))
    }

    package func begin(at now: Instant) { state.withLock { $0.begun = now } }

    /// Nothing more leaves; answers count until then.
    package func end(by deadline: Instant) { state.withLock { $0.deadline = deadline } }

    package func isOver(at now: Instant) -> Bool {
        state.withLock { state in
            guard let deadline = state.deadline else { return false }
            return state.outstanding == 0 || now >= deadline
        }
    }

    /// A server that is not there is not flooded: nothing has come of a hundred questions and a second, or only errors.
    package func isHopeless(at now: Instant) -> Bool {
        state.withLock { state in
            guard state.answered == 0, let begun = state.begun else { return false }
            return state.failures >= 10 || state.sent >= 100 && now - begun >= .seconds(1)
        }
    }

    // MARK: Questions

    /// The next questions of a flow; they count as sent at `now`.
    package func questions(_ count: Int, of index: Int, at now: Instant, areLate: Bool) -> [[UInt8]] {
        state.withLock { state in
            var packets: [[UInt8]] = []
            packets.reserveCapacity(count)
            let mask = state.flows[index].sentAt.count - 1
            for _ in 0..<count {
                let slot = state.flows[index].next & mask
                state.flows[index].next += 1
                // The last one with this id was never answered.
                if state.flows[index].sentAt[slot] != 0 { state.outstanding -= 1 }
                state.flows[index].sentAt[slot] = now.nanoseconds
                let id = UInt16(slot) ^ state.flows[index].key
                var packet = template
                packet[0] = UInt8(id >> 8)
                packet[1] = UInt8(id & 255)
                packets.append(packet)
            }
            state.sent += count
            state.outstanding += count
            state.lastSent = now
            if areLate { state.late += count }
            return packets
        }
    }

    /// - Parameter unsent: what the kernel did not take: never sent, and nobody's fault but ours unless the network said so.
    func dispatched(_ unsent: ArraySlice<[UInt8]>, of index: Int, _ failure: SocketFailure?) {
        guard !unsent.isEmpty else { return }
        state.withLock { state in
            for packet in unsent {
                let slot = Int((UInt16(packet[0]) << 8 | UInt16(packet[1])) ^ state.flows[index].key)
                guard slot < state.flows[index].sentAt.count, state.flows[index].sentAt[slot] != 0 else { continue }
                state.flows[index].sentAt[slot] = 0
                state.outstanding -= 1
                state.sent -= 1
            }
            if let failure, failure.icmp != nil || failure.name == "ECONNREFUSED" {
                state.failures += 1
                state.failure = failure
            } else {
                state.refused += unsent.count
                if let failure, failure.name != "EAGAIN", failure.name != "ENOBUFS" { state.failure = failure }
            }
        }
    }

    // MARK: Answers

    package func take(_ event: DatagramEvent, of index: Int, at now: Instant) {
        switch event {
        case .failed(let failure):
            state.withLock { state in
                state.failures += 1
                state.failure = failure
            }
        case .received(let bytes, let instant): take(bytes, of: index, at: min(instant, now))
        }
    }

    private func take(_ bytes: [UInt8], of index: Int, at instant: Instant) {
        // QR is set, and the question is ours where it is repeated.
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { return }
        let repeats = bytes[4] != 0 || bytes[5] != 0
        guard !repeats || isOurQuestion(bytes) else { return }
        let id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        state.withLock { state in
            let slot = Int(id ^ state.flows[index].key)
            guard slot < state.flows[index].sentAt.count, state.flows[index].sentAt[slot] != 0 else { return }
            let sentAt = state.flows[index].sentAt[slot]
            state.flows[index].sentAt[slot] = 0
            state.outstanding -= 1
            state.answered += 1
            state.rcodes[UInt16(bytes[3] & 15), default: 0] += 1
            state.latencies.add(nanoseconds: max(0, instant.nanoseconds - sentAt))
        }
    }

    /// Names without regard to case (RFC 4343), as servers may send them back.
    private func isOurQuestion(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 12 + question.count else { return false }
        return zip(bytes[12...], question).allSatisfy { $0 == $1 || $0 | 0x20 == $1 | 0x20 }
    }

    // MARK: The sum

    package var counts: (sent: Int, answered: Int) { state.withLock { ($0.sent, $0.answered) } }

    func fact(of trial: RateTrial, ownDrops: Int) -> DNSRateFact {
        state.withLock { state in
            let histogram = state.latencies
            let spread = histogram.spread
            let begun = state.begun ?? Instant(nanoseconds: 0)
            return DNSRateFact(
                server: trial.server, name: trial.question.name, wantedRate: Double(trial.rate), sent: state.sent,
                answered: state.answered, span: (state.lastSent ?? begun) - begun,
                rcodes: Dictionary(
                    uniqueKeysWithValues: state.rcodes.map { (DNSRcode(rawValue: $0.key).description, $0.value) }),
                latency: spread.map { spread in
                    DNSRateFact.Latency(
                        min: spread.min, p50: spread.p50, p90: histogram.quantile(0.9), p95: spread.p95,
                        p99: histogram.quantile(0.99), p999: histogram.quantile(0.999), max: spread.max)
                }, lateStarts: state.late, ownDrops: ownDrops + state.refused, failure: state.failure)
        }
    }
}
