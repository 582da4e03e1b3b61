import NetValues
import Observations
import Planning

/// Connections that end right behind the name that they ask for, while the same endpoint answers under another name.
struct FilteredNames {
    struct Name {
        let check: CheckEvidence
        let endpoint: Endpoint
        let name: String
        /// Under which the endpoint answered.
        let other: String
        /// By a reset; in good order otherwise.
        let isReset: Bool
        let isTLS: Bool
        let lines: [String]
    }

    let names: [Name]
    /// Names of the checks.
    let checks: Set<String>

    init(_ evidence: Evidence) {
        let failing = evidence.checks.filter { check in
            check.check.expectation.word == .reachable && check.hasNameContrasts && check.isAllFailing
        }
        let answered = failing.isEmpty ? [] : Self.answeredNames(evidence)
        names = failing.flatMap { check in (Self.tls(check) + Self.http(check)) }.filter {
            !answered.contains(Answered(endpoint: $0.endpoint, name: $0.name, isTLS: $0.isTLS))
        }
        checks = Set(names.map(\.check.name))
    }

    private struct Answered: Hashable {
        let endpoint: Endpoint
        let name: String
        let isTLS: Bool
    }

    /// A name that was answered even once is not what decides.
    private static func answeredNames(_ evidence: Evidence) -> Set<Answered> {
        var answered: Set<Answered> = []
        for check in evidence.checks {
            for fact in check.handshakes where !fact.isEndedUnanswered {
                if let name = fact.serverName {
                    answered.insert(Answered(endpoint: fact.endpoint, name: name, isTLS: true))
                }
            }
            for fact in check.exchanges where fact.url.scheme == .http && !fact.isEndedUnanswered {
                if let name = fact.hostName {
                    answered.insert(Answered(endpoint: fact.endpoint, name: name, isTLS: false))
                }
            }
        }
        return answered
    }

    private static func tls(_ check: CheckEvidence) -> [Name] {
        let failed = check.handshakes.filter(\.isEndedUnanswered)
        return grouped(failed, by: { [$0.endpoint.description, $0.serverName ?? ""] }).compactMap { _, members in
            guard let own = members[0].serverName else { return nil }
            let contrasts = check.contrastHandshakes.filter { $0.endpoint == members[0].endpoint }
            let others = contrasts.filter { $0.serverName != own && $0.receivedBytes > 0 }
            let again = contrasts.filter { $0.serverName == own && $0.isEndedUnanswered }
            guard others.count >= 2, again.count >= 2, let other = others[0].serverName else { return nil }
            let isReset = (members + again).allSatisfy { $0.outcome != .failed(.closed) }
            let end = isReset ? "reset" : "closed"
            return Name(
                check: check, endpoint: members[0].endpoint, name: own, other: other, isReset: isReset, isTLS: true,
                lines: [
                    "\(members[0].endpoint): \(counted(members.count + again.count, "handshake")) with the server name \(own.escaped(limit: 80)), each \(end) right behind the ClientHello",
                    "\(members[0].endpoint): \(counted(others.count, "handshake")) with the server name \(other) at the same moment, each answered by TLS",
                ])
        }
    }

    private static func http(_ check: CheckEvidence) -> [Name] {
        let failed = check.exchanges.filter { $0.url.scheme == .http && $0.isEndedUnanswered }
        return grouped(failed, by: { [$0.endpoint.description, $0.hostName ?? ""] }).compactMap { _, members in
            guard let own = members[0].hostName else { return nil }
            let contrasts = check.contrastExchanges.filter { $0.endpoint == members[0].endpoint }
            let others = contrasts.filter { $0.hostName != own && $0.response != nil }
            let again = contrasts.filter { $0.hostName == own && $0.isEndedUnanswered }
            guard others.count >= 2, again.count >= 2, let other = others[0].hostName else { return nil }
            let isReset = (members + again).allSatisfy(\.isEndedByReset)
            return Name(
                check: check, endpoint: members[0].endpoint, name: own, other: other, isReset: isReset, isTLS: false,
                lines: [
                    "\(members[0].endpoint): \(counted(members.count + again.count, "request")) with Host \(own.escaped(limit: 80)), each \(isReset ? "reset" : "closed") without a byte",
                    "\(members[0].endpoint): \(counted(others.count, "request")) with Host \(other) at the same moment, each answered (status \(others[0].response?.status ?? 0))",
                ])
        }
    }
}

extension HTTPFact {
    /// Of the URL, which the request named as Host.
    fileprivate var hostName: String? { url.host.name?.labels.joined(separator: ".").lowercasedASCII() }

    fileprivate var isEndedByReset: Bool {
        if case .incomplete(let end, _) = outcome { end.isReset } else { false }
    }
}
