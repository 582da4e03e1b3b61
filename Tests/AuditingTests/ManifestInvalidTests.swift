import Diagnosis
import Testing

/// Faults with their lines; the sound counterpart of each differs by what is wrong alone.
@Suite struct ManifestInvalidTests {
    static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector:
            matchLabels: {app: web}
          template:
            metadata:
              labels: {app: web}
            spec:
              containers:
              - name: web
                image: web:1
                env:
                - {name: A, value: "1"}
                ports:
                - {name: http, containerPort: 8080}
                readinessProbe:
                  httpGet: {path: /ready, port: http}
        """

    @Test func aSoundDeployment_isSilent() { #expect(!audit(Self.deployment).ids.contains("manifest-invalid")) }

    @Test(arguments: [
        ("replicas: 2", "replicas: \"2\"", 5), ("replicas: 2", "replicaz: 2", 5),
        ("matchLabels: {app: web}", "matchLabels: {app: api}", 6),
        ("labels: {app: web}", "labels: {app: 1}", 6), ("image: web:1", "tty: true", 13),
        ("value: \"1\"", "value: 1", 16), ("value: \"1\"", "value: true", 16), ("port: http", "port: \"8080\"", 20),
        ("containerPort: 8080", "containerPort: 80800", 18), ("name: http,", "name: a-name-that-is-too-long,", 18),
        ("httpGet: {path: /ready, port: http}", "httpGet: {path: /ready, prot: http}", 20),
        ("      containers:", "      restartPolicy: Never\n      containers:", 12),
        ("metadata: {name: web}", "metadata: {name: Web}", 3),
        ("metadata: {name: web}", "metadata: {labels: {a: b}}", 3),
        ("      containers:", "      containerz:", 12),
    ])
    func whatTheAPIRefuses_isToldAtItsLine(good: String, bad: String, line: Int) {
        let found = audit(Self.deployment.replacing(good, with: bad)).filter { $0.id == "manifest-invalid" }
        #expect(found.places.contains("manifest-invalid:\(line)"), "\(found.places)")
    }

    @Test func aJobNeedsAnotherRestartPolicy() {
        let job = """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: sync}
            spec:
              template:
                spec:
                  restartPolicy: %
                  containers: [{name: a, image: b}]
            """
        #expect(audit(job.replacing("%", with: "Always")).places == ["manifest-invalid:7"])
        #expect(audit(job.replacing("      restartPolicy: %\n", with: "")).places == ["manifest-invalid:6"])
        #expect(audit(job.replacing("%", with: "OnFailure")).isEmpty)
    }

    @Test func portsOfAService() {
        let service = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              ports:
              - {name: a, port: 80}
              - {name: b, port: 81}
            """
        #expect(!audit(service).ids.contains("manifest-invalid"))
        for (good, bad, line) in [
            ("{name: b, port: 81}", "{port: 81}", 8), ("port: 81", "port: 80", 8), ("name: b", "name: a", 8),
            ("{app: web}", "{app: true}", 5), ("port: 81", "port: 0", 8), ("port: 81", "nodePort: 81", 8),
        ] {
            #expect(audit(service.replacing(good, with: bad)).places.contains("manifest-invalid:\(line)"), "\(bad)")
        }
    }

    @Test func partsOfAPolicy() {
        let policy = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web}
            spec:
              podSelector: {}
              policyTypes: [Ingress]
              ingress:
              - from:
                - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
                ports:
                - {protocol: TCP, port: 80, endPort: 90}
            """
        #expect(!audit(policy).ids.contains("manifest-invalid"))
        for (good, bad, line) in [
            ("10.1.0.0/16", "11.1.0.0/16", 9), ("endPort: 90", "endPort: 70", 11), ("- from:", "- form:", 8),
            ("port: 80,", "port: \"80\",", 11), ("[Ingress]", "[ingress]", 6), ("protocol: TCP", "protocol: ICMP", 11),
        ] {
            #expect(audit(policy.replacing(good, with: bad)).places.contains("manifest-invalid:\(line)"), "\(bad)")
        }
    }

    @Test func secretsAreNotShown() {
        let found = audit("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: hunter2-hunter}\n")
        #expect(found.places == ["manifest-invalid:4"])
        #expect(!"\(found)".contains("hunter2"))
        #expect(audit("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: aHVudGVyMg==}\n").isEmpty)
    }

    @Test func aDocumentThatCannotBeRead_hidesNoOther() {
        let text = "kind: Pod\n\tname: a\n---\n" + Self.deployment.replacing("replicas: 2", with: "replicas: two")
        #expect(
            audit(text).places.filter { $0.hasPrefix("manifest-invalid") } == [
                "manifest-invalid:2", "manifest-invalid:8",
            ])
    }

    @Test func aTemplate_isToldOnce_andAnAlertsTextIsNone() {
        let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n"
        #expect(audit(template + "---\n" + template).places == ["manifest-invalid:4"])
        let alert = """
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata: {name: a}
            spec:
              groups:
              - rules:
                - alert: A
                  expr: rate(x_total[5m]) > 1
                  annotations: {summary: "{{ $labels.pod }} is slow"}
            """
        #expect(audit(alert).isEmpty)
    }

    @Test func aRepeatedKey_isToldAtTheSecond() {
        #expect(
            audit("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n").places == ["manifest-invalid:5"]
        )
    }
}
