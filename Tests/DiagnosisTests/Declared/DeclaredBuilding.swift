import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Observations
import Planning

/// A shop: web and db pods, a Service each, and whatever else the test writes.
func declared(_ more: String, as name: String? = "web") -> DeclaredView {
    let text = """
        kind: Namespace
        apiVersion: v1
        metadata: {name: shop, labels: {environment: staging}}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: web, ports: [{containerPort: 8080, name: http}]}]}
        status: {podIP: 198.18.1.2}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: db, namespace: shop, labels: {app: db}}
        spec: {containers: [{name: db, ports: [{containerPort: 5432}]}]}
        status: {podIP: 198.18.2.2}
        ---
        \(more)
        """
    let state = DeclaredState(ManifestReader.read(Array(text.utf8), file: "shop.yaml"))
    return DeclaredView(
        state, name: name.map { DeclaredState.Name("shop", $0) }, namespace: "shop", addresses: [ownAddress.address])
}

func judge(_ records: CheckRecord..., with view: DeclaredView) -> Judgement {
    Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon, declared: view).judge(records)
}

/// Isolates `app` in one direction, and allows what the rules say.
func policy(_ app: String, _ direction: String, _ rules: String = "[]") -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: \(app)-policy, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: \(app)}}
      policyTypes: [\(direction)]
      \(direction.lowercased()): \(rules)
    """
}
