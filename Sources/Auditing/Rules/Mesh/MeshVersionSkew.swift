import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Settings of a mesh that its version does not know, and proxies of another version than their control plane.
enum MeshVersionSkew: AuditRule {
    static let explanation = FindingExplanation(
        id: "mesh-version-skew", severity: .info, title: "Parts of the mesh are of different versions",
        signals: [
            "a value that Istio's operator does not know any more (global.mtls)",
            "a field that is replaced (LEAST_CONN)",
            "a proxy whose minor version is not that of istiod (IST0158)",
        ],
        lookalikes: ["a canary upgrade by revision, for a time"],
        traps: ["settings that are ignored do no harm by themselves: somebody believes in them"],
        remedy: ["upgrade, and write what took the setting's place"])

    static func findings(in state: DeclaredState) -> [Finding] {
        operators(state) + balancers(state) + proxies(state)
    }

    private static func operators(_ state: DeclaredState) -> [Finding] {
        state.objects("IstioOperator").compactMap { object in
            guard let entry = object["spec", "values", "global"]?.entry("mtls") else { return nil }
            return finding(
                object, at: object.place(entry),
                summary: "\(object.title): values.global.mtls sets nothing; mutual TLS is not made a must by it.",
                evidence: ["values.global.mtls is no value of the operator since Istio 1.5"],
                cause: "Values that are not known are left out without a word.",
                remedy: [
                    "declare a PeerAuthentication in \(MeshState.rootNamespace) with mode STRICT, and take the value out"
                ],
                patch: """
                    apiVersion: security.istio.io/v1
                    kind: PeerAuthentication
                    metadata:
                      name: default
                      namespace: \(MeshState.rootNamespace)
                    spec:
                      mtls:
                        mode: STRICT
                    """)
        }
    }

    private static func balancers(_ state: DeclaredState) -> [Finding] {
        state.mesh.destinationRules.compactMap { rule in
            let policies = [rule.object["spec", "trafficPolicy"]] + rule.subsets.map { $0.node["trafficPolicy"] }
            let simple = policies.compactMap { $0?["loadBalancer", "simple"] }
            guard let node = simple.first(where: { $0.text == "LEAST_CONN" }) else { return nil }
            return finding(
                rule.object, at: rule.object.place(node),
                summary: "\(rule.object.title): LEAST_CONN is replaced by LEAST_REQUEST.",
                evidence: ["simple: LEAST_CONN"],
                cause: "Istio deprecated the word in 1.12; a later version may refuse it.",
                remedy: ["write LEAST_REQUEST"], patch: "simple: LEAST_REQUEST")
        }
    }

    private static func proxies(_ state: DeclaredState) -> [Finding] {
        var control = Set<String>()
        for workload in state.workloads {
            for container in workload.template.containers {
                if let version = version(container["image"], of: "pilot") { control.insert(version) }
            }
        }
        guard !control.isEmpty else { return [] }
        return state.workloads.compactMap { workload in
            guard let proxy = workload.template.containers.first(where: { $0["name"]?.text == "istio-proxy" }),
                let version = version(proxy["image"], of: "proxyv2"), !control.contains(version)
            else { return nil }
            return finding(
                workload.object, at: workload.object.place(proxy["image"]),
                summary:
                    "\(workload.object.title) has a proxy of Istio \(version), and istiod is \(control.sorted().joined(separator: ", ")).",
                evidence: ["image: \(proxy["image"]?.text?.escaped(limit: 200) ?? "")"],
                cause: "A proxy keeps the version that it was created with until its pod is created anew.",
                remedy: ["restart the workload, so that the injector gives it today's proxy"])
        }
    }

    /// "1.22" of `docker.io/istio/proxyv2:1.22.3-distroless`.
    private static func version(_ image: YAMLNode?, of name: String) -> String? {
        guard let last = image?.text?.split(separator: "/").last, last.hasPrefix("\(name):") else { return nil }
        let parts = last.dropFirst(name.count + 1).split(separator: ".")
        guard parts.count >= 2, let major = UInt16(parts[0]), let minor = UInt16(parts[1].prefix { $0.isNumber }) else {
            return nil
        }
        return "\(major).\(minor)"
    }
}
