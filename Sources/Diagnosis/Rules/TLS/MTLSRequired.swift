import NetValues
import Observations
import Planning

/// The server talks only to clients with a certificate (catalogue section 9).
enum MTLSRequired: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "mtls-required", severity: .error, title: "The server wants a client certificate",
        signals: [
            "the server asked for a client certificate, none was given, and it then ended the connection",
            "in TLS 1.3 it says so only after the handshake (alert certificate_required)",
            "with manifests: plain requests end without a byte of an answer, and the PeerAuthentication that decides for each of the pods and their port says STRICT",
        ],
        lookalikes: [
            "tls-version-mismatch: alert protocol_version, and no certificate was asked for",
            "egress-fqdn-filtered: a reset that depends on the server name",
            "tcp-reset-after-connect, http-protocol-error: plaintext hung up on where no declared policy demands mutual TLS, or the port is exempt",
        ],
        traps: ["a server that asks but does not insist goes on: then there is no finding"],
        remedy: [
            "run the client inside the mesh, or give it a certificate of one of the authorities named (certificate: and key:)",
            "or exempt this port from mutual TLS (Istio: PeerAuthentication with portLevelMtls)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let open = endpointsWithoutCertificates(evidence)
        let refused = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing && !refusals(check, open).isEmpty
        }
        return grouped(refused, by: \.subject).map { subject, members in
            let handshakes = members.flatMap { refusals($0, open) }
            let authorities = handshakes.compactMap(\.clientCertificate).flatMap(\.authorities).unique()
            let isSaid = handshakes.contains {
                $0.alerts.contains { $0.isReceived && $0.name == "certificate_required" }
            }
            var finding = finding(
                subject, checks: members.map(\.name), confidence: isSaid ? .certain : .likely,
                summary: "\(subject) accepts only clients with a certificate, and none was given.",
                evidence: evidenceLines(handshakes.flatMap { Fact.tls($0).failureWords } + ends(members))
                    + (authorities.isEmpty ? ["it names no authority: any it trusts will do"] : []),
                cause:
                    "Mutual TLS is required on this port: the server asks who the client is and ends the connection without an answer."
            )
            if let view = evidence.declared, let demand = members.lazy.compactMap({ Demand($0, view) }).first {
                finding.evidence.append(demand.line)
                finding.location = demand.location
            }
            return finding
        } + declared(evidence) + captured(evidence)
    }

    /// What came in place of the answers.
    private static func ends(_ checks: [CheckEvidence]) -> [String] {
        checks.flatMap(\.exchanges).filter { $0.response == nil }.flatMap { Fact.http($0).failureWords }
    }

    private static func refusals(_ check: CheckEvidence, _ open: Set<Endpoint>) -> [TLSFact] {
        check.samples.flatMap { refusals($0, open) }
    }

    /// Handshakes that were refused, or whose exchange was: in TLS 1.3 the refusal comes in place of the answer, as an alert or,
    /// where a reset overtakes the alert, as a mere end. A mere end is none where the endpoint answers others without certificate.
    ///
    /// - Parameter open: `endpointsWithoutCertificates`
    static func refusals(_ sample: Sample, _ open: Set<Endpoint>) -> [TLSFact] {
        let handshakes = sample.facts.compactMap {
            if case .tls(let fact) = $0, !fact.isContrast, isUncertified(fact) { fact } else { nil }
        }
        guard !handshakes.isEmpty else { return [] }
        var ends: [Endpoint: StreamEnd] = [:]
        for case .http(let exchange) in sample.facts where !exchange.isContrast {
            if case .incomplete(let end, let partial) = exchange.outcome, partial.bytes == 0, end != .deadline {
                ends[exchange.endpoint] = end
            }
        }
        return handshakes.compactMap { handshake in
            if isRefusal(handshake) { return handshake }
            guard let end = ends[handshake.endpoint] else { return nil }
            guard case .tlsFailed("certificate_required") = end else {
                return open.contains(handshake.endpoint) ? nil : handshake
            }
            var told = handshake
            told.alerts.append(TLSAlert(isReceived: true, isFatal: true, name: "certificate_required", code: 116))
            return told
        }
    }

    /// Those that asked for a certificate and answered without one.
    static func endpointsWithoutCertificates(_ evidence: Evidence) -> Set<Endpoint> {
        var open: Set<Endpoint> = []
        // What refused somebody is held against it.
        guard evidence.checks.contains(where: \.isFailing) else { return open }
        for sample in evidence.checks.lazy.flatMap(\.samples) {
            var asking: Set<Endpoint> = []
            for fact in sample.facts where !fact.isContrast {
                switch fact {
                case .tls(let handshake) where isUncertified(handshake): asking.insert(handshake.endpoint)
                case .http(let exchange) where exchange.response != nil && asking.contains(exchange.endpoint):
                    open.insert(exchange.endpoint)
                default: break
                }
            }
        }
        return open
    }

    private static func isUncertified(_ handshake: TLSFact) -> Bool {
        handshake.clientCertificate != nil && !handshake.sentClientCertificate
    }

    private static func isRefusal(_ handshake: TLSFact) -> Bool {
        guard isUncertified(handshake) else { return false }
        if case .failed = handshake.outcome { return true }
        return handshake.alerts.contains { $0.isReceived && $0.isFatal }
    }
}
