/// A kind of object that is looked for, and where the API serves it.
struct ResourceKind: Hashable, Sendable {
    let kind: String
    /// In the path: "networkpolicies".
    let plural: String
    /// The first that is served counts; the core group is empty.
    let groups: [String]
    /// Best first.
    let versions: [String]
    let isNamespaced: Bool
    /// What a list is narrowed by.
    var query: [String] = []

    init(
        _ kind: String, _ plural: String, _ groups: [String], _ versions: [String], isNamespaced: Bool = true,
        fields: String? = nil
    ) {
        self.kind = kind
        self.plural = plural
        self.groups = groups
        self.versions = versions
        self.isNamespaced = isNamespaced
        query = fields.map { [$0] } ?? []
    }

    /// "networkpolicies.networking.k8s.io", as kubectl writes it where two groups have the name.
    func shown(in group: String) -> String { group.isEmpty ? plural : "\(plural).\(group)" }
}

extension ResourceKind {
    /// All that is read, but for Secrets and ConfigMaps, which have ways of their own.
    static let all: [ResourceKind] =
        core + workloads + networking + gateways + mesh + multiCluster + addresses + monitoring + otherPolicies

    private static let core: [ResourceKind] = [
        ResourceKind("Namespace", "namespaces", [""], ["v1"], isNamespaced: false),
        ResourceKind("Node", "nodes", [""], ["v1"], isNamespaced: false),
        // A pod that has run to its end has neither address nor traffic.
        ResourceKind(
            "Pod", "pods", [""], ["v1"], fields: "status.phase!=Succeeded,status.phase!=Failed"),
        ResourceKind("Service", "services", [""], ["v1"]),
        ResourceKind("Endpoints", "endpoints", [""], ["v1"]),
        ResourceKind("ReplicationController", "replicationcontrollers", [""], ["v1"]),
    ]

    private static let workloads: [ResourceKind] = [
        ResourceKind("Deployment", "deployments", ["apps"], ["v1"]),
        ResourceKind("StatefulSet", "statefulsets", ["apps"], ["v1"]),
        ResourceKind("DaemonSet", "daemonsets", ["apps"], ["v1"]),
        ResourceKind("ReplicaSet", "replicasets", ["apps"], ["v1"]),
        ResourceKind("Job", "jobs", ["batch"], ["v1"]),
        ResourceKind("CronJob", "cronjobs", ["batch"], ["v1", "v1beta1"]),
    ]

    private static let networking: [ResourceKind] = [
        ResourceKind("EndpointSlice", "endpointslices", ["discovery.k8s.io"], ["v1", "v1beta1"]),
        ResourceKind("NetworkPolicy", "networkpolicies", ["networking.k8s.io"], ["v1"]),
        ResourceKind("Ingress", "ingresses", ["networking.k8s.io"], ["v1", "v1beta1"]),
        ResourceKind("IngressClass", "ingressclasses", ["networking.k8s.io"], ["v1", "v1beta1"], isNamespaced: false),
    ]

    private static let gatewayGroup = ["gateway.networking.k8s.io"]

    private static let gateways: [ResourceKind] = [
        ResourceKind("GatewayClass", "gatewayclasses", gatewayGroup, ["v1", "v1beta1"], isNamespaced: false),
        ResourceKind("Gateway", "gateways", gatewayGroup, ["v1", "v1beta1"]),
        ResourceKind("HTTPRoute", "httproutes", gatewayGroup, ["v1", "v1beta1"]),
        ResourceKind("GRPCRoute", "grpcroutes", gatewayGroup, ["v1", "v1alpha2"]),
        ResourceKind("TLSRoute", "tlsroutes", gatewayGroup, ["v1", "v1alpha3", "v1alpha2"]),
        ResourceKind("TCPRoute", "tcproutes", gatewayGroup, ["v1", "v1alpha2"]),
        ResourceKind("UDPRoute", "udproutes", gatewayGroup, ["v1", "v1alpha2"]),
        ResourceKind("ReferenceGrant", "referencegrants", gatewayGroup, ["v1", "v1beta1"]),
        ResourceKind("BackendTLSPolicy", "backendtlspolicies", gatewayGroup, ["v1", "v1alpha3", "v1alpha2"]),
    ]

    private static let istioVersions = ["v1", "v1beta1", "v1alpha3"]

    private static let mesh: [ResourceKind] = [
        ResourceKind("VirtualService", "virtualservices", ["networking.istio.io"], istioVersions),
        ResourceKind("DestinationRule", "destinationrules", ["networking.istio.io"], istioVersions),
        ResourceKind("Gateway", "gateways", ["networking.istio.io"], istioVersions),
        ResourceKind("ServiceEntry", "serviceentries", ["networking.istio.io"], istioVersions),
        ResourceKind("WorkloadEntry", "workloadentries", ["networking.istio.io"], istioVersions),
        ResourceKind("Sidecar", "sidecars", ["networking.istio.io"], istioVersions),
        ResourceKind("PeerAuthentication", "peerauthentications", ["security.istio.io"], ["v1", "v1beta1"]),
        ResourceKind("AuthorizationPolicy", "authorizationpolicies", ["security.istio.io"], ["v1", "v1beta1"]),
        ResourceKind("RequestAuthentication", "requestauthentications", ["security.istio.io"], ["v1", "v1beta1"]),
        ResourceKind("IstioOperator", "istiooperators", ["install.istio.io"], ["v1alpha1"]),
    ]

    private static let multiClusterGroups = ["multicluster.x-k8s.io", "multicluster.k8s.io", "net.gke.io"]

    private static let multiCluster: [ResourceKind] = [
        ResourceKind("ServiceExport", "serviceexports", multiClusterGroups, ["v1", "v1beta1", "v1alpha1"]),
        ResourceKind("ServiceImport", "serviceimports", multiClusterGroups, ["v1", "v1beta1", "v1alpha1"]),
        ResourceKind("MultiClusterService", "multiclusterservices", ["networking.gke.io"], ["v1"]),
    ]

    private static let addresses: [ResourceKind] = [
        ResourceKind("DNSEndpoint", "dnsendpoints", ["externaldns.k8s.io"], ["v1alpha1"]),
        ResourceKind("IPAddressPool", "ipaddresspools", ["metallb.io"], ["v1beta1"]),
        ResourceKind("AddressPool", "addresspools", ["metallb.io"], ["v1beta1", "v1alpha1"]),
        ResourceKind("L2Advertisement", "l2advertisements", ["metallb.io"], ["v1beta1"]),
        ResourceKind("BGPAdvertisement", "bgpadvertisements", ["metallb.io"], ["v1beta1"]),
        ResourceKind("BGPPeer", "bgppeers", ["metallb.io"], ["v1beta2", "v1beta1"]),
    ]

    private static let monitoring: [ResourceKind] = [
        ResourceKind("ServiceMonitor", "servicemonitors", ["monitoring.coreos.com"], ["v1"]),
        ResourceKind("PodMonitor", "podmonitors", ["monitoring.coreos.com"], ["v1"]),
        ResourceKind("PrometheusRule", "prometheusrules", ["monitoring.coreos.com"], ["v1"]),
    ]

    private static let adminGroup = ["policy.networking.k8s.io"]
    private static let calico = ["projectcalico.org", "crd.projectcalico.org"]

    private static let otherPolicies: [ResourceKind] = [
        ResourceKind("AdminNetworkPolicy", "adminnetworkpolicies", adminGroup, ["v1alpha1"], isNamespaced: false),
        ResourceKind(
            "BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies", adminGroup, ["v1alpha1"], isNamespaced: false),
        ResourceKind("ClusterNetworkPolicy", "clusternetworkpolicies", adminGroup, ["v1alpha2"], isNamespaced: false),
        ResourceKind("CiliumNetworkPolicy", "ciliumnetworkpolicies", ["cilium.io"], ["v2"]),
        ResourceKind(
            "CiliumClusterwideNetworkPolicy", "ciliumclusterwidenetworkpolicies", ["cilium.io"], ["v2"],
            isNamespaced: false),
        ResourceKind("NetworkPolicy", "networkpolicies", calico, ["v3", "v1"]),
        ResourceKind("GlobalNetworkPolicy", "globalnetworkpolicies", calico, ["v3", "v1"], isNamespaced: false),
    ]

    /// The few ConfigMaps that say how the cluster's network is set up, by namespace and name.
    static let configMaps: [(namespace: String, name: String)] = [
        ("kube-system", "coredns"), ("kube-system", "coredns-custom"), ("kube-system", "rke2-coredns-rke2-coredns"),
        ("kube-system", "node-local-dns"), ("kube-system", "kubeadm-config"), ("metallb-system", "config"),
        ("istio-system", "istio"),
    ]
}
