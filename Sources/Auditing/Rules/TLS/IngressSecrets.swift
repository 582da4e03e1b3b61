import Manifests
import NetValues
import YAML

/// Where the certificates of an Ingress come from.
enum IngressSecrets {
    /// cert-manager, or another issuer, makes the Secret: it need not be in any manifest.
    static func isIssued(_ secret: String, _ namespace: String, _ object: ManifestObject, _ state: DeclaredState)
        -> Bool
    {
        let isAsked = object.annotations.keys.contains {
            $0.hasPrefix("cert-manager.io/") || $0.hasPrefix("certmanager.k8s.io/") || $0 == "kubernetes.io/tls-acme"
                || $0.hasPrefix("cert.gardener.cloud/")
        }
        let makers = state.objects("Certificate") + state.objects("ExternalSecret") + state.objects("SealedSecret")
        return isAsked
            || makers.contains { maker in
                maker.namespace == namespace
                    && [
                        maker["spec", "secretName"]?.text, maker["spec", "target", "name"]?.text, maker.name,
                    ].contains(secret)
            }
    }
}
