import Manifests
import NetValues
import YAML

/// The clouds whose controllers read annotations of Services.
enum Cloud: String, CaseIterable {
    case aws = "AWS"
    case azure = "Azure"
    case google = "Google Cloud"

    /// Of an annotation that this cloud's controller alone reads.
    init?(annotation key: String) {
        if key.hasPrefix("service.beta.kubernetes.io/aws-") {
            self = .aws
        } else if key.hasPrefix("service.beta.kubernetes.io/azure-") {
            self = .azure
        } else if [
            "cloud.google.com/load-balancer-type", "networking.gke.io/load-balancer-type", "cloud.google.com/neg",
        ]
        .contains(key) {
            self = .google
        } else {
            return nil
        }
    }

    /// The one annotation that is copied from examples to every cloud.
    static let copied = "service.beta.kubernetes.io/aws-load-balancer-type"

    /// Signs of the clouds that a set of manifests is for, the annotation in question set aside.
    static func signs(in state: DeclaredState) -> [Cloud: String] {
        var found: [Cloud: String] = [:]
        func note(_ cloud: Cloud, _ object: ManifestObject) {
            if found[cloud] == nil { found[cloud] = object.title }
        }
        for object in state.set.objects {
            let texts = [
                object.apiVersion, object.spec?["providerID"]?.text ?? "", object["provisioner"]?.text ?? "",
                object.spec?["controller"]?.text ?? "",
            ]
            for (cloud, marks) in marks where texts.contains(where: { text in marks.contains(where: text.contains) }) {
                note(cloud, object)
            }
            for (key, value) in object.annotations.merging(object.labels, uniquingKeysWith: { $1 }) {
                if let cloud = Cloud.deliberate(key, value) { note(cloud, object) }
            }
        }
        return found
    }

    private static let marks: [(Cloud, [String])] = [
        (.aws, ["aws://", "aws.com", ".aws.", "elbv2.k8s.aws", "ingress.k8s.aws"]),
        (.azure, ["azure://", "azure.com", "disk.csi.azure", "file.csi.azure"]),
        (.google, ["gce://", "gke.io", "pd.csi.storage.gke"]),
    ]

    /// Who writes these knows the cloud: a type of load balancer alone is copied from anywhere.
    private static func deliberate(_ key: String, _ value: String) -> Cloud? {
        if value.hasPrefix("arn:aws:") || key.hasPrefix("eks.amazonaws.com/")
            || key.hasPrefix("alb.ingress.kubernetes.io/")
            || value == "alb" && key == "kubernetes.io/ingress.class"
        {
            return .aws
        }
        if key.hasPrefix("kubernetes.azure.com/") || key.hasPrefix("azure.workload.identity/")
            || key.hasPrefix("appgw.ingress.kubernetes.io/")
        {
            return .azure
        }
        if key.hasPrefix("cloud.google.com/") || key.hasPrefix("iam.gke.io/") { return .google }
        return key.hasPrefix("service.beta.kubernetes.io/aws-load-balancer-")
            && key != copied ? .aws : nil
    }
}
