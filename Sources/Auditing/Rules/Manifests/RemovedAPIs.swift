/// Versions that Kubernetes serves no more (its "Deprecated API Migration Guide").
struct RemovedAPI {
    /// The minor version of Kubernetes 1 that serves it no more.
    let goneIn: Int
    let successor: String
    /// The fields are the same, so that the line is all there is to change.
    let isSame: Bool

    static func of(_ apiVersion: String, _ kind: String) -> RemovedAPI? { all["\(apiVersion) \(kind)"] }

    private static let all: [String: RemovedAPI] = {
        var all: [String: RemovedAPI] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 3, let minor = Int(words[1]) else { continue }
            let isSame = words[2].hasSuffix("=")
            let removed = RemovedAPI(goneIn: minor, successor: words[2].filter { $0 != "=" }, isSame: isSame)
            for kind in words[3...] { all["\(words[0]) \(kind)"] = removed }
        }
        return all
    }()

    /// Version, minor version of Kubernetes, successor (with `=`: fields are the same), kinds.
    private static let table = """
        extensions/v1beta1 16 apps/v1 Deployment DaemonSet ReplicaSet
        extensions/v1beta1 16 networking.k8s.io/v1= NetworkPolicy
        extensions/v1beta1 22 networking.k8s.io/v1 Ingress
        extensions/v1beta1 16 none PodSecurityPolicy
        apps/v1beta1 16 apps/v1 Deployment StatefulSet
        apps/v1beta2 16 apps/v1= Deployment StatefulSet DaemonSet ReplicaSet
        networking.k8s.io/v1beta1 22 networking.k8s.io/v1 Ingress
        networking.k8s.io/v1beta1 22 networking.k8s.io/v1= IngressClass
        batch/v2alpha1 21 batch/v1= CronJob
        batch/v1beta1 25 batch/v1= CronJob
        policy/v1beta1 25 policy/v1 PodDisruptionBudget
        policy/v1beta1 25 none PodSecurityPolicy
        autoscaling/v2beta1 25 autoscaling/v2 HorizontalPodAutoscaler
        autoscaling/v2beta2 26 autoscaling/v2= HorizontalPodAutoscaler
        discovery.k8s.io/v1beta1 25 discovery.k8s.io/v1 EndpointSlice
        discovery.k8s.io/v1alpha1 22 discovery.k8s.io/v1 EndpointSlice
        rbac.authorization.k8s.io/v1beta1 22 rbac.authorization.k8s.io/v1= Role RoleBinding ClusterRole ClusterRoleBinding
        rbac.authorization.k8s.io/v1alpha1 22 rbac.authorization.k8s.io/v1= Role RoleBinding ClusterRole ClusterRoleBinding
        apiextensions.k8s.io/v1beta1 22 apiextensions.k8s.io/v1 CustomResourceDefinition
        apiregistration.k8s.io/v1beta1 22 apiregistration.k8s.io/v1= APIService
        admissionregistration.k8s.io/v1beta1 22 admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration MutatingWebhookConfiguration
        certificates.k8s.io/v1beta1 22 certificates.k8s.io/v1 CertificateSigningRequest
        coordination.k8s.io/v1beta1 22 coordination.k8s.io/v1= Lease
        events.k8s.io/v1beta1 25 events.k8s.io/v1 Event
        node.k8s.io/v1beta1 25 node.k8s.io/v1= RuntimeClass
        scheduling.k8s.io/v1beta1 22 scheduling.k8s.io/v1= PriorityClass
        scheduling.k8s.io/v1alpha1 22 scheduling.k8s.io/v1= PriorityClass
        storage.k8s.io/v1beta1 22 storage.k8s.io/v1= StorageClass VolumeAttachment CSIDriver CSINode
        storage.k8s.io/v1beta1 27 storage.k8s.io/v1= CSIStorageCapacity
        flowcontrol.apiserver.k8s.io/v1beta1 26 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
        flowcontrol.apiserver.k8s.io/v1beta2 29 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
        flowcontrol.apiserver.k8s.io/v1beta3 32 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
        """
}
