import YAML

/// An IngressClass: which controller takes the Ingresses that name it.
package struct DeclaredIngressClass: Sendable {
    package let object: ManifestObject
    /// "k8s.io/ingress-nginx"
    package let controller: String
    /// It takes the Ingresses that name no class.
    package let isDefault: Bool

    package var name: String { object.name }

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("IngressClass", "networking.k8s.io") else { return nil }
        self.object = object
        controller = object.spec?["controller"]?.text ?? ""
        isDefault = object.annotations["ingressclass.kubernetes.io/is-default-class"] == "true"
    }
}
