import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A StatefulSet whose pods get no names, since its headless Service is not there (catalogue section 14).
enum HeadlessServiceMissing: AuditRule {
    static let explanation = FindingExplanation(
        id: "headless-service-missing", severity: .error, title: "A StatefulSet has no headless Service",
        signals: ["spec.serviceName of a StatefulSet names no Service of its namespace with clusterIP: None"],
        lookalikes: [
            "pods that are not ready have no name either, unless the Service publishes them",
            "a single pod, which is reached by the Service itself: told for information",
        ],
        traps: ["the Service may be declared elsewhere: possible only, unless a whole cluster was read"],
        remedy: [
            "add a Service of that name with clusterIP: None and the labels of the pods",
            "kubectl get svc -n NAMESPACE: it must show None as CLUSTER-IP",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.workloads.compactMap { workload in
            guard workload.object.isKind("StatefulSet", "apps"), let entry = workload.object.spec?.entry("serviceName"),
                let name = entry.value.text
            else { return nil }
            let service = state.service(workload.namespace, name)
            if let service, service.isHeadless { return nil }
            // One pod has no other member to find; clients reach it by the Service.
            let isAlone = service != nil && workload.replicas ?? 1 <= 1
            return finding(
                workload.object, at: workload.object.place(entry), severity: isAlone ? .info : nil,
                confidence: service != nil ? .certain : state.confidence(ofMissing: "Service"),
                summary: service == nil
                    ? "\(workload.object.title) takes its pods' names from the Service \(name.escaped(limit: 63)), which was not declared."
                    : "\(workload.object.title) takes its pods' names from the Service \(name.escaped(limit: 63)), which is not headless.",
                evidence: evidence(workload, name, service, state),
                cause:
                    "Pods of a StatefulSet are known by name (\(workload.name.escaped(limit: 63))-0.\(name.escaped(limit: 63))) only through a Service with clusterIP: None. Without it these names do not exist\(isAlone ? "; a single pod seldom needs one." : ", and members do not find each other.")",
                remedy: service == nil ? nil : second(name, state, workload.namespace),
                patch: patch(workload, service == nil ? name : free(name, in: workload.namespace, state)))
        }
    }

    private static func evidence(
        _ workload: Workload, _ name: String, _ service: DeclaredService?, _ state: DeclaredState
    ) -> [String] {
        if let service {
            return [
                "\(service.object.title)\(place(service)) has clusterIP \(service.clusterIPs.first ?? "given by the cluster")"
            ]
        }
        let others = state.services.filter { $0.name == name && $0.namespace != workload.namespace }
        return others.prefix(2).map { "\($0.object.title)\(place($0)) is of another namespace" }
            + state.limits(
                "Service",
                "no Service \(name.escaped(limit: 63)) in namespace \(workload.namespace) among what was read")
    }

    /// Neither may be changed once it is there: `clusterIP` of the Service, `serviceName` of the StatefulSet.
    private static func second(_ name: String, _ state: DeclaredState, _ namespace: String) -> [String] {
        let other = free(name, in: namespace, state).escaped(limit: 63)
        return [
            "add a second Service, \(other), with clusterIP: None and the labels of the pods; the clusterIP of \(name.escaped(limit: 63)) cannot be changed",
            "make the StatefulSet anew with serviceName: \(other), which cannot be changed either (kubectl delete sts NAME --cascade=orphan keeps the pods)",
        ]
    }

    private static func free(_ name: String, in namespace: String, _ state: DeclaredState) -> String {
        let names = ["\(name.prefix(54))-headless", "\(name.prefix(58))-pods", "\(name.prefix(57))-peers"]
        return names.first { state.service(namespace, $0) == nil } ?? names[0]
    }

    private static func place(_ service: DeclaredService) -> String {
        service.object.place.words.map { " (\($0))" } ?? ""
    }

    private static func patch(_ workload: Workload, _ name: String) -> String? {
        guard !workload.labels.isEmpty else { return nil }
        let selector = workload.object.spec?["selector"]?["matchLabels"]?.textMap ?? workload.labels
        let ports = workload.template.ports.prefix(16).flatMap { port in
            [
                "  - name: \(yamlScalar(port.name ?? "port-\(port.number)"))", "    port: \(port.number)",
                "    protocol: \(port.transport.rawValue)",
            ]
        }
        let lines =
            [
                "apiVersion: v1", "kind: Service", "metadata:", "  name: \(yamlScalar(name))",
                "  namespace: \(yamlScalar(workload.namespace))", "spec:", "  clusterIP: None", "  selector:",
            ] + YAMLLines.map(selector.isEmpty ? workload.labels : selector, indent: 4)
        return (lines + (ports.isEmpty ? [] : ["  ports:"] + ports)).joined(separator: "\n")
    }
}
