import NetValues
import Observations
import Planning
import ProbeKit

/// What is said and what is waited for on an accepted connection.
struct Conversation: Sendable {
    private let opening: [UInt8]
    private let banner: BannerPattern?

    /// Nil when the plan asks for neither.
    init?(_ check: Check) throws(PlanProblem) {
        let send = check.parameters.text("send")
        let banner = check.expectation.parameters.text("banner")
        guard send != nil || banner != nil else { return nil }
        guard let opening = SendText(send ?? "") else {
            throw PlanProblem("send: \(SendText.expected)", at: check.parameters.places["send"])
        }
        self.opening = opening.bytes
        self.banner = banner.flatMap { BannerPattern($0) }
        if let banner, self.banner == nil {
            throw PlanProblem(
                "banner: \(banner) is not a regular expression", at: check.expectation.parameters.places["banner"])
        }
    }

    /// Nil when nothing was to be read and all could be said.
    func hold(
        on stream: any ByteStream, _ endpoint: Endpoint, _ deadline: Instant, _ time: any TimeSource
    ) async throws(ProbeInterruption) -> BannerFact? {
        let start = time.now()
        var bytes: [UInt8] = []
        let unsent = try await stream.write(opening, deadline: deadline)
        guard let banner else {
            return unsent.map {
                BannerFact(endpoint: endpoint, bytes: [], end: $0, elapsed: time.now() - start, sentBytes: 0)
            }
        }
        // A service that does not like our words may have said why before it hung up.
        let end = try await read(into: &bytes, until: banner, from: stream, deadline)
        return BannerFact(
            endpoint: endpoint, bytes: bytes, end: end, elapsed: time.now() - start,
            sentBytes: unsent == nil ? opening.count : 0,
            progress: end == .deadline ? await stream.progress() : nil)
    }

    /// Something was said, and no answer came, or none that was whole: a service that waits to be spoken to does not hang.
    func hangs(_ fact: BannerFact?) -> Bool {
        guard let fact, fact.end == .deadline else { return false }
        return !opening.isEmpty || !fact.bytes.isEmpty
    }

    private func read(
        into bytes: inout [UInt8], until banner: BannerPattern, from stream: any ByteStream, _ deadline: Instant
    ) async throws(ProbeInterruption) -> StreamEnd {
        while bytes.count < BannerPattern.longestBanner {
            switch try await stream.read(upTo: BannerPattern.longestBanner - bytes.count, deadline: deadline) {
            case .end(let end): return end
            case .bytes(let more): bytes += more
            }
            if banner.matches(bytes) { return .satisfied }
        }
        return .satisfied
    }

    /// The banner of the first address that does not give what is expected, or of the first of all.
    func comparisons(_ visits: [AddressVisit]) -> [Comparison] {
        let facts = visits.compactMap(\.banner)
        guard let banner, let shown = facts.first(where: { !banner.matches($0.bytes) }) ?? facts.first else {
            return []
        }
        return [
            Comparison(
                key: "banner", expected: "matches \(banner.text)", seen: Self.words(for: shown),
                isMet: banner.matches(shown.bytes), isDeclared: true)
        ]
    }

    private static func words(for fact: BannerFact) -> String {
        let text = fact.bytes.isEmpty ? "nothing" : "\"\(fact.bytes.escaped(limit: 120))\""
        let place = "from \(fact.endpoint)"
        switch fact.end {
        case .satisfied: return "\(text) \(place)"
        case .closed: return "\(text) \(place), then it closed"
        case .deadline: return "\(text) \(place) in \(fact.elapsed.spoken)"
        case .failed(let failure): return "\(text) \(place), then \(failure.name)"
        case .tlsFailed(let reason): return "\(text) \(place), then \(reason)"
        }
    }
}
