import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization

/// What one address did.
struct ServiceVisit: Sendable {
    let fact: ServiceFact
    /// Why the answer is not what a client of the service wants; nil where it is.
    let objection: String?
    let contrast: ConnectFact?

    var facts: [Fact] { [.service(fact)] + (contrast.map { [.connect($0)] } ?? []) }
}

/// One question to one address: asked twice if need be, and beside the second time over TCP.
struct ServiceInquiry: Sendable {
    let context: ProbeContext
    let service: any UDPService
    let target: HostPort
    let deadline: Instant

    private static let attempts = 2

    func ask(_ endpoint: Endpoint) async throws(ProbeInterruption) -> ServiceVisit {
        let requests = (0..<Self.attempts).map { _ in service.request(to: target) }
        let start = context.time.now()
        let wallStart = context.time.wallTime()
        let contrast = Mutex<ConnectFact?>(nil)
        let reply = try await withCompanion({
            let fact = await connect(endpoint, at: start + (deadline - start) / Self.attempts)
            contrast.withLock { $0 = fact }
        }) { () throws(ProbeInterruption) in
            let reply = try await context.capabilities.datagrams.exchange(
                requests.map(\.bytes), with: endpoint, source: context.check.source, deadline: deadline,
                isAnswer: { bytes in requests.contains { $0.read(bytes) != nil } })
            return (reply, reply.outcome == .silent)
        }
        let reading = Reading(reply, requests, start: start, wallStart: wallStart)
        let fact = ServiceFact(
            endpoint: endpoint, source: reply.source, service: service.word, attempts: reply.sentAt.count,
            elapsed: reading.elapsed, outcome: reading.outcome, clockOffset: reading.clockOffset)
        return ServiceVisit(fact: fact, objection: reading.objection, contrast: contrast.withLock { $0 })
    }

    /// Nil when it was not needed: it is a help, and the datagram is what was asked for.
    private func connect(_ endpoint: Endpoint, at instant: Instant) async -> ConnectFact? {
        guard (try? await context.time.sleep(until: instant)) != nil else { return nil }
        let attempt = try? await context.capabilities.streams.connect(
            to: endpoint, source: context.check.source, deadline: deadline)
        await attempt?.stream?.close()
        return attempt?.fact.asContrast
    }
}

/// What a reply comes to.
private struct Reading {
    let outcome: ServiceFact.Outcome
    let elapsed: Duration
    var objection: String?
    var clockOffset: Duration?

    init(_ reply: DatagramReply, _ requests: [ServiceRequest], start: Instant, wallStart: WallTime) {
        switch reply.outcome {
        case .failed(let failure):
            outcome = .failed(failure)
            elapsed = reply.endedAt - (reply.sentAt.last ?? start)
        case .silent:
            outcome = reply.stray.map { .malformed(reason: "no answer to the request", bytes: $0) } ?? .silent
            elapsed = reply.endedAt - start
        case .answered(let bytes):
            // Of requests that cannot be told apart the answer is to the last that was sent.
            let sent = requests.indices.prefix(max(1, reply.sentAt.count)).reversed()
            let index = sent.first { requests[$0].read(bytes) != nil } ?? 0
            let sentAt = reply.sentAt.indices.contains(index) ? reply.sentAt[index] : start
            let times = ServiceTimes(
                sent: wallStart + (sentAt - start), received: wallStart + (reply.endedAt - start))
            elapsed = reply.endedAt - sentAt
            guard let answer = requests[index].read(bytes) else {
                outcome = .malformed(reason: "no answer to the request", bytes: Array(bytes.prefix(64)))
                return
            }
            outcome = .answered(answer.words(times))
            objection = answer.objection
            clockOffset = answer.clockOffset(times)
        }
    }
}
