import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A ServiceMonitor or PodMonitor that finds nothing to scrape (catalogue section 14).
enum MonitorSelectsNothing: AuditRule {
    static let explanation = FindingExplanation(
        id: "monitor-selects-nothing", severity: .warning, title: "A monitor finds nothing to scrape",
        signals: [
            "the labels that a ServiceMonitor wants are those of no Service, or those of a PodMonitor of no pod",
            "what it selects has no port of the name it scrapes",
        ],
        lookalikes: ["the target is down: it is found then, and up is 0"],
        traps: [
            "a ServiceMonitor goes by the labels of Services, not of pods", "helm and kustomize add labels",
            "what is declared elsewhere is not known unless a whole cluster was read",
        ],
        remedy: [
            "give the Service the labels that the monitor wants, and its port the name", "kubectl get svc -l LABELS",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let namespaces = (state.services.map(\.namespace) + state.workloads.map(\.namespace)).unique()
        return state.objects("ServiceMonitor", "monitoring.coreos.com").compactMap {
            Monitor($0, ports: "endpoints").flatMap { services($0, namespaces, state) }
        }
            + state.objects("PodMonitor", "monitoring.coreos.com").compactMap {
                Monitor($0, ports: "podMetricsEndpoints").flatMap { pods($0, namespaces, state) }
            }
    }

    struct Monitor {
        let object: ManifestObject
        let selector: LabelSelector
        /// Named ports with their lines.
        let ports: [(name: String, place: ManifestPlace)]
        private let anyNamespace: Bool
        private let names: [String]

        init?(_ object: ManifestObject, ports key: String) {
            guard let selector = object.spec?["selector"].flatMap(LabelSelector.init) else { return nil }
            self.object = object
            self.selector = selector
            ports = (object.spec?[key]?.items ?? []).compactMap { item in
                item.entry("port").flatMap { entry in entry.value.text.map { ($0, object.place(entry)) } }
            }
            anyNamespace = object["spec", "namespaceSelector", "any"]?.bool ?? false
            names = object["spec", "namespaceSelector", "matchNames"]?.texts ?? []
        }

        /// Services of the cluster itself are seldom among manifests.
        var isOfSystem: Bool {
            names.contains("kube-system") || selector.matches(["component": "apiserver", "provider": "kubernetes"])
        }

        func looks(into namespace: String) -> Bool {
            anyNamespace || (names.isEmpty ? namespace == object.namespace : names.contains(namespace))
        }

        var place: ManifestPlace { object.place(object.spec?.entry("selector")) }
        var namespaceWords: String {
            anyNamespace ? "any namespace" : "namespace \(listed(names.isEmpty ? [object.namespace] : names))"
        }
    }

    private static let cause =
        "Prometheus gets no target from it, and says nothing: no series, and no alert that rests on them."

    private static func services(_ monitor: Monitor, _ namespaces: [String], _ state: DeclaredState) -> Finding? {
        let candidates = state.services.filter { monitor.looks(into: $0.namespace) }
        let selected = candidates.filter { monitor.selector.matches($0.object.labels) }
        guard selected.isEmpty else {
            return portMissing(
                monitor, among: selected.map { ($0.object.title, $0.ports.compactMap(\.name)) }, of: "Service")
        }
        // Services that lead to pods with these labels, and do not bear them themselves.
        let meant = state.services.filter { $0.selector.map(monitor.selector.matches) ?? false }
        guard state.set.hasAll("Service") || !candidates.isEmpty && !monitor.isOfSystem || !meant.isEmpty,
            !monitor.selector.selectsEverything
        else { return nil }
        return finding(
            monitor.object, at: monitor.place, confidence: state.confidence(ofMissing: "Service"),
            summary:
                "\(monitor.object.title) selects no Service in \(monitor.namespaceWords): \(monitor.selector.words).",
            evidence: meant.prefix(2).map { service in
                "\(service.object.title)\(service.object.place.words.map { " (\($0))" } ?? "") leads to such pods, but \(service.object.labels.isEmpty ? "has no labels itself" : "has other labels itself")\(monitor.looks(into: service.namespace) ? "" : ", and is of namespace \(service.namespace)")\(missingPort(monitor, service))"
            } + [
                "\(counted(candidates.count, "Service")) read in \(monitor.namespaceWords), none with \(monitor.selector.words)"
            ]
                + state.limits(
                    "Service", "judged by what was read: Services that are declared elsewhere are not known"),
            cause: cause, remedy: (meant.count == 1 ? labelling(monitor, meant[0]) : []) + explanation.remedy)
    }

    private static func missingPort(_ monitor: Monitor, _ service: DeclaredService) -> String {
        let missing = monitor.ports.map(\.name).filter { name in !service.ports.contains { $0.name == name } }
        return missing.isEmpty ? "" : "; no port of it is named \(listed(missing))"
    }

    private static func labelling(_ monitor: Monitor, _ service: DeclaredService) -> [String] {
        let wanted = monitor.selector.requirements
        guard monitor.looks(into: service.namespace),
            wanted.allSatisfy({ $0.relation == .isIn && $0.values.count == 1 })
        else { return [] }
        let labels = wanted.map { "\($0.key)=\($0.values.first ?? "")" }.joined(separator: " ")
        return ["add to metadata.labels of \(service.object.title): \(labels.escaped(limit: 200))"]
    }

    private static func pods(_ monitor: Monitor, _ namespaces: [String], _ state: DeclaredState) -> Finding? {
        let watched = namespaces.filter { monitor.looks(into: $0) }
        let selected = watched.flatMap { state.workloads(in: $0, with: monitor.selector) }
        guard selected.isEmpty else {
            return portMissing(
                monitor, among: selected.map { ($0.title, $0.template.ports.compactMap(\.name)) }, of: "container")
        }
        let candidates = watched.reduce(0) { sum, namespace in
            sum + state.workloads(in: namespace).filter { !$0.labels.isEmpty }.count
        }
        guard state.set.hasAll("Pod") || candidates > 0, !monitor.selector.selectsEverything,
            !watched.contains(where: { state.set.lacks("Pod", in: $0) })
        else { return nil }
        return finding(
            monitor.object, at: monitor.place, confidence: state.confidence(ofMissing: "Pod"),
            summary: "\(monitor.object.title) selects no pod in \(monitor.namespaceWords): \(monitor.selector.words).",
            evidence: [
                "\(counted(candidates, "workload")) read in \(monitor.namespaceWords), none with \(monitor.selector.words)"
            ]
                + state.limits("Pod", "judged by what was read: pods that are declared elsewhere are not known"),
            cause: cause, remedy: ["correct the labels of the selector, or of the pods"])
    }

    private static func portMissing(
        _ monitor: Monitor, among selected: [(title: String, names: [String])], of holder: String
    ) -> Finding? {
        let names = Set(selected.flatMap(\.names))
        // Sidecars that are injected bring ports of their own.
        guard
            let missing = monitor.ports.first(where: {
                !names.contains($0.name) && !$0.name.contains("envoy") && !$0.name.hasPrefix("linkerd")
            })
        else { return nil }
        let near = nearestWord(to: missing.name, among: names)
        return finding(
            monitor.object, at: missing.place,
            summary:
                "\(monitor.object.title) scrapes the port named \(missing.name.escaped(limit: 63)), which no \(holder) it selects has.",
            evidence: selected.prefix(3).map {
                "\($0.title) names \($0.names.isEmpty ? "no port" : listed($0.names.map { $0.escaped(limit: 63) }))"
            }, cause: cause,
            remedy: [near.map { "scrape the port \($0.escaped(limit: 63))" } ?? "name the port in the \(holder)"])
    }
}
