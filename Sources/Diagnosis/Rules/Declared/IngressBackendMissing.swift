import Manifests
import NetValues
import Observations
import Planning

/// An ingress with nobody behind it, and the declared backend that is to blame (catalogue section 8).
enum IngressBackendMissing: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "ingress-backend-missing", severity: .critical, title: "An Ingress leads to nothing",
        signals: [
            "a proxy answers 404 of its default backend, 500, 502, 503 or 504 in its own words, and the declared Ingress or HTTPRoute that takes the request leads to a Service that does not exist, has no such port, or has no pod",
            "manifests alone: the Service that an Ingress or a route names is not in its namespace, or has no such port",
            "manifests alone: the class of the Ingress is not there, or its Gateway takes no route of this namespace",
        ],
        lookalikes: [
            "http-status-unexpected: a 404 or 503 of the application itself, or a backend that is declared as it should be",
            "mesh-route-missing: a route of Istio",
        ],
        traps: [
            "what is declared elsewhere is not known unless a whole cluster was read: then it is only likely or possible",
            "an Ingress without a namespace lands where the one who applies it is",
            "paths that are patterns are not followed",
        ],
        remedy: [
            "put Ingress, Service and Secret into one namespace", "name a port that the Service has",
            "set spec.ingressClassName to a class of the cluster: kubectl get ingressclass",
        ])

    /// What such an answer is otherwise called.
    static let replaces: Set<String> = ["http-status-unexpected", "expectation-unmet", "lb-dead-backend"]

    private struct Missing {
        let check: CheckEvidence
        let request: AskedRequest
        let fault: BackendFault
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let found = evidence.measured.compactMap { missing($0, view) }
        return grouped(found, by: { "\($0.fault.front.object.title) \($0.fault.line)" }).map { _, members in
            judge(members)
        }
    }

    private static func missing(_ check: CheckEvidence, _ view: DeclaredView) -> Missing? {
        for request in check.unwantedAnswers {
            let isPlain = request.response.isOfProxyWithoutBackend
            guard isPlain || [404, 500, 502, 503, 504].contains(request.response.status) else { continue }
            let fronts = view.fronts(of: request)
            let faults = fronts.compactMap { BackendFault($0, view) }
            // Of two Ingresses with one host nobody knows which is asked; of several backends of a route one is enough.
            let isOneObject = Set(fronts.map(\.object.title)).count == 1
            guard let fault = faults.first, isOneObject || faults.count == fronts.count else { continue }
            // An application's own words are its own, unless there can be none; and nginx may be the application.
            let isNobodys = isCertainlyNobody(fault) || request.response.isPageOfNginx
            guard isPlain || fault.isSure && isNobodys else { continue }
            return Missing(check: check, request: request, fault: fault)
        }
        return nil
    }

    private static func isCertainlyNobody(_ fault: BackendFault) -> Bool {
        switch fault.kind {
        case .noService, .ofService(.nothingSelected), .ofService(.noneReady): true
        case .noPort, .ofService: false
        }
    }

    private static func judge(_ members: [Missing]) -> Finding {
        let (request, fault) = (members[0].request, members[0].fault)
        let place = fault.front.object.file.map { " (\($0):\(fault.line))" } ?? ""
        let statuses = members.map { String($0.request.response.status) }.unique()
        let lines = members.map { member in
            "\(member.request.method) \(member.request.words) at \(member.request.endpoint): \(member.request.response.status), \(words(member.request.response))"
        }
        var finding = finding(
            members.map(\.request.words).unique().count == 1 ? request.words : request.host,
            checks: members.map(\.check.name), confidence: fault.isSure ? .certain : .likely,
            summary:
                "\(fault.front.object.title) leads \(request.host)\(request.path) to \(fault.words): the answer is \(listed(statuses)).",
            evidence: [
                "declared: \(fault.front.object.title)\(place) leads it to \(fault.front.serviceTitle)\(fault.front.port.map { " port \($0.words.escaped(limit: 63))" } ?? "")"
            ] + fault.lines + evidenceLines(lines, limit: 4),
            cause:
                "The proxy in front finds no endpoint for this backend, and answers itself. Declared and seen are one: the way to the proxy works.",
            remedy: remedy(fault))
        finding.location = Finding.Location(
            file: fault.front.object.file, line: fault.line, object: fault.front.object.title)
        finding.patch = fault.patch
        return finding
    }

    private static func words(_ response: HTTPResponse) -> String {
        let server = response.header("server").map { "server \($0.escaped(limit: 60)), " } ?? ""
        return server
            + (response.bodyStart.isEmpty ? "no body" : "body begins: \(response.bodyStart.escaped(limit: 80))")
    }

    private static func remedy(_ fault: BackendFault) -> [String] {
        let service = fault.front.serviceTitle
        return switch fault.kind {
        case .noService(_, let near?):
            ["correct the name of the backend (\(near.escaped(limit: 63))?), or declare \(service)"]
        case .noService(let elsewhere, nil) where !elsewhere.isEmpty:
            [
                "put Ingress and Service into one namespace: an Ingress reaches those of its own only",
                "or declare \(service)",
            ]
        case .noService: ["declare \(service), or correct the name of the backend"]
        case .noPort: ["name a port that the Service has: its port, and not its targetPort"]
        case .ofService(.nothingSelected):
            ["correct the selector of \(service), or the labels of its pods: kubectl get endpointslices"]
        case .ofService(.scaledToZero): ["scale it up: kubectl scale --replicas=1"]
        case .ofService(.noneReady):
            ["look why its pods are not ready: kubectl describe pod, and their readiness probe"]
        case .ofService: ["correct the targetPort of \(service), or name the port of the container so"]
        }
    }
}
