/// Plans that `leadsman plan` derives from manifests, run where they are for: the client is the pod shop/web, the server is two pods, and
/// the router drops what the policy denies, as a network plugin does.
extension Scenario {
    static let derivedPlans: [Scenario] = [derivedHealthy, derivedEnforced, derivedNotEnforced, derivedNameless]

    private static let manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {environment: production}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: lab, labels: {environment: test}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: web, ports: [{containerPort: 8080}]}]}
        status: {podIP: 198.18.1.2}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: api, namespace: shop, labels: {app: api}}
        spec:
          containers:
          - name: api
            ports: [{name: http, containerPort: 80}]
            readinessProbe: {httpGet: {path: /ok, port: http}}
        status: {podIP: 198.18.2.2}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {clusterIP: 198.18.2.2, selector: {app: api}, ports: [{port: 80, targetPort: http}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db, namespace: lab, labels: {app: db}}
        spec: {containers: [{name: db, ports: [{containerPort: 5432}]}]}
        status: {podIP: 198.18.2.3}
        ---

        """

    private static let policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: closed, namespace: lab}
        spec: {podSelector: {}, policyTypes: [Ingress]}

        """

    private static let enforced = LabChange.filter(
        "r", at: "forward", rule: "ip daddr 198.18.2.3 tcp flags syn / syn,ack drop")

    private static func derived(
        _ name: String, _ text: String, _ changes: LabChange..., expected: Expected
    ) -> Scenario {
        let cluster: [LabChange] = [
            .names("kubernetes.default.svc.cluster.local A 198.18.2.9", "api.shop.svc.cluster.local A 198.18.2.2"),
            .resolver("nameserver 198.18.2.2"), .shell("s", "ip address add 198.18.2.3/24 dev to-r"), .http(),
            .web("s", port: 5432),
            .shell(
                "c",
                "cat > {lab}/shop.yaml <<'END'\n\(text)\nEND\n{leadsman} plan {lab}/shop.yaml --as shop/web --output {lab}/derived.yaml"
            ),
        ]
        return Scenario(
            name: "derived plan: \(name)", changes: cluster + changes, command: ["run", "{lab}/derived.yaml"],
            expected: expected)
    }

    private static let derivedHealthy = derived(
        "all that is declared works", manifests,
        expected: Expected(
            verdict: "healthy", exit: 0,
            statuses: [
                "dns of the cluster": "passed", "tcp shop/api:80": "passed", "http shop/api:80/ok": "passed",
                "tcp lab/db at 198.18.2.3:5432": "passed",
            ]))

    private static let derivedEnforced = derived(
        "a denied flow is blocked as declared", manifests + policy, enforced,
        expected: Expected(
            verdict: "healthy", exit: 0,
            statuses: ["tcp shop/api:80": "passed", "tcp lab/db at 198.18.2.3:5432 is blocked": "passed"]))

    /// The labels of the two namespaces make it what it is.
    private static let derivedNotEnforced = derived(
        "env-isolation-breach where the policy is declared only", manifests + policy,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["env-isolation-breach"],
            statuses: ["tcp shop/api:80": "passed", "tcp lab/db at 198.18.2.3:5432 is blocked": "failed"],
            headline: "env-isolation-breach", says: ["production reaches test"]))

    /// Names are denied as declared, and so what is asked for by address works.
    private static let derivedNameless = derived(
        "a policy without DNS",
        manifests
            + """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web, namespace: shop}
            spec:
              podSelector: {matchLabels: {app: web}}
              policyTypes: [Egress]
              egress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]

            """,
        .filter("r", at: "forward", rule: "ip saddr 198.18.1.2 tcp dport != 80 drop"),
        .filter("r", at: "forward", rule: "ip saddr 198.18.1.2 meta l4proto udp drop"),
        expected: Expected(
            verdict: "healthy", exit: 0,
            statuses: [
                "dns of the cluster": "passed", "tcp shop/api:80": "passed", "http shop/api:80/ok": "passed",
                "tcp lab/db at 198.18.2.3:5432 is blocked": "passed",
            ]))
}
