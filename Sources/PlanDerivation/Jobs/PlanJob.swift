import Connectivity
import Manifests
import NetValues
import YAML

/// One plan and the Job that runs it, from a pod that policies and Services take for one of a label set.
package struct PlanJob: Sendable {
    /// Of a ConfigMap: the API takes a mebibyte in all (ConfigMap, `data`).
    static let largestPlan = 1_000_000
    /// Set by the Job's own controller; the API refuses others (batch/v1, generatePodTemplate).
    private static let jobLabels: Set<String> = [
        "controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    ]

    /// Of the Job and its ConfigMap.
    package let name: String
    package let namespace: String
    /// With as many checks as a ConfigMap holds.
    package let plan: DerivedPlan
    package let planText: String
    /// What whoever applies it has to know before.
    package let warnings: [String]
    private let head: [String]
    private let labels: [(key: String, value: String)]
    private let serviceAccount: String
    /// Nil: the cluster's default.
    private let dnsPolicy: String?
    private let image: String

    init(
        _ name: String, _ set: LabelSet, as vantage: Int, _ evaluation: PolicyEvaluation,
        _ settings: PlanJobs.Settings
    ) {
        let state = evaluation.state
        let own = state.workloads[vantage]
        self.name = name
        namespace = own.namespace
        let plan = PlanDerivation.plan(
            evaluation, as: vantage, domain: settings.domain, mostChecks: PlanDerivation.mostChecks)
        let text = plan.text
        let fits = text.utf8.count <= Self.largestPlan
        self.plan = fits ? plan : plan.cut(toBytes: Self.largestPlan)
        planText = fits ? text : self.plan.text
        labels = own.labels.filter { !Self.jobLabels.contains($0.key) }.sorted { $0.key < $1.key }
        serviceAccount = own.template.serviceAccount
        // None has servers of its own beside it, which are not taken over.
        dnsPolicy = own.template.spec["dnsPolicy"]?.text.flatMap { $0 == "None" ? nil : $0 }
        image = settings.image
        let published = set.services.filter { name in
            state.service(own.namespace, name)?.object.spec?["publishNotReadyAddresses"]?.bool == true
        }
        warnings = published.map {
            "Service \(own.namespace)/\($0) publishes pods that are not ready: while the Job runs, its pod is an endpoint of it, and answers nothing"
        }
        head = Self.head(state, set, own) + warnings
    }

    private static func head(_ state: DeclaredState, _ set: LabelSet, _ own: Workload) -> [String] {
        let others = set.members.map { state.workloads[$0] }.filter { $0.title != own.title }.map(\.title).unique()
        let more = others.count > 8 ? " and \(others.count - 8) more" : ""
        let also = others.isEmpty ? "" : ", and as \(others.prefix(8).joined(separator: ", "))\(more)"
        var lines = [
            "Runs a plan as \(own.title)\(also): policies and Services take a pod with these labels for one of them.",
            "The Job fails where the network is not as the manifests say.",
        ]
        if !set.services.isEmpty {
            lines.append(
                "Its pod is never ready, so that \(set.services.map { "Service \($0)" }.joined(separator: ", ")) sends it nothing."
            )
        }
        return lines
    }

    /// A ConfigMap and a Job, to be applied as they stand.
    package var manifest: String {
        let plan = planText.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        var lines = head.map(DerivedPlan.comment)
        lines += ["apiVersion: v1", "kind: ConfigMap"] + metadata + ["data:", "  plan.yaml: |"]
        lines += plan.map { $0.isEmpty ? "" : "    \($0)" }
        lines += ["---", "apiVersion: batch/v1", "kind: Job"] + metadata
        lines += [
            "spec:", "  backoffLimit: 0", "  activeDeadlineSeconds: 1800", "  ttlSecondsAfterFinished: 86400",
            "  template:",
        ]
        if !labels.isEmpty {
            lines += ["    metadata:", "      labels:"]
            lines += labels.map { "        \(yamlScalar($0.key)): \(yamlScalar($0.value))" }
        }
        return (lines + pod).joined(separator: "\n") + "\n"
    }

    private var metadata: [String] {
        [
            "metadata:", "  name: \(name)", "  namespace: \(yamlScalar(namespace))", "  labels:",
            "    app.kubernetes.io/managed-by: leadsman",
        ]
    }

    private var pod: [String] {
        let resolver = dnsPolicy.map { ["      dnsPolicy: \(yamlScalar($0))"] } ?? []
        return ["    spec:"] + resolver + container
    }

    private var container: [String] {
        """
              restartPolicy: Never
              # Nothing ever sets this, so the pod is never ready and joins no Service that selects its labels.
              readinessGates:
                - conditionType: leadsman.dev/never
              serviceAccountName: \(yamlScalar(serviceAccount))
              automountServiceAccountToken: false
              enableServiceLinks: false
              securityContext:
                runAsNonRoot: true
                runAsUser: 65532
                seccompProfile:
                  type: RuntimeDefault
              containers:
                - name: leadsman
                  image: \(yamlScalar(image))
                  command: [leadsman, run, /plan/plan.yaml]
                  resources:
                    requests: {cpu: 100m, memory: 64Mi}
                    limits: {memory: 512Mi}
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL]}
                  volumeMounts:
                    - name: plan
                      mountPath: /plan
                      readOnly: true
              volumes:
                - name: plan
                  configMap:
                    name: \(name)
        """.split(separator: "\n").map(String.init)
    }
}
