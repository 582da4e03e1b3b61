import Connectivity
import Manifests
import NetValues
import Observations
import Planning
import YAML

/// The path of a health check, which the pods do not serve (catalogue section 8).
enum LBHealthCheckMisconfigured: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "lb-health-check-misconfigured", severity: .error, title: "A health check cannot be right",
        signals: [
            "a request with the path and port of a readiness, liveness or startup probe of the manifests gets 404",
            "manifests alone: no readinessProbe behind a Service of type LoadBalancer",
            "manifests alone: a probe names a port that its container does not have, or one that nothing in the pod speaks of",
            "manifests alone: a probe asks ports of the Istio agent for a path it does not serve",
        ],
        lookalikes: ["the application is truly down: other statuses, no answer"],
        traps: [
            "a probe of another port than the Service's can be meant: a port of health checks alone",
            "a probe may send headers of its own: then another answer comes, and nothing is said",
        ],
        remedy: [
            "let readiness ask a path and port that are served",
            "in a mesh: port 15021, path /healthz/ready",
            "AKS: the load balancer asks /healthz on the node's health port where externalTrafficPolicy is Local",
        ])

    static let replaces: Set<String> = ["http-status-unexpected", "expectation-unmet"]

    private struct Unserved {
        let check: CheckEvidence
        let request: AskedRequest
        let workload: Workload
        let probe: DeclaredProbe
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let found = evidence.measured.compactMap { unserved($0, view) }
        return grouped(found, by: { "\($0.workload.title) \($0.probe.pathLine)" }).map { _, members in
            judge(members)
        }
    }

    private static func unserved(_ check: CheckEvidence, _ view: DeclaredView) -> Unserved? {
        guard
            let request = check.unwantedAnswers.first(where: {
                $0.response.status == 404 && !$0.response.isOfEnvoyItself
            }), let destination = view.destination(of: check), !destination.ends.isEmpty
        else { return nil }
        for end in destination.ends {
            guard case .workload(let index) = end.party else { return nil }
            let workload = view.state.workloads[index]
            for container in workload.template.containers {
                for probe in DeclaredProbe.all(in: container)
                where probe.way == .http && probe.path == request.path && !hasHeaders(probe, container) {
                    guard port(probe, workload) == end.port else { continue }
                    return Unserved(check: check, request: request, workload: workload, probe: probe)
                }
            }
        }
        return nil
    }

    private static func port(_ probe: DeclaredProbe, _ workload: Workload) -> UInt16? {
        switch probe.port {
        case .number(let number): number
        case .named(let name): workload.template.port(named: name, .tcp)
        case nil: nil
        }
    }

    /// Host among them.
    private static func hasHeaders(_ probe: DeclaredProbe, _ container: YAMLNode) -> Bool {
        let handler = container[probe.purpose.rawValue, "httpGet"]
        return handler?["httpHeaders"] != nil || handler?["host"] != nil
    }

    private static func judge(_ members: [Unserved]) -> Finding {
        let (request, workload, probe) = (members[0].request, members[0].workload, members[0].probe)
        let place = ManifestPlace(file: workload.object.file, line: probe.pathLine)
        let isReadiness = probe.purpose == .readiness
        var finding = finding(
            request.words, checks: members.map(\.check.name), confidence: .likely,
            summary:
                "The \(probe.purpose.rawValue) of \(workload.title) asks for \((probe.path ?? "/").escaped(limit: 200)), which its pods do not serve: the answer is 404.",
            evidence: [
                "declared: \(probe.purpose.rawValue) of \(workload.title)\(place.words.map { " (\($0))" } ?? ""): httpGet \((probe.path ?? "/").escaped(limit: 200)), port \(probe.port?.words.escaped(limit: 63) ?? "")",
                "\(request.method) \(request.words) at \(request.endpoint): 404\(request.response.header("server").map { ", server \($0.escaped(limit: 60))" } ?? "")",
            ],
            cause: isReadiness
                ? "The kubelet gets the same answer, takes the pod for not ready, and the Service leaves it out."
                : "The kubelet gets the same answer, takes the pod for dead, and restarts it again and again.",
            remedy: [
                "correct the path of the probe (\(place.words ?? "line \(place.line)")), or serve it",
                "kubectl describe pod says how the probe fails",
            ])
        finding.location = Finding.Location(file: place.file, line: place.line, object: workload.object.title)
        return finding
    }
}
