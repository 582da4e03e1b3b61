import NetValues
import Observations
import Planning

/// What is expected of a handshake: by the plan, and by anybody who uses TLS.
struct TLSDemands: Sendable {
    private let validFor: Duration?
    private let versions: [String]?

    init(_ expectation: Expectation) {
        validFor = expectation.parameters.span("validFor")
        versions = expectation.parameters.list("version")
    }

    /// Of what was not seen nothing is said: the sample has failed then, which is reason enough.
    func comparisons(_ fact: TLSFact, at now: WallTime) -> [Comparison] {
        [certificate(fact), validity(fact, now), version(fact)].compactMap(\.self)
    }

    private func certificate(_ fact: TLSFact) -> Comparison? {
        guard !fact.chain.isEmpty || fact.outcome == .established else { return nil }
        let objections = Self.objections(fact)
        return Comparison(
            key: "certificate", expected: "trusted, in date, and for \(fact.expectedName)",
            seen: objections.isEmpty
                ? "trusted, in date, and for \(fact.expectedName)" : objections.joined(separator: "; "),
            isMet: objections.isEmpty, isDeclared: false)
    }

    private static func objections(_ fact: TLSFact) -> [String] {
        guard let leaf = fact.chain.first else { return ["no certificate was presented"] }
        let problems = fact.verification.map { "\($0.reason) (\(place($0.depth)))" }
        guard fact.nameMatch != true else { return problems }
        let names = (leaf.dnsNames + leaf.ipAddresses.map(\.description)).map { $0.escaped(limit: 80) }
        let shown = names.isEmpty ? "no name" : names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
        return problems + ["it is for \(shown), not for \(fact.expectedName)"]
    }

    private static func place(_ depth: Int) -> String {
        depth == 0 ? "the server's own certificate" : "certificate \(depth) above the server's"
    }

    private func validity(_ fact: TLSFact, _ now: WallTime) -> Comparison? {
        guard let validFor, let first = fact.chain.min(by: { $0.notAfter < $1.notAfter }) else { return nil }
        let rest = first.notAfter - now
        let name = (first.commonName ?? first.subject).escaped(limit: 80)
        let isOver = rest < .zero
        return Comparison(
            key: "validFor", expected: "at least \(validFor.spoken)",
            seen: isOver ? "\(name) expired on \(first.notAfter.spoken)" : "\(rest.spoken) left (\(name))",
            isMet: rest >= validFor, isDeclared: true)
    }

    private func version(_ fact: TLSFact) -> Comparison? {
        guard let versions, let agreed = fact.version else { return nil }
        // OpenSSL calls TLS 1.0 `TLSv1`.
        let number = agreed == "TLSv1" ? "1.0" : String(agreed.trimmingPrefix("TLSv"))
        return Comparison(
            key: "version", expected: versions.joined(separator: " or "), seen: number,
            isMet: versions.contains(number),
            isDeclared: true)
    }
}
