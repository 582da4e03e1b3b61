import NetValues
import Observations
import Planning
import ProbeKit

/// What one address did.
struct AddressVisit: Sendable {
    /// A name with more addresses than this is a flood, not a service.
    static let mostAddresses = 64

    let connect: ConnectFact
    var beside: [Fact] = []
    var banner: BannerFact?

    var facts: [Fact] { [.connect(connect)] + beside + [banner.map { .banner($0) }].compactMap(\.self) }
}

struct AddressVisitor: Sendable {
    let context: ProbeContext
    let approach: Approach
    let service: ServiceName?
    let conversation: Conversation?
    let deadline: Instant
    let large: LargePackets

    func visit(_ endpoint: Endpoint) async throws(ProbeInterruption) -> AddressVisit {
        let result = try await approach.connect(to: endpoint, of: service)
        var visit = AddressVisit(connect: result.attempt.fact, beside: result.beside)
        guard let stream = result.attempt.stream else { return visit }
        do throws(ProbeInterruption) {
            if let conversation {
                let attended = large.attend(stream, visit.connect)
                let banner = try await conversation.hold(on: attended ?? stream, endpoint, deadline, context.time)
                visit.banner = banner
                if conversation.hangs(banner) { visit.beside += attended?.facts ?? [] }
            }
        } catch {
            await stream.close()
            throw error
        }
        await stream.close()
        return visit
    }
}
