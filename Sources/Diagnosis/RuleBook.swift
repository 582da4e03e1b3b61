import Planning

/// Every rule there is, in the order of the catalogue. A new rule is one line here.
package enum RuleBook {
    static let rules: [any Rule.Type] = [
        DNSResolvconfInvalid.self,
        DNSServerUnreachable.self,
        DNSServerPortClosed.self,
        DNSNameNotFound.self,
        DNSNxdomainSearchPath.self,
        DNSNodata.self,
        DNSServfailUpstream.self,
        DNSRefusedByPolicy.self,
        DNSSlow.self,
        DNSTruncationTCPBlocked.self,
        TCPFilteredDrop.self,
        TCPRejected.self,
        TCPRefused.self,
        LocalEgressDenied.self,
        ICMPFilteredTCPOK.self,
        NoRouteLocal.self,
        RouteUnreachableRemote.self,
        NextHopUnresolved.self,
        LatencyHighP95.self,
        PacketLoss.self,
        ServerSlow.self,
        TLSCertExpired.self,
        TLSCertExpiring.self,
        TLSNameMismatch.self,
        TLSChainUntrusted.self,
        TLSPlaintextOnTLSPort.self,
        MTLSRequired.self,
        TLSVersionMismatch.self,
        VantageThrottled.self,
        ProbeInconclusive.self,
        FlowNotBlocked.self,
        HTTPStatusUnexpected.self,
        HTTPRedirectLoop.self,
        HTTPResponseStalled.self,
        HTTPProtocolError.self,
        ExpectationUnmet.self,
    ]

    /// For `leadsman findings`.
    package static var explanations: [FindingExplanation] { rules.map { $0.explanation } }

    static let severities: [String: Severity] = Dictionary(
        uniqueKeysWithValues: rules.map { ($0.explanation.id, $0.explanation.severity) })

    static let layers: [String: Layer] = Dictionary(uniqueKeysWithValues: rules.map { ($0.explanation.id, $0.layer) })
}
