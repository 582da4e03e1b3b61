import NetValues
import Observations
import Planning

/// Whether a connection that ends right behind the name that it asked for lives with another name: what filters by name do
/// (catalogue id egress-fqdn-filtered).
package enum NameContrast {
    /// Names that RFC 2606 reserves: nobody filters them, and no server has them.
    package static func neutral(beside name: String) -> String {
        name.lowercasedASCII().hasSuffix("example.com") ? "example.net" : "example.com"
    }

    /// In this order servers behind one address that take turns, one or more of which reset, do not look like a filter: twice
    /// the other name, then twice the own one.
    package static func names(beside own: String) -> [String] {
        let neutral = neutral(beside: own)
        return [neutral, neutral, own, own]
    }
}

extension ProbeContext {
    /// Of one sample of a check, and where an answer is expected: a comparison, not a series.
    package func mayCompareNames(_ start: SampleStart) -> Bool {
        start.index == 0 && start.attempt == 0 && check.expectation.word == .reachable
    }

    /// Handshakes with the same endpoint under another server name and then under the own one again, after one that ended
    /// without a byte behind the ClientHello. It stops as soon as the name does not decide. No certificate of ours is shown.
    package func contrast(
        _ failed: TLSFact, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> [Fact] {
        guard let own = failed.serverName, failed.isEndedUnanswered else { return [] }
        var facts: [Fact] = []
        for name in NameContrast.names(beside: own) where time.now() < deadline {
            let attempt = try await capabilities.streams.connect(
                to: failed.endpoint, source: check.source, deadline: deadline)
            facts.append(.connect(attempt.fact.asContrast))
            guard let stream = attempt.stream else { break }
            var settings = settings
            settings.serverName = name
            settings.certificatePath = nil
            settings.keyPath = nil
            settings.graceForLateAlert = .zero
            let handshake = try await capabilities.tls.secure(
                stream, to: failed.endpoint, settings: settings, deadline: deadline)
            await handshake.stream?.close()
            var fact = handshake.fact
            fact.serverName = name
            fact.isContrast = true
            facts.append(.tls(fact))
            guard fact.isEndedUnanswered == (name == own) else { break }
        }
        return facts
    }
}
