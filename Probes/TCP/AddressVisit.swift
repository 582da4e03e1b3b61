import NetValues
import Observations
import Planning
import ProbeKit

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

    private enum Part: Sendable {
        case connect(Result<ConnectAttempt, ProbeInterruption>)
        case contrast(DatagramFact?)
    }

    func result(of endpoint: Endpoint) async -> Result<AddressVisit, ProbeInterruption> {
        do throws(ProbeInterruption) {
            return .success(try await visit(endpoint))
        } catch {
            return .failure(error)
        }
    }

    private func visit(_ endpoint: Endpoint) async throws(ProbeInterruption) -> AddressVisit {
        let (attempt, contrast) = await connectWithContrast(endpoint)
        let connected = try attempt.get()
        guard let stream = connected.stream else { return AddressVisit(connect: connected.fact, contrast: contrast) }
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

    /// The connection decides: whatever it ends with other than silence makes the datagram needless.
    private func connectWithContrast(
        _ endpoint: Endpoint
    ) async -> (Result<ConnectAttempt, ProbeInterruption>, DatagramFact?) {
        await withTaskGroup(of: Part.self) { group in
            group.addTask { .connect(await connect(endpoint)) }
            group.addTask { .contrast(await contrast(endpoint)) }
            var attempt: Result<ConnectAttempt, ProbeInterruption> = .failure(.cancelled)
            var datagram: DatagramFact?
            for await part in group {
                switch part {
                case .connect(let result):
                    attempt = result
                    if (try? result.get())?.fact.outcome != .timedOut { group.cancelAll() }
                case .contrast(let fact): datagram = fact
                }
            }
            return (attempt, datagram)
        }
    }

    private func connect(_ endpoint: Endpoint) async -> Result<ConnectAttempt, ProbeInterruption> {
        do throws(ProbeInterruption) {
            let source = context.check.source
            return .success(
                try await context.capabilities.streams.connect(to: endpoint, source: source, deadline: deadline))
        } catch {
            return .failure(error)
        }
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
