import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// Questions at a steady rate to one server: as many as the rate says whether answers come or not, so that a slow server is seen
/// as slow and not asked less. What left late left late by our own doing, and is counted as that.
struct RateTrial: Sendable {
    let server: Endpoint
    let question: DNSQuestion
    let form: DNSQueryForm
    let source: IPAddress?
    /// Questions a second.
    let rate: Int
    let span: Duration
    /// For the last answers.
    let patience: Duration

    /// So many sources: a Service spreads clients over its pods by their ports.
    private static let sources = 8
    /// What stood still for longer is not made up for in a burst: the rest of the questions moves.
    private static let mostBehind = Duration.milliseconds(10)
    /// A question is late when it leaves so long after its time; timers are exact to a millisecond.
    static let lateness = Duration.milliseconds(5)
    private static let batch = 64

    func run(in context: ProbeContext) async throws(ProbeInterruption) -> DNSRateFact {
        var flows: [any DatagramFlow] = []
        var interruption: ProbeInterruption?
        let ledger: RateLedger
        do throws(ProbeInterruption) {
            for _ in 0..<min(Self.sources, rate) {
                flows.append(try await context.capabilities.flows.open(to: server, source: source))
            }
        } catch { interruption = error }
        ledger = RateLedger(question, form, flows: max(1, flows.count), room: Self.room(rate, patience))
        if interruption == nil { await converse(over: flows, ledger, context.time) }
        var drops = 0
        for flow in flows { drops += await flow.close() }
        if let interruption { throw interruption }
        return ledger.fact(of: self, ownDrops: drops)
    }

    /// Ids of one socket that are in use at a time, twice over.
    private static func room(_ rate: Int, _ patience: Duration) -> Int {
        let outstanding = Double(rate) * (patience.milliseconds / 1000) / Double(min(sources, rate)) * 2
        var room = 256
        while room < 65_536, Double(room) < outstanding { room *= 2 }
        return room
    }

    /// When the run is being stopped, what was seen until then stands.
    private func converse(over flows: [any DatagramFlow], _ ledger: RateLedger, _ time: any TimeSource) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, flow) in flows.enumerated() {
                group.addTask {
                    while !ledger.isOver(at: time.now()) {
                        let events = try? await flow.receive(until: time.now() + .milliseconds(50))
                        guard let events else { return }
                        for event in events { ledger.take(event, of: index, at: time.now()) }
                    }
                }
            }
            await ask(over: flows, ledger, time)
            ledger.end(by: time.now() + patience)
        }
    }

    private func ask(over flows: [any DatagramFlow], _ ledger: RateLedger, _ time: any TimeSource) async {
        let total = Int(Double(rate) * (span.milliseconds / 1000))
        let step = 1e9 / Double(rate)
        var start = time.now()
        ledger.begin(at: start)
        var next = 0
        while next < total, !ledger.isHopeless(at: time.now()) {
            let due = start + .nanoseconds(Int64(Double(next) * step))
            do throws(ProbeInterruption) { if due > time.now() { try await time.sleep(until: due) } } catch { return }
            if Task.isCancelled { return }
            let behind = time.now() - due
            if behind > Self.mostBehind { start = start + (behind - Self.mostBehind) }
            let ready = Int(((time.now() - start).milliseconds * 1e6 / step).rounded(.down)) + 1
            while next < min(total, ready) {
                let count = min(Self.batch, min(total, ready) - next)
                let flow = next / Self.batch % flows.count
                await send(
                    count, over: count == 1 ? next % flows.count : flow, flows, ledger, time,
                    isLate: behind > Self.lateness)
                next += count
            }
        }
    }

    private func send(
        _ count: Int, over index: Int, _ flows: [any DatagramFlow], _ ledger: RateLedger, _ time: any TimeSource,
        isLate: Bool
    ) async {
        let packets = ledger.questions(count, of: index, at: time.now(), areLate: isLate)
        let dispatch = await flows[index].send(packets)
        ledger.dispatched(packets.dropFirst(dispatch.taken), of: index, dispatch.failure)
    }
}
