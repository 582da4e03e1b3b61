import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An Ingress that leads to nothing (catalogue section 8).
enum IngressBackendMissing: AuditRule {
    static let explanation = FindingExplanation.shared("ingress-backend-missing", severity: .critical)

    static func findings(in state: DeclaredState) -> [Finding] {
        let classes = state.objects("IngressClass").compactMap(DeclaredIngressClass.init)
        return state.ingresses.flatMap { ingress in
            byService(ingress).compactMap { concerning($0, ingress, backend($0, ingress, classes, state)) }
                + ingress.backends.compactMap { concerning($0, ingress, port($0, ingress, state)) }
                + ([missingClass(ingress, classes, state)].compactMap(\.self))
        }
    }

    private static func concerning(
        _ backend: DeclaredIngress.Backend, _ ingress: DeclaredIngress, _ finding: Finding?
    ) -> Finding? {
        guard var finding else { return nil }
        let place = ingress.object.writtenNamespace.map { "\($0.escaped(limit: 63))/" } ?? ""
        finding.concerns = ["Service \(place)\(backend.service.escaped(limit: 253))"]
        return finding
    }

    private static func byService(_ ingress: DeclaredIngress) -> [DeclaredIngress.Backend] {
        var seen: Set<String> = []
        return ingress.backends.filter { seen.insert($0.service).inserted }
    }

    private static func backend(
        _ backend: DeclaredIngress.Backend, _ ingress: DeclaredIngress, _ classes: [DeclaredIngressClass],
        _ state: DeclaredState
    ) -> Finding? {
        guard state.service(ingress.namespace, backend.service) == nil else { return nil }
        let elsewhere = state.services.filter { $0.name == backend.service }
        let here = state.services.filter { $0.namespace == ingress.namespace }
        let near = nearestWord(to: backend.service, among: here.map(\.name))
        guard state.set.hasAll("Service") || !elsewhere.isEmpty || !here.isEmpty else { return nil }
        let home = elsewhere.count == 1 ? elsewhere.first : nil
        let movesHere = home != nil && ingress.object.writtenNamespace == nil
        let name = backend.service.escaped(limit: 63)
        return finding(
            ingress.object,
            at: movesHere
                ? ingress.object.place(ingress.object.root.entry("metadata"))
                : ManifestPlace(file: ingress.object.file, line: backend.line),
            confidence: state.set.hasAll("Service")
                ? .certain : home?.object.writtenNamespace != nil || near != nil ? .likely : .possible,
            summary:
                "\(ingress.object.title) leads to the Service \(name), which is not in its namespace \(ingress.namespace)\(ingress.object.writtenNamespace == nil ? " (it names none)" : "").",
            evidence: elsewhere.prefix(3).map {
                "\($0.object.title)\(words($0.object)) is of namespace \($0.namespace)"
            }
                + (near.map { ["\(ingress.namespace) has a Service \($0.escaped(limit: 63))"] } ?? [])
                + classWords(ingress, classes)
                + state.limits(
                    "Service", "judged by what was read: Services that are declared elsewhere are not known"),
            cause:
                "An Ingress finds Services of its own namespace only. The controller answers 503, or 404 of its default backend.",
            remedy: remedy(ingress, home, classes),
            patch: movesHere ? home.map { YAMLLines.namespace($0.namespace) } : nil)
    }

    private static func remedy(
        _ ingress: DeclaredIngress, _ home: DeclaredService?, _ classes: [DeclaredIngressClass]
    ) -> [String] {
        var steps = [
            home.map {
                "set metadata.namespace of the Ingress to \($0.namespace): its Services and Secrets must be there too"
            }
                ?? "correct the name, or declare the Service in \(ingress.namespace)"
        ]
        if ingress.className == nil, !classes.contains(where: \.isDefault) {
            steps.append("set spec.ingressClassName: kubectl get ingressclass")
        }
        return steps
    }

    /// Said beside another fault only: a default class may be in the cluster.
    private static func classWords(_ ingress: DeclaredIngress, _ classes: [DeclaredIngressClass]) -> [String] {
        guard ingress.className == nil, !classes.contains(where: \.isDefault) else { return [] }
        return [
            "it names no class (spec.ingressClassName), and no default IngressClass was read: no controller may take it"
        ]
    }

    private static func words(_ object: ManifestObject) -> String { object.place.words.map { " (\($0))" } ?? "" }

    private static func port(_ backend: DeclaredIngress.Backend, _ ingress: DeclaredIngress, _ state: DeclaredState)
        -> Finding?
    {
        guard let service = state.service(ingress.namespace, backend.service), let port = backend.port,
            service.kind != .externalName, !service.ports.contains(where: port.isPort)
        else { return nil }
        return finding(
            ingress.object, at: ManifestPlace(file: ingress.object.file, line: backend.portLine),
            summary:
                "\(ingress.object.title) leads to port \(port.words.escaped(limit: 63)) of the Service \(service.name.escaped(limit: 63)), which has no such port.",
            evidence: ["\(service.object.title)\(words(service.object)) has \(BackendWords.ports(service))"]
                + BackendWords.targetHint(port, service),
            cause:
                "The backend of an Ingress is a port of the Service, not of its pods. The controller finds no endpoint and answers 503.",
            remedy: ["name a port that the Service has"],
            patch: service.ports.count == 1
                ? service.ports.first.map {
                    "backend:\n  service:\n    name: \(yamlScalar(service.name))\n    port:\n      number: \($0.number)"
                } : nil)
    }

    private static func missingClass(
        _ ingress: DeclaredIngress, _ classes: [DeclaredIngressClass], _ state: DeclaredState
    ) -> Finding? {
        // Old controllers go by the annotation, and need no object.
        guard let name = ingress.object.spec?["ingressClassName"]?.text else {
            return ingress.className == nil ? noClass(ingress, classes, state) : nil
        }
        guard !classes.contains(where: { $0.name == name }), state.set.hasAll("IngressClass") || !classes.isEmpty else {
            return nil
        }
        return finding(
            ingress.object, at: ManifestPlace(file: ingress.object.file, line: ingress.classLine),
            confidence: state.confidence(ofMissing: "IngressClass"),
            summary: "\(ingress.object.title) is of the class \(name.escaped(limit: 63)), which is not there.",
            evidence: [
                classes.isEmpty
                    ? "no IngressClass in the cluster" : "IngressClasses read: \(listed(classes.map(\.name)))"
            ], cause: "No controller takes an Ingress of a class that it does not have: nothing answers for its hosts.",
            remedy: ["set spec.ingressClassName to a class of the cluster: kubectl get ingressclass"],
            patch: classes.count == 1 ? "spec:\n  ingressClassName: \(yamlScalar(classes[0].name))" : nil)
    }

    private static func noClass(
        _ ingress: DeclaredIngress, _ classes: [DeclaredIngressClass], _ state: DeclaredState
    ) -> Finding? {
        guard state.set.hasAll("IngressClass"), !classes.contains(where: \.isDefault) else { return nil }
        return finding(
            ingress.object, confidence: .likely,
            summary: "\(ingress.object.title) names no class, and the cluster has no default IngressClass.",
            evidence: [
                classes.isEmpty
                    ? "no IngressClass in the cluster" : "none is the default: \(listed(classes.map(\.name)))"
            ],
            cause: "Most controllers leave such an Ingress alone: nothing answers for its hosts.",
            remedy: ["set spec.ingressClassName"])
    }
}

enum BackendWords {
    static func ports(_ service: DeclaredService) -> String {
        let ports = service.ports.map { port in
            "\(port.number)" + (port.name.map { " (\($0.escaped(limit: 63)))" } ?? "")
        }
        return ports.isEmpty ? "no port" : "\(ports.count == 1 ? "port" : "ports") \(listed(ports, limit: 8))"
    }

    /// The usual slip.
    static func targetHint(_ port: BackendPort, _ service: DeclaredService) -> [String] {
        service.ports.filter { candidate in
            switch (port, candidate.target) {
            case (.number(let number), .number(let target)): number == target
            case (.named(let name), .named(let target)): name == target
            default: false
            }
        }.prefix(1).map { "\(port.words.escaped(limit: 63)) is the targetPort of its port \($0.number)" }
    }
}
