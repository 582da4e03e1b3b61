/// What manifests say, joined with what is seen: the same wire pictures with and without a policy that explains them.
extension Scenario {
    static let declaredStates: [Scenario] = [deniedFlow, allowedFlow, unenforced, deniedDNS, emptyService, soundShop]

    /// Two pods, of which the client is one, and a Service.
    private static func shop(_ policies: String, selector: String = "db") -> LabChange {
        .shell(
            "c",
            """
            cat >{lab}/shop.yaml <<'END'
            kind: Pod
            apiVersion: v1
            metadata: {name: web, namespace: shop, labels: {app: web}}
            spec: {containers: [{name: web, image: web}]}
            status: {podIP: 198.18.1.2}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: db, namespace: shop, labels: {app: db}}
            spec: {containers: [{name: db, image: db, ports: [{containerPort: 80}, {containerPort: 81}]}]}
            status: {podIP: 198.18.2.2}
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: db, namespace: shop}
            spec: {clusterIP: 198.18.2.9, selector: {app: \(selector)}, ports: [{name: db, port: 81}]}
            ---
            \(policies)
            END
            """)
    }

    private static func policy(_ app: String, _ direction: String, _ rules: String = "[]") -> String {
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

    private static let only80 = policy("db", "Ingress", "[{from: [{podSelector: {}}], ports: [{port: 80}]}]")
    private static let drop81 = LabChange.filter("r", at: "forward", rule: "tcp dport 81 drop")
    private static let manifests = ["--manifests", "{lab}/shop.yaml"]
    private static let twoPorts = """
          - {name: open, tcp: "198.18.2.2:80"}
          - {name: other, tcp: "198.18.2.2:81"}
        """

    private static let deniedFlow = Scenario(
        name: "declared: a policy denies what is silent",
        changes: [.http(port: 80), .http(port: 81), drop81, shop(only80)], checks: twoPorts, options: manifests,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["policy-denies-expected-flow"],
            statuses: ["open": "passed", "other": "failed"], headline: "policy-denies-expected-flow",
            says: ["shop/db-policy", "ingress of shop/db[Pod] does not allow it"]))

    private static let allowedFlow = Scenario(
        name: "declared: the policies allow what is silent",
        changes: [
            .http(port: 80), .http(port: 81), drop81,
            shop(policy("db", "Ingress", "[{from: [{podSelector: {}}], ports: [{port: 80, endPort: 81}]}]")),
        ], checks: twoPorts, options: manifests,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], statuses: ["open": "passed", "other": "failed"]))

    private static let unenforced = Scenario(
        name: "declared: a policy denies what connects", changes: [.http(port: 80), .http(port: 81), shop(only80)],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: other, tcp: "198.18.2.2:81", expect: blocked}
            """, options: manifests,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["policy-not-enforced"],
            statuses: ["open": "passed", "other": "failed"], headline: "policy-not-enforced"))

    private static let deniedDNS = Scenario(
        name: "declared: a policy without DNS",
        changes: [
            .resolver("nameserver 198.18.2.53"),
            .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 drop"),
            shop(policy("web", "Egress", "[{to: [{podSelector: {}}], ports: [{port: 80}]}]")),
        ],
        checks: """
              - {name: name, dns: db.shop.svc.cluster.local}
            """, options: manifests,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["policy-missing-dns-egress"], statuses: ["name": "failed"],
            headline: "policy-missing-dns-egress", says: ["shop/web-policy"]))

    private static let emptyService = Scenario(
        name: "declared: a Service that selects nothing",
        changes: [
            .filter("r", at: "forward", rule: "ip daddr 198.18.2.9 reject with icmp type port-unreachable"),
            shop("", selector: "database"),
        ],
        checks: """
              - {name: service, tcp: "198.18.2.9:81"}
            """, options: manifests,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["service-no-endpoints"], statuses: ["service": "failed"],
            headline: "service-no-endpoints", says: ["its selector matches no workload"]))

    private static let soundShop = Scenario(
        name: "declared: all as it should be", changes: [.http(port: 80), drop81, shop(only80)],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: other, tcp: "198.18.2.2:81", expect: blocked}
            """, options: manifests, expected: .healthy)
}
