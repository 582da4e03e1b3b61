import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A Service that nothing is behind (catalogue section 3).
enum ServiceNoEndpoints: AuditRule {
    static let explanation = FindingExplanation.shared("service-no-endpoints", severity: .critical)

    static func findings(in state: DeclaredState) -> [Finding] {
        let namespaces = state.populatedNamespaces
        let operated = OperatedPods(state)
        return state.services.compactMap { service in
            guard service.kind != .externalName else { return nil }
            let known = state.endpoints(of: service)
            if !known.isEmpty { return seen(service, known, state) }
            guard let selector = service.selector else { return nil }
            let pods = state.workloads(of: service)
            guard pods.isEmpty else { return scaledDown(service, pods, state) }
            return unmatched(service, selector, namespaces, operated, state)
        }
    }

    private static let cause =
        "A Service without a ready endpoint has an address that refuses or swallows every connection."

    private static func look(_ service: DeclaredService) -> String {
        "see what is behind it: kubectl get endpointslices -n \(service.namespace.escaped(limit: 63)) -l kubernetes.io/service-name=\(service.name.escaped(limit: 63))"
    }

    /// The cluster itself says what stands behind it.
    private static func seen(_ service: DeclaredService, _ known: [ServiceEndpoints], _ state: DeclaredState)
        -> Finding?
    {
        guard known.allSatisfy(\.ready.isEmpty), service.object.spec?["publishNotReadyAddresses"]?.bool != true else {
            return nil
        }
        let waiting = known.flatMap(\.addresses)
        let pods = state.workloads(of: service)
        let names = waiting.compactMap(\.pod).unique()
        return finding(
            service.object, at: selectorPlace(service),
            summary: waiting.isEmpty
                ? "\(service.object.title) has no endpoint: nothing that runs is behind it."
                : "\(service.object.title) has no ready endpoint: \(counted(waiting.count, "address", "addresses")) behind it, none ready.",
            evidence: [
                "\(listed(known.map(\.object.title))) \(known.count == 1 ? "holds" : "hold") \(waiting.isEmpty ? "no address" : "only addresses that are not ready")\(names.isEmpty ? "" : ": \(listed(names))")"
            ]
                + (service.selector == nil || !pods.isEmpty
                    ? [] : ["no workload read has its labels: \(words(service))"]),
            cause: cause,
            remedy: waiting.isEmpty
                ? ["correct the selector, or start the pods", look(service)]
                : ["see why the pods are not ready: kubectl describe pod", look(service)])
    }

    private static func scaledDown(_ service: DeclaredService, _ pods: [Workload], _ state: DeclaredState) -> Finding? {
        guard pods.allSatisfy({ $0.replicas == 0 }), !pods.contains(where: { state.isScaled($0) }),
            let first = pods.first
        else { return nil }
        return finding(
            first.object, at: first.object.place(first.object.spec?.entry("replicas")), severity: .warning,
            confidence: .possible,
            summary: "\(service.object.title) has no pod as declared: \(listed(pods.map(\.title))) is scaled to 0.",
            evidence: ["replicas: 0, and no autoscaler for it was read"], cause: cause,
            remedy: ["scale it up, or remove the Service while it is not needed"])
    }

    private static func unmatched(
        _ service: DeclaredService, _ selector: [String: String], _ namespaces: [String], _ operated: OperatedPods,
        _ state: DeclaredState
    ) -> Finding? {
        let pods = state.workloads(in: service.namespace).filter { !$0.labels.isEmpty }
        let labels = LabelSelector(matchLabels: selector)
        let near = pods.prefix(mostCompared).lazy.compactMap { workload in
            NearLabel.find(labels, among: [workload.labels]).map { (workload: workload, label: $0) }
        }.first
        let elsewhere = namespaces.filter {
            $0 != service.namespace && !state.workloads(in: $0, with: labels).isEmpty
        }
        let named = ApplicationNames.namespaces(naming: selector, but: service, state)
        let isWhole = state.set.hasAll("Pod")
        guard !state.set.lacks("Pod", in: service.namespace) else { return nil }
        guard isWhole || !(pods.isEmpty && elsewhere.isEmpty && named.isEmpty),
            isWhole || !operated.makesPods(of: service),
            // The cluster's own pods are there without a manifest of the user.
            isWhole || near != nil || service.namespace != "kube-system"
        else { return nil }
        var evidence = [
            pods.isEmpty
                ? "no workload with labels was read of namespace \(service.namespace)"
                : "\(counted(pods.count, "workload")) read of namespace \(service.namespace), none with \(words(service))"
        ]
        if let near {
            evidence.append("\(near.workload.title) has \(near.label.words)")
        }
        if !elsewhere.isEmpty { evidence.append("pods with these labels are declared in \(listed(elsewhere))") }
        evidence += named.map(\.words)
        evidence += state.limits("Pod", "judged by what was read: pods that are declared elsewhere are not known")
        let home = elsewhere.count == 1 ? elsewhere.first : elsewhere.isEmpty ? named.first?.namespace : nil
        return finding(
            service.object, at: selectorPlace(service),
            confidence: isWhole ? .certain : near != nil || leavesOver(pods, service, state) ? .likely : .possible,
            summary:
                "The selector of \(service.object.title) (\(words(service))) matches no pod of namespace \(service.namespace)\(service.object.writtenNamespace == nil ? ", where it lands because it names none" : "").",
            evidence: evidence, cause: cause,
            remedy: near == nil && home != nil
                ? ["put the Service into the namespace of its pods: a Service selects pods of its own namespace only"]
                    + [look(service)]
                : ["correct the selector, or the labels of the pods", look(service)],
            patch: patch(service, near?.label.corrected(selector), home))
    }

    /// A Service without pods beside pods of one file that no Service selects, which listen: the two were meant for each other.
    private static func leavesOver(_ pods: [Workload], _ service: DeclaredService, _ state: DeclaredState) -> Bool {
        // A guide shows parts of several systems.
        guard let file = service.object.file, file == "-" || ManifestPlace.endings.contains(where: file.hasSuffix)
        else {
            return false
        }
        let here = state.services.filter { $0.namespace == service.namespace }
        return pods.prefix(mostCompared).contains { workload in
            workload.object.file == file && !workload.template.ports.isEmpty
                && !here.contains { other in
                    other.selector.map { LabelSelector(matchLabels: $0).matches(workload.labels) } ?? false
                }
        }
    }

    /// Of very many the first are compared.
    private static let mostCompared = 500

    private static func patch(_ service: DeclaredService, _ corrected: [String: String]?, _ home: String?) -> String? {
        if let corrected {
            // A patch adds keys; one that is to go is named with nothing.
            let gone = (service.selector ?? [:]).keys.filter { corrected[$0] == nil }.sorted()
            return
                (["spec:", "  selector:"] + YAMLLines.map(corrected, indent: 4)
                + gone.map { "    \(yamlScalar($0)): null" }).joined(separator: "\n")
        }
        return home.map { YAMLLines.namespace($0) }
    }

    private static func words(_ service: DeclaredService) -> String {
        LabelSelector(matchLabels: service.selector ?? [:]).words
    }

    private static func selectorPlace(_ service: DeclaredService) -> ManifestPlace {
        service.object.place(service.object.spec?.entry("selector"))
    }
}

/// Where else an application is spoken of: by multi-cluster objects of its name, by policies for its labels.
struct ApplicationNames {
    let namespace: String
    let words: String

    /// Of a Service that names no namespace, others that do.
    static func namespaces(naming selector: [String: String], but service: DeclaredService, _ state: DeclaredState)
        -> [ApplicationNames]
    {
        guard service.object.writtenNamespace == nil else { return [] }
        let names = Set(selector.values)
        let shared = (state.objects("ServiceExport") + state.objects("ServiceImport")).filter {
            names.contains($0.name) && $0.writtenNamespace.map { $0 != service.namespace } ?? false
        }
        return shared.prefix(2).map {
            ApplicationNames(namespace: $0.namespace, words: "\($0.title) is of namespace \($0.namespace)")
        }
    }
}

extension DeclaredState {
    /// An autoscaler, also KEDA's, decides how many there are.
    func isScaled(_ workload: Workload) -> Bool {
        (objects("HorizontalPodAutoscaler") + objects("ScaledObject")).contains {
            $0.namespace == workload.namespace && $0["spec", "scaleTargetRef", "name"]?.text == workload.name
        }
    }
}
