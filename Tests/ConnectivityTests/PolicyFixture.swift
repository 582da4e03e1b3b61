import Connectivity
import ManifestFiles
import Manifests
import NetValues
import Testing

/// A declared state written in a test, asked by names.
struct PolicyFixture {
    let state: DeclaredState
    let evaluation: PolicyEvaluation

    init(_ text: String, file: String = "a.yaml") {
        state = DeclaredState(ManifestReader.read(Array(text.utf8), file: file))
        evaluation = PolicyEvaluation(state)
    }

    /// "shop/web", a range, or "external".
    func party(_ text: String) throws -> Party {
        if text == "external" { return .external }
        if let range = AddressRange(text) { return .range(range) }
        let index = state.workloads.firstIndex { "\($0.namespace)/\($0.name)" == text }
        return .workload(try #require(index, "no workload \(text)"))
    }

    func verdict(_ from: String, _ to: String, _ port: UInt16, _ transport: PortTransport = .tcp) throws
        -> PolicyVerdict
    {
        evaluation.verdict(from: try party(from), to: try party(to), transport: transport, port: port)
    }

    func allows(_ from: String, _ to: String, _ port: UInt16, _ transport: PortTransport = .tcp) throws -> Bool {
        try verdict(from, to, port, transport).isAllowed
    }

    func ports(_ from: String, _ to: String) throws -> String {
        evaluation.ports(from: try party(from), to: try party(to)).description
    }

    /// Pods of namespace `a` and `b`, each with its name as label `app`; port 80 is called `http`.
    static let pods = """
        kind: Namespace
        apiVersion: v1
        metadata: {name: a, labels: {team: red}}
        ---
        kind: Namespace
        apiVersion: v1
        metadata: {name: b, labels: {team: blue}}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: web, namespace: a, labels: {app: web, tier: front}}
        spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: db, namespace: a, labels: {app: db, tier: back}}
        spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: web, namespace: b, labels: {app: web, tier: front}}
        spec: {containers: [{name: c}]}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: agent, namespace: b, labels: {app: agent}}
        spec: {hostNetwork: true, containers: [{name: c}]}
        ---

        """

    /// A policy of namespace `a` on its pods `app: db`.
    static func onDatabase(_ spec: String) -> PolicyFixture {
        PolicyFixture(
            pods + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: db, namespace: a}
                spec:
                  podSelector: {matchLabels: {app: db}}
                \(spec.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
                """)
    }
}
