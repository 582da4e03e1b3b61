/// Manifests for the tests of policies, in namespace shop.
enum Shop {
    static func pod(_ name: String, _ labels: String, namespace: String = "shop", more: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          selector: {matchLabels: {\(labels)}}
          template:
            metadata: {labels: {\(labels)}}
            spec:
              containers:
              - name: c
                image: c:1
                ports: [{name: web, containerPort: 8080}]
        \(more)
        ---

        """
    }

    /// - Parameter spec: its lines, in from the left by two.
    static func policy(_ name: String, namespace: String? = "shop", _ spec: String) -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: \(name)\(namespace.map { "\n  namespace: \($0)" } ?? "")
        spec:
        \(spec)
        ---

        """
    }

    static func service(
        _ name: String, _ selector: String, _ ports: String, namespace: String = "shop", more: String = ""
    )
        -> String
    {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          selector: {\(selector)}
          ports: [\(ports)]
        \(more)
        ---

        """
    }

    /// Everything is isolated, and DNS is allowed: nothing of the namespace is open or without names.
    static let sound =
        policy("default-deny", "  podSelector: {}\n  policyTypes: [Ingress, Egress]")
        + policy(
            "dns",
            """
              podSelector: {}
              policyTypes: [Egress]
              egress:
              - to:
                - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
                  podSelector: {matchLabels: {k8s-app: kube-dns}}
                ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
            """)
}

extension String {
    /// The number of the line that holds a text, from 1; 0 where none does.
    func line(of text: String) -> Int {
        (split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(text) } ?? -1) + 1
    }
}
