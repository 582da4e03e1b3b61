import Diagnosis

extension [Finding] {
    /// Lines at which an id stands, in the order of the report.
    func lines(of id: String) -> [Int] { filter { $0.id == id }.map { $0.location?.line ?? 0 } }
    func first(_ id: String) -> Finding? { first { $0.id == id } }
}

/// A sound shop: what rules on Services, Ingresses and certificates must be silent about. Tests break one thing of it.
let soundShop = """
    apiVersion: networking.k8s.io/v1
    kind: IngressClass
    metadata: {name: nginx}
    spec: {controller: k8s.io/ingress-nginx}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: web
            image: web:1
            ports:
            - {name: http, containerPort: 8080}
            readinessProbe:
              httpGet:
                path: /ready
                port: http
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      namespace: shop
      labels: {app: web}
    spec:
      selector:
        app: web
      ports:
      - name: http
        port: 80
        targetPort: 8080
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: shop-tls, namespace: shop}
    type: kubernetes.io/tls
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: shop
      namespace: shop
    spec:
      ingressClassName: nginx
      tls:
      - hosts: [shop.example.com]
        secretName: shop-tls
      rules:
      - host: shop.example.com
        http:
          paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80

    """

/// The ids whose rules stand in Rules/Services, LoadBalancing, Ingress and TLS.
let serviceIds: Set<String> = [
    "service-no-endpoints", "service-port-mismatch", "lb-no-local-endpoints", "lb-health-check-misconfigured",
    "lb-config-ineffective", "lb-ip-pending", "lb-sprawl", "public-lb-unrestricted", "plaintext-service",
    "ingress-backend-missing", "tls-default-certificate", "tls-plaintext-on-tls-port", "tls-cert-expired",
    "tls-cert-expiring", "tls-name-mismatch", "headless-service-missing", "single-point-of-failure", "arp-duplicate-ip",
    "monitor-selects-nothing",
]

extension [Finding] {
    var ofServices: [String] { filter { serviceIds.contains($0.id) }.places }
}
