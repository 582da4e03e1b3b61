import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A Gateway of Istio whose selector finds no gateway's pods: nobody listens for its hosts (IST0101).
enum MeshGatewayUnserved: AuditRule {
    static let explanation = MeshRouteMissing.explanation

    static func findings(in state: DeclaredState) -> [Finding] {
        let gateways = state.mesh.gateways.filter { !$0.selector.isEmpty }
        guard !gateways.isEmpty else { return [] }
        let installed = state.mesh.installations.map(\.gateways)
        let isWhole = state.set.hasAllPods
        // What an installation leaves to others may be anywhere.
        guard isWhole || !installed.isEmpty && installed.allSatisfy({ $0 != nil }) else { return [] }
        let running = installed.compactMap(\.self).flatMap(\.self)
        var served: [LabelSelector: Bool] = [:]
        return gateways.compactMap { gateway in
            let selector = LabelSelector(matchLabels: gateway.selector)
            let isServed =
                served[selector]
                ?? (running.contains { selector.matches($0.labels) }
                    || state.workloads.contains { selector.matches($0.labels) })
            served[selector] = isServed
            return isServed ? nil : tell(gateway, selector, running, isWhole)
        }
    }

    private static func tell(
        _ gateway: MeshGateway, _ selector: LabelSelector, _ running: [MeshInstallation.Gateway], _ isWhole: Bool
    ) -> Finding {
        let known = running.map { "\($0.name.escaped(limit: 63)) (\(LabelSelector(matchLabels: $0.labels).words))" }
        return finding(
            gateway.object, at: gateway.object.place(gateway.object.spec?.entry("selector")),
            confidence: isWhole ? .certain : running.isEmpty ? .possible : .likely,
            summary: "\(gateway.object.title) selects no gateway: \(selector.words.escaped(limit: 200)).",
            evidence: [
                known.isEmpty ? "the installation runs no gateway" : "gateways that are installed: \(listed(known))",
                "no workload that was read has these labels",
            ],
            cause: "No proxy takes up its servers: connections for its hosts are refused, or answered with 404.",
            remedy: ["select the labels of a gateway that runs: kubectl get pods -A -l istio --show-labels"])
    }
}
