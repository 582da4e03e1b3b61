import NetValues
import Observations
import Planning
import ProbeKit
import _StringProcessing

/// What was seen beside what was expected.
struct HTTPVerdict {
    let settings: HTTPSettings
    let wallTime: WallTime

    func comparisons(of walks: [HTTPWalk]) -> [Comparison] {
        walks.flatMap { walk in
            let place = walks.count > 1 ? walk.hops.first.map { " (\($0.endpoint))" } ?? "" : ""
            return proxy(walk, place) + certificates(walk, place) + redirect(walk, place) + answer(walk, place)
        }
    }

    private func proxy(_ walk: HTTPWalk, _ place: String) -> [Comparison] {
        guard let refusal = walk.refusal, let proxy = refusal.proxy else { return [] }
        let seen =
            refusal.response.map { "\($0.status) \($0.reason.escaped(limit: 60))" } ?? "no HTTP answer"
        return [compare("proxy", "a way through \(proxy)", "\(seen) from the proxy", false, isDeclared: true, place)]
    }

    private func certificates(_ walk: HTTPWalk, _ place: String) -> [Comparison] {
        walk.facts.compactMap { fact in
            guard case .tls(let tls) = fact, !tls.isContrast, !tls.chain.isEmpty || tls.outcome == .established else {
                return nil
            }
            let comparison = tls.certificateComparison(now: wallTime)
            return compare(
                comparison.key, comparison.expected, comparison.seen, comparison.isMet, isDeclared: false, place)
        }
    }

    private func redirect(_ walk: HTTPWalk, _ place: String) -> [Comparison] {
        guard settings.wantsRedirectToHTTPS, let response = walk.hops.first?.response else { return [] }
        let location = HTTPHop.isRedirect(response.status) ? response.header("Location") : nil
        let isMet = location.flatMap { settings.url.resolving($0) }?.scheme == .https
        let seen = "\(response.status)" + (location.map { " to \($0.escaped())" } ?? ", no redirect")
        return [compare("redirect", "a redirect to https", seen, isMet, isDeclared: true, place)]
    }

    private func answer(_ walk: HTTPWalk, _ place: String) -> [Comparison] {
        guard walk.failure == nil, let response = walk.hops.last?.response else { return [] }
        return [status(response, walk, place)] + body(response, walk, place)
            + settings.headerPatterns.map { header($0, $1, response, place) }
    }

    private func status(_ response: HTTPResponse, _ walk: HTTPWalk, _ place: String) -> Comparison {
        let wanted = settings.status ?? .usual
        let trouble: String =
            switch walk.ending {
            case .response: ""
            case .loop: " in a redirect loop: \(chain(walk))"
            case .tooManyRedirects: " after more than \(HTTPWalk.redirectLimit) redirects: \(chain(walk))"
            }
        let isMet = wanted.contains(response.status) && walk.ending == .response
        return compare(
            "status", wanted.spoken, "\(response.status)\(trouble)", isMet, isDeclared: settings.status != nil, place)
    }

    private func chain(_ walk: HTTPWalk) -> String {
        walk.hops.map { $0.url.description.escaped(limit: 100) }.joined(separator: " → ")
    }

    private func body(_ response: HTTPResponse, _ walk: HTTPWalk, _ place: String) -> [Comparison] {
        guard let pattern = settings.bodyPattern else { return [] }
        let isFound = pattern.isFound(in: String(decoding: walk.body, as: UTF8.self))
        let extent = (response.isBodyCut ? "the first " : "") + "\(walk.body.count) bytes"
        return [
            compare(
                "body", "text that matches \(pattern.text)", isFound ? "found" : "not found in \(extent)", isFound,
                isDeclared: true, place)
        ]
    }

    private func header(_ name: String, _ pattern: HTTPPattern, _ response: HTTPResponse, _ place: String) -> Comparison
    {
        let values = response.headers.filter { $0.name.lowercasedASCII() == name.lowercasedASCII() }.map(\.value)
        let seen = values.isEmpty ? "no header \(name)" : "\(name): \(values.joined(separator: ", ").escaped())"
        return compare(
            "headers", "\(name) that matches \(pattern.text)", seen, values.contains(where: pattern.isFound),
            isDeclared: true, place)
    }

    private func compare(
        _ key: String, _ expected: String, _ seen: String, _ isMet: Bool, isDeclared: Bool, _ place: String
    ) -> Comparison {
        Comparison(key: key, expected: expected, seen: seen + place, isMet: isMet, isDeclared: isDeclared)
    }
}

/// A regular expression of the plan. Kept as text, since a compiled `Regex` cannot be shared between tasks.
struct HTTPPattern: Hashable, Sendable {
    let text: String

    /// Nil when the text is no regular expression.
    init?(_ text: String) {
        guard patternFault(text) == nil else { return nil }
        self.text = text
    }

    func isFound(in subject: String) -> Bool {
        guard let expression = try? Regex(text) else { return false }
        // By scalars: faster, and a peer's combining characters then hide nothing.
        return subject.firstMatch(of: expression.matchingSemantics(.unicodeScalar)) != nil
    }
}
