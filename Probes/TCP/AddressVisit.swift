import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization

/// What one address did.
struct AddressVisit: Sendable {
    /// A name with more addresses than this is a flood, not a service.
    static let mostAddresses = 64

    let connect: ConnectFact
    var banner: BannerFact?
    var contrast: DatagramFact?

    var facts: [Fact] {
        [.connect(connect)] + [contrast.map { .datagram($0) }, banner.map { .banner($0) }].compactMap(\.self)
    }
}

struct AddressVisitor: Sendable {
    let context: ProbeContext
    let conversation: Conversation?
    let deadline: Instant

    /// A SYN is sent again after one second (RFC 6298): when two went unanswered, ask by UDP as well.
    private static let silence = Duration.milliseconds(1200)

    func visit(_ endpoint: Endpoint) async throws(ProbeInterruption) -> AddressVisit {
        let datagram = Mutex<DatagramFact?>(nil)
        let connected = try await context.capabilities.streams.connect(
            to: endpoint, source: context.check.source, deadline: deadline,
            beside: {
                let fact = await contrast(endpoint)
                datagram.withLock { $0 = fact }
            })
        guard let stream = connected.stream else {
            return AddressVisit(connect: connected.fact, contrast: datagram.withLock { $0 })
        }
        var visit = AddressVisit(connect: connected.fact)
        do throws(ProbeInterruption) {
            visit.banner = try await conversation?.hold(on: stream, endpoint, deadline, context.time)
        } catch {
            await stream.close()
            throw error
        }
        await stream.close()
        return visit
    }

    /// Nil when it was not needed, or could not be sent: it is a help, and the connection is what was asked for.
    private func contrast(_ endpoint: Endpoint) async -> DatagramFact? {
        let now = context.time.now()
        let patience = min(Self.silence, .nanoseconds((deadline - now).nanoseconds / 2))
        guard (try? await context.time.sleep(until: now + patience)) != nil else { return nil }
        return try? await context.capabilities.datagrams.send(
            [], to: endpoint, source: context.check.source, deadline: deadline)
    }
}
