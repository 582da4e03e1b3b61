import Diagnosis
import Manifests
import Planning

/// Every rule on manifests there is, in the order of the catalogue. A new rule is one line here.
package enum AuditBook {
    static let rules: [any AuditRule.Type] = [
        DeclaredForwardInconsistentUpstreams.self,
        DeclaredStaleRecord.self,
        DeclaredNameUnwritten.self,
        PolicyMissingDNSEgress.self,
        PolicyDeniesExpectedFlow.self,
        MeshEgressRefused.self,
        PolicySelectorMatchesNothing.self,
        PolicyNamespaceMismatch.self,
        PolicyEngineMissing.self,
        ServiceNoEndpoints.self,
        ServicePortMismatch.self,
        ArpDuplicateIP.self,
        LBNoLocalEndpoints.self,
        LBHealthCheckMisconfigured.self,
        IngressBackendMissing.self,
        RouteBackendMissing.self,
        TLSCertExpired.self,
        TLSCertExpiring.self,
        TLSNameMismatch.self,
        GatewayNameMismatch.self,
        TLSDefaultCertificate.self,
        TLSPlaintextOnTLSPort.self,
        PlaintextService.self,
        MTLSRequiredByPolicy.self,
        MTLSClientSettings.self,
        MTLSTrustMismatch.self,
        DeclaredTLSVersions.self,
        PublicLBUnrestricted.self,
        HeadlessServiceMissing.self,
        LBIPPending.self,
        MetalLBAssignment.self,
        LBConfigIneffective.self,
        MetalLBAdvertisement.self,
        SinglePointOfFailure.self,
        LBSprawl.self,
        MonitorSelectsNothing.self,
        PolicyMissingDefaultDeny.self,
        PolicyPortNotTargetPort.self,
        PolicyIPBlockExcludesLBSource.self,
        PolicyPeerMismatch.self,
        DeclaredCIDROverlap.self,
        MetalLBPoolOverlap.self,
        DeclaredVIPCollision.self,
        DeclaredMTU.self,
        FailoverNotHappening.self,
        DNSTTLDelaysFailover.self,
        MeshSidecarMissing.self,
        MeshAuthzDenied.self,
        MeshRouteMissing.self,
        MeshSidecarHidesHost.self,
        MeshGatewayUnserved.self,
        MeshSubsetUndefined.self,
        MeshSidecarThrottled.self,
        MeshVersionSkew.self,
        MeshProxyConflict.self,
        SyncDelayed.self,
        SyncEndpointUnreachable.self,
        OfflineDependency.self,
        MulticlusterExportInvalid.self,
        ConfigDrift.self,
        ReplicationPathBroken.self,
        EnvIsolationBreach.self,
        DeclaredResolverConfiguration.self,
        PolicyUnionWidens.self,
        IPPoolExhausted.self,
        ManifestDocumentSeparator.self,
        ManifestAPIRemoved.self,
        ManifestAPIUnknown.self,
        CorefileKeyUnread.self,
        ManifestRefMissing.self,
        ManifestInvalid.self,
        AlertRuleDefective.self,
        DeclaredNodePressure.self,
        HealthCheckICMPOnly.self,
    ]

    /// For `leadsman findings`: those that no rule of probes tells.
    package static var explanations: [FindingExplanation] {
        var ids = Set<String>()
        return rules.map { $0.explanation }.filter {
            RuleBook.explanation(of: $0.id) == nil && ids.insert($0.id).inserted
        }
    }

    /// What is only possible, mostly since what was read is not all there is, is no error yet.
    private static func weighed(_ finding: Finding) -> Finding {
        var finding = finding
        if finding.confidence == .possible { finding.severity = min(finding.severity, .warning) }
        return finding
    }

    /// By severity, then file and line (DESIGN section 10).
    package static func judge(_ state: DeclaredState) -> [Finding] {
        let found = AuditCauses.link(rules.flatMap { $0.findings(in: state) }.map(weighed), state)
        return found.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.severity != b.severity { return a.severity > b.severity }
            let (first, second) = (a.location?.file ?? "", b.location?.file ?? "")
            if first != second { return first < second }
            let (line, other) = (a.location?.line ?? 0, b.location?.line ?? 0)
            return line != other ? line < other : left.offset < right.offset
        }.map(\.element)
    }
}
