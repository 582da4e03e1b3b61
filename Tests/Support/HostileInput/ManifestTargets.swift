import Auditing
import Connectivity
import Diagnosis
import ManifestFiles
import Manifests
import NetValues

extension FuzzTarget {
    private static let manifestWords = [
        "apiVersion: ", "kind: ", "metadata: ", "spec: ", "---\n", "networking.k8s.io/v1", "NetworkPolicy", "Service",
        "Deployment",
        "VirtualService", "PrometheusRule", "podSelector: ", "matchLabels: ", "ingress: ", "egress: ", "ipBlock: ",
        "cidr: ", "except: ", "ports: ",
        "endPort: ", "targetPort: ", "&a ", "*a", "<<: ", "- ", "{", "}", "[", "]", "|\n ", "{{ .Values }}", "null",
        "65536", "-1",
    ]

    /// Reading, every rule, and who may talk to whom.
    static let manifests = FuzzTarget(
        "manifests", words: manifestWords,
        seeds: {
            [
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: a, namespace: shop}
                spec:
                  podSelector: {matchLabels: {app: web}}
                  policyTypes: [Ingress, Egress]
                  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: http, protocol: TCP}]}]
                  egress: [{to: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}], ports: [{port: 80, endPort: 90}]}]
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: shop}
                spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b, ports: [{name: http, containerPort: 80}]}]}}}
                """,
                """
                {"kind": "List", "apiVersion": "v1", "items": [{"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80, "targetPort": "http"}]}}]}
                """,
                """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: a}
                spec: {hosts: [a], gateways: [g], http: [{match: [{headers: {a: {exact: b}}}], route: [{destination: {host: a, subset: v1}, weight: 10}]}]}
                ---
                apiVersion: monitoring.coreos.com/v1
                kind: PrometheusRule
                metadata: {name: a}
                spec: {groups: [{rules: [{alert: A, expr: "histogram_quantile(0.9, sum by (le) (rate(a_bucket{b=\\"c\\"}[5m]))) > 2"}]}]}
                """,
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        for file in ["a.yaml", "guide.md"] {
            let state = DeclaredState(ManifestReader.read(bytes, file: file))
            for finding in AuditBook.judge(state) {
                let line = finding.location?.line ?? 1
                try hold((1...bytes.count + 1).contains(line), "\(finding.id) in line \(line)")
                try hold(
                    !finding.summary.utf8.contains { $0 < 0x20 },
                    "control characters: \(finding.summary.debugDescription)")
            }
            guard state.workloads.count <= 64 else { continue }
            ConnectivityRows(PolicyEvaluation(state)).forEach { _ in }
        }
    }
}
