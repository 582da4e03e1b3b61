import NetValues
import Observations
import Planning

extension CaptiveAnswer {
    /// The half of it that HTTP shows. Hosts of one's own may well share a page or a place to log in at, so that only those count
    /// that are said to be the internet's.
    static func portals(in evidence: Evidence) -> [Finding] {
        let answers = evidence.measured.filter { $0.hasExchanges && $0.check.outbound == .internet }
            .flatMap(PortalAnswer.all)
        let demands = answers.filter { $0.status == 511 }
        if !demands.isEmpty { return [judge(demands, confidence: .certain)] }
        return grouped(answers.compactMap { answer in answer.mark.map { ($0, answer) } }, by: \.0).compactMap {
            _, members in
            let members = members.map(\.1)
            // A place to send to is a portal's sooner than a page that is the same.
            let fewest = members[0].place == nil ? 3 : 2
            guard Set(members.map(\.operatorName)).count >= fewest, Set(members.map(\.host)).count >= fewest else {
                return nil
            }
            // One that gets an answer of its own is reached past any portal.
            let others = answers.filter { answer in
                answer.status < 400 && !members.contains { $0.check.name == answer.check.name }
            }
            guard others.isEmpty else { return nil }
            return judge(members, confidence: Set(members.map(\.operatorName)).count >= 3 ? .likely : .possible)
        }
    }

    private static func judge(_ members: [PortalAnswer], confidence: Finding.Confidence) -> Finding {
        let places = members.compactMap(\.place).unique()
        let portal = places.first.map { " (\($0))" } ?? ""
        return finding(
            "plain HTTP", checks: members.map(\.check.name).unique(), confidence: confidence,
            summary: "Whatever is asked for over HTTP, one portal\(portal) answers in its place.",
            evidence: evidenceLines(members.map(\.words)),
            cause:
                "This network holds back what its users ask for until they have logged in or accepted its terms, and answers itself meanwhile."
        )
    }
}

/// The first answer to a plain request for some host, as far as it can be a portal's.
private struct PortalAnswer {
    let check: CheckEvidence
    let host: String
    let operatorName: String
    let status: Int
    /// What answers to unrelated hosts must not have in common; nil for an answer that is nobody's portal.
    let mark: String?
    /// Where the answer sends to.
    let place: String?
    let words: String

    static func all(_ check: CheckEvidence) -> [PortalAnswer] {
        check.samples.compactMap { sample in
            for case .http(let fact) in sample.facts where fact.url.scheme == .http && fact.proxy == nil {
                return fact.response.map { PortalAnswer(check, fact, $0) }
            }
            return nil
        }
    }

    private init(_ check: CheckEvidence, _ fact: HTTPFact, _ response: HTTPResponse) {
        self.check = check
        host = fact.url.host.description.lowercasedASCII()
        operatorName = check.check.operatorName ?? host
        status = response.status
        let target = (300..<400).contains(status) ? response.header("Location").flatMap { fact.url.resolving($0) } : nil
        let isForeign = target.map { Self.isForeign($0.host, to: fact.url.host) } ?? false
        place = isForeign ? target?.host.description.escaped(limit: 100) : nil
        if let place {
            mark = "to \(place)"
        } else if status == 200, !response.bodyStart.isEmpty, Self.isHTML(response) {
            mark = "page \(response.bodyBytes) \(response.bodyStart.map { String($0) }.joined(separator: "."))"
        } else {
            mark = nil
        }
        words =
            "http://\(fact.url.authority.escaped(limit: 100)) at \(fact.endpoint): \(status)"
            + (place.map { ", sent to \($0)" } ?? (mark == nil ? "" : ", the same page of \(response.bodyBytes) bytes"))
    }

    /// A page for people: programs' own answers (`ok`) are alike everywhere.
    private static func isHTML(_ response: HTTPResponse) -> Bool {
        response.header("Content-Type")?.lowercasedASCII().contains("html") ?? false
    }

    /// Neither the same host nor one of the same family of names.
    private static func isForeign(_ other: Host, to host: Host) -> Bool {
        guard let name = host.name, let place = other.name else { return other != host }
        return name.labels.suffix(2).map { $0.lowercasedASCII() } != place.labels.suffix(2).map { $0.lowercasedASCII() }
    }
}
