/// Groups and kinds that are known, and in which versions they are served.
package enum APIGroups {
    package struct Kind: Hashable, Sendable {
        package let group: String
        package let kind: String

        package init(_ group: String, _ kind: String) {
            self.group = group
            self.kind = kind
        }
    }

    /// Network policies of other makers: they allow and deny beside NetworkPolicy, and are not evaluated.
    package static let otherPolicies: Set<Kind> = [
        Kind("cilium.io", "CiliumNetworkPolicy"), Kind("cilium.io", "CiliumClusterwideNetworkPolicy"),
        Kind("crd.projectcalico.org", "NetworkPolicy"), Kind("crd.projectcalico.org", "GlobalNetworkPolicy"),
        Kind("projectcalico.org", "NetworkPolicy"), Kind("projectcalico.org", "GlobalNetworkPolicy"),
        Kind("projectcalico.org", "StagedNetworkPolicy"), Kind("projectcalico.org", "StagedGlobalNetworkPolicy"),
        Kind("policy.networking.k8s.io", "AdminNetworkPolicy"),
        Kind("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
        Kind("policy.networking.k8s.io", "ClusterNetworkPolicy"), Kind("crd.antrea.io", "NetworkPolicy"),
        Kind("crd.antrea.io", "ClusterNetworkPolicy"),
    ]

    /// All kinds of groups that only Kubernetes itself and its projects may use, or that are known whole: another kind there is none.
    package static let kinds: [String: Set<String>] = [
        "": words(
            """
            Pod Service Endpoints ConfigMap Secret Namespace Node PersistentVolume PersistentVolumeClaim ServiceAccount \
            ReplicationController LimitRange ResourceQuota Event PodTemplate ComponentStatus Binding List Config Status
            """),
        "apps": words("Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision"),
        "extensions": words("Deployment DaemonSet ReplicaSet Ingress NetworkPolicy PodSecurityPolicy Scale"),
        "batch": words("Job CronJob"),
        "autoscaling": words("HorizontalPodAutoscaler Scale"),
        "policy": words("PodDisruptionBudget PodSecurityPolicy Eviction"),
        "networking.k8s.io": words(
            "NetworkPolicy Ingress IngressClass IPAddress ServiceCIDR ClusterCIDR"),
        "discovery.k8s.io": words("EndpointSlice"),
        "rbac.authorization.k8s.io": words("Role RoleBinding ClusterRole ClusterRoleBinding"),
        "storage.k8s.io": words(
            "StorageClass VolumeAttachment CSIDriver CSINode CSIStorageCapacity VolumeAttributesClass"),
        "multicluster.k8s.io": words("ServiceExport ServiceImport"),
        "multicluster.x-k8s.io": words("ServiceExport ServiceImport"),
        "about.k8s.io": words("ClusterProperty"),
        "policy.networking.k8s.io": words("AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterNetworkPolicy"),
        "gateway.networking.k8s.io": words(
            """
            Gateway GatewayClass HTTPRoute GRPCRoute TCPRoute TLSRoute UDPRoute ReferenceGrant BackendTLSPolicy \
            BackendLBPolicy BackendTrafficPolicy ListenerSet XListenerSet XBackendTrafficPolicy XMesh
            """),
        "externaldns.k8s.io": words("DNSEndpoint"),
        "networking.istio.io": words(
            "VirtualService DestinationRule Gateway ServiceEntry Sidecar EnvoyFilter WorkloadEntry WorkloadGroup ProxyConfig"
        ),
        "security.istio.io": words("PeerAuthentication AuthorizationPolicy RequestAuthentication"),
        "monitoring.coreos.com": words(
            """
            ServiceMonitor PodMonitor PrometheusRule Prometheus PrometheusAgent Alertmanager AlertmanagerConfig Probe \
            ScrapeConfig ThanosRuler
            """),
    ]

    /// Groups of which single kinds only are known here.
    package static let moreKinds: Set<Kind> = [
        Kind("install.istio.io", "IstioOperator"), Kind("telemetry.istio.io", "Telemetry"),
        Kind("extensions.istio.io", "WasmPlugin"), Kind("sailoperator.io", "Istio"),
        Kind("metallb.io", "IPAddressPool"), Kind("metallb.io", "L2Advertisement"),
        Kind("metallb.io", "BGPAdvertisement"),
        Kind("metallb.io", "BGPPeer"), Kind("metallb.io", "Community"), Kind("metallb.io", "BFDProfile"),
        Kind("metallb.io", "AddressPool"), Kind("cert-manager.io", "Certificate"), Kind("cert-manager.io", "Issuer"),
        Kind("cert-manager.io", "ClusterIssuer"), Kind("cert-manager.io", "CertificateRequest"),
        Kind("helm.cattle.io", "HelmChart"), Kind("helm.cattle.io", "HelmChartConfig"),
        Kind("jaegertracing.io", "Jaeger"), Kind("kustomize.config.k8s.io", "Kustomization"),
        Kind("kustomize.config.k8s.io", "Component"), Kind("apiextensions.k8s.io", "CustomResourceDefinition"),
        Kind("apiregistration.k8s.io", "APIService"), Kind("scheduling.k8s.io", "PriorityClass"),
        Kind("node.k8s.io", "RuntimeClass"), Kind("coordination.k8s.io", "Lease"),
        Kind("certificates.k8s.io", "CertificateSigningRequest"), Kind("events.k8s.io", "Event"),
        Kind("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        Kind("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        Kind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        Kind("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        Kind("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        Kind("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        Kind("operator.tigera.io", "Installation"), Kind("metrics.k8s.io", "PodMetrics"),
        Kind("metrics.k8s.io", "NodeMetrics"),
        Kind("k8s.cni.cncf.io", "NetworkAttachmentDefinition"),
    ]

    package static func isKnown(_ object: ManifestObject) -> Bool {
        let kind = Kind(object.group, object.kind)
        return kinds[object.group]?.contains(object.kind) == true || moreKinds.contains(kind)
            || otherPolicies.contains(kind)
    }

    /// Groups that serve a kind.
    package static func groups(of kind: String) -> [String] {
        let whole = kinds.filter { $0.value.contains(kind) }.map(\.key)
        return Set(whole + moreKinds.filter { $0.kind == kind }.map(\.group)).sorted()
    }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
}
