import NetValues

/// What a client that checks certificates would say of the one presented. Everything that speaks TLS words it the same way.
extension TLSFact {
    /// The unwritten demand on every certificate: trusted, in date, for the name. Met only when all three hold.
    package func certificateComparison(now: WallTime) -> Comparison {
        let objections = certificateObjections(now: now)
        let wanted = "trusted, in date, and for \(expectedName.escaped())"
        return Comparison(
            key: "certificate", expected: wanted,
            seen: objections.isEmpty ? wanted : objections.joined(separator: "; "),
            isMet: objections.isEmpty, isDeclared: false)
    }

    private func certificateObjections(now: WallTime) -> [String] {
        guard let leaf = chain.first else { return ["no certificate"] }
        var objections: [String] = []
        for problem in verification {
            let words = words(for: problem, now: now)
            if !objections.contains(words) { objections.append(words) }
        }
        if nameMatch != true { objections.append("\(Self.names(of: leaf)), not for \(expectedName.escaped())") }
        return objections
    }

    private func words(for problem: VerificationProblem, now: WallTime) -> String {
        guard chain.indices.contains(problem.depth) else { return problem.reason.escaped() }
        let certificate = chain[problem.depth]
        let who = problem.depth == 0 ? "" : "the certificate above it, \(certificate.subject.escaped()), "
        switch problem.kind {
        case .expired:
            return "\(who)expired \((now - certificate.notAfter).spoken) ago (\(certificate.notAfter.spoken))"
        case .notYetValid:
            let wait = (certificate.notBefore - now).spoken
            return "\(who)not valid before \(certificate.notBefore.spoken), which is in \(wait)"
        case .selfSigned: return "\(who)signed by itself, and not in \(trustStore)"
        case .unknownIssuer:
            return "\(who)issued by \(certificate.issuer.escaped()), which was neither sent nor is in \(trustStore)"
        case .untrustedRoot: return "\(who)its root is not in \(trustStore)"
        case .invalidPurpose: return "\(who)not made for a server of this kind"
        case .revoked: return "\(who)revoked"
        case .weak, .other: return who + problem.reason.escaped()
        }
    }

    private static func names(of leaf: CertificateFact) -> String {
        let names = leaf.dnsNames + leaf.ipAddresses.map(\.description)
        if names.isEmpty {
            // RFC 9525 section 2: the common name is not consulted.
            return "names no host" + (leaf.commonName.map { " but for its common name \($0.escaped())" } ?? "")
        }
        let shown = names.prefix(3).map { $0.escaped() }.joined(separator: ", ")
        return "for \(shown)" + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}
