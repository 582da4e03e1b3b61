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
        DNSSlow5sConntrackRace.self,
        DNSSlow.self,
        DNSTruncationTCPBlocked.self,
        ServiceNoEndpoints.self,
        ServicePortMismatch.self,
        DNSForwardInconsistentUpstreams.self,
        SplitHorizonMismatch.self,
        DNSStaleRecord.self,
        CachingIneffective.self,
        TCPFilteredDrop.self,
        TCPRejected.self,
        TCPRefused.self,
        TCPResetAfterConnect.self,
        UDPNoResponse.self,
        ListenBacklogOverflow.self,
        SNATPortExhaustion.self,
        LocalPortExhaustion.self,
        ConntrackTableFull.self,
        NATIdleTimeout.self,
        RateLimited.self,
        LocalEgressDenied.self,
        EgressBlockedInternet.self,
        EgressFQDNFiltered.self,
        ICMPFilteredTCPOK.self,
        NoRouteLocal.self,
        RouteUnreachableRemote.self,
        NextHopUnresolved.self,
        CIDROverlap.self,
        AsymmetricRouting.self,
        RoutingLoop.self,
        VIPCollidesReserved.self,
        ArpDuplicateIP.self,
        StaleARPAfterFailover.self,
        PathChanged.self,
        PMTUBlackHole.self,
        PMTUReduced.self,
        MTUMismatchCNI.self,
        InterfaceDrops.self,
        LatencyHighP95.self,
        LatencyCrossCloudHigh.self,
        PacketLoss.self,
        SynRetransmitLatency.self,
        BandwidthLimited.self,
        Bufferbloat.self,
        PacketReordering.self,
        PacketDuplication.self,
        ServerSlow.self,
        TLSCertExpired.self,
        TLSCertExpiring.self,
        TLSNameMismatch.self,
        TLSChainUntrusted.self,
        TLSPlaintextOnTLSPort.self,
        MTLSRequired.self,
        TLSVersionMismatch.self,
        ClockSkew.self,
        VantageThrottled.self,
        NodeResourcePressure.self,
        ProbeInconclusive.self,
        FlowNotBlocked.self,
        PlaintextService.self,
        CrossCloudUnencrypted.self,
        MetadataEndpointExposed.self,
        UnrestrictedEgress.self,
        UnexpectedOpenPort.self,
        RegionPolicyViolation.self,
        PrivateTrafficViaInternet.self,
        ProxyInPath.self,
        HTTPStatusUnexpected.self,
        HTTPRedirectLoop.self,
        HTTPRedirectMissing.self,
        HTTPResponseStalled.self,
        HTTPProtocolError.self,
        IPv6Broken.self,
        IPv4Broken.self,
        AddressDead.self,
        IntermittentFailure.self,
        CaptiveAnswer.self,
        ExpectationUnmet.self,
    ]

    /// For `leadsman findings`.
    package static var explanations: [FindingExplanation] { rules.map { $0.explanation } }

    /// Of an id that a rule of this book has.
    package static func explanation(of id: String) -> FindingExplanation? {
        rules.lazy.map { $0.explanation }.first { $0.id == id }
    }

    static let severities: [String: Severity] = Dictionary(
        uniqueKeysWithValues: rules.map { ($0.explanation.id, $0.explanation.severity) })

    static let layers: [String: Layer] = Dictionary(uniqueKeysWithValues: rules.map { ($0.explanation.id, $0.layer) })
    static let explaining = Set(rules.filter { $0.explainsFailure }.map { $0.explanation.id })
}
