import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Health checks that ask at the wrong door, or are not there (catalogue section 8).
enum LBHealthCheckMisconfigured: AuditRule {
    static let explanation = FindingExplanation.shared("lb-health-check-misconfigured", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        missing(state) + state.workloads.flatMap(findings(of:))
            + state.set.fragments.flatMap { FragmentProbes.findings($0, state) }
    }

    private static func missing(_ state: DeclaredState) -> [Finding] {
        var told: Set<String> = []
        return state.services.filter(\.isLoadBalancer).flatMap { service in
            state.workloads(of: service).compactMap { workload in
                guard !workload.template.containers.isEmpty, !["Job", "CronJob"].contains(workload.kind),
                    !workload.template.containers.contains(where: { $0["readinessProbe"] != nil }),
                    workload.template.spec["readinessGates"] == nil, told.insert(workload.title).inserted
                else { return nil }
                let containers = workload.template.spec.entry("containers")
                return finding(
                    workload.object, at: workload.object.place(containers), severity: .warning,
                    summary:
                        "\(workload.object.title) has no readinessProbe, and \(service.object.title) sends it traffic from outside.",
                    evidence: [
                        "none of its containers has a readinessProbe"
                    ],
                    cause:
                        "A pod without one counts as ready as soon as it runs: the load balancer sends it requests before it can answer, and goes on when it no longer can.",
                    remedy: [
                        "give the container a readinessProbe that asks the port it serves, best a path that says whether it can answer"
                    ],
                    patch: patch(workload, service))
            }
        }
    }

    private static func patch(_ workload: Workload, _ service: DeclaredService) -> String? {
        guard let container = workload.template.containers.first, let name = container["name"]?.text,
            let port = service.ports.first(where: { $0.transport == .tcp })
        else { return nil }
        let number: String =
            switch port.target {
            case .number(let number): String(number)
            case .named(let name): yamlScalar(name)
            }
        if case .named(let name) = port.target, workload.template.port(named: name, .tcp) == nil { return nil }
        let head = workload.kind == "Pod" ? ["spec:"] : ["spec:", "  template:", "    spec:"]
        let indent = String(repeating: " ", count: head.count * 2)
        return
            (head + [
                "\(indent)containers:", "\(indent)- name: \(yamlScalar(name))", "\(indent)  readinessProbe:",
                "\(indent)    tcpSocket:", "\(indent)      port: \(number)", "\(indent)    periodSeconds: 5",
            ]).joined(separator: "\n")
    }

    private static func findings(of workload: Workload) -> [Finding] {
        workload.template.containers.flatMap { container in
            DeclaredProbe.all(in: container).compactMap { probe in
                AgentPorts.objection(probe, declared: workload.template.ports).map { agent(workload, probe, $0) }
                    ?? unknownName(workload, probe, container) ?? undeclared(workload, probe)
            }
        }
    }

    private static func agent(_ workload: Workload, _ probe: DeclaredProbe, _ words: String) -> Finding {
        finding(
            workload.object, at: ManifestPlace(file: workload.object.file, line: probe.pathLine), confidence: .likely,
            summary: "The \(probe.purpose.rawValue) of \(workload.object.title) asks \(words)",
            evidence: [AgentPorts.knowledge], cause: AgentPorts.cause(probe))
    }

    private static func unknownName(_ workload: Workload, _ probe: DeclaredProbe, _ container: YAMLNode) -> Finding? {
        guard case .named(let name) = probe.port else { return nil }
        let names = (container["ports"]?.items ?? []).compactMap { $0["name"]?.text }
        guard !names.contains(name) else { return nil }
        let shown = container["name"]?.text?.escaped(limit: 63) ?? "the container"
        return finding(
            workload.object, at: ManifestPlace(file: workload.object.file, line: probe.portLine),
            summary:
                "The \(probe.purpose.rawValue) of \(workload.object.title) asks the port named \(name.escaped(limit: 63)), which container \(shown) does not have.",
            evidence: ["\(shown) names \(names.isEmpty ? "no port" : listed(names.map { $0.escaped(limit: 63) }))"],
            cause:
                "The kubelet looks the name up in the container itself; the probe fails each time\(consequence(probe)).",
            remedy: ["name the port in the container, or give the probe its number"])
    }

    /// Ports of health checks alone are common and seldom declared (10254, 8081, 8181): what is told is another port of the same sort.
    private static let web: Set<UInt16> = [80, 3000, 5000, 8000, 8080]

    private static func undeclared(_ workload: Workload, _ probe: DeclaredProbe) -> Finding? {
        let declared = workload.template.ports.filter { $0.transport == .tcp }
        guard case .number(let number) = probe.port, web.contains(number), declared.count == 1,
            let port = declared.first,
            web.contains(port.number), port.number != number, !PodNumbers.speaks(of: number, in: workload.template)
        else { return nil }
        return finding(
            workload.object, at: ManifestPlace(file: workload.object.file, line: probe.portLine), confidence: .possible,
            summary:
                "The \(probe.purpose.rawValue) of \(workload.object.title) asks port \(number), and its one declared port is \(port.number).",
            evidence: ["neither arguments nor variables of the pod speak of \(number)"],
            cause:
                "If nothing listens there the probe fails each time\(consequence(probe)). A port of health checks alone need not be declared.",
            remedy: ["let the probe ask the port that is served, or declare the port it asks"])
    }

    private static func consequence(_ probe: DeclaredProbe) -> String {
        probe.purpose == .readiness
            ? ", and the pod never gets traffic" : ", and the container is restarted again and again"
    }
}

/// What the Istio agent answers in a pod of a mesh (istio pilot/cmd/pilot-agent/status/server.go).
enum AgentPorts {
    static let all: Set<UInt16> = [15020, 15021, 15090]
    static let knowledge =
        "the Istio agent serves /healthz/ready, /stats/prometheus and /app-health/… on 15020, /healthz/ready on 15021"

    /// "port 15020 of the Istio agent for /health, which it does not serve." Nil for a probe that it answers.
    static func objection(_ probe: DeclaredProbe, declared: [PodTemplate.Port]) -> String? {
        guard probe.way == .http, let path = probe.path, case .number(let number) = probe.port, all.contains(number),
            !declared.contains(where: { $0.number == number && $0.name?.contains("envoy") != true })
        else { return nil }
        let served: [String] =
            switch number {
            case 15021: ["/healthz/ready"]
            case 15090: ["/stats/prometheus"]
            default:
                ["/healthz/ready", "/stats/prometheus", "/app-health", "/app-lifecycle", "/quitquitquit", "/debug"]
            }
        guard !served.contains(where: path.hasPrefix) else { return nil }
        return "port \(number) of the Istio agent for \(path.escaped(limit: 80)), which it does not serve."
    }

    static func cause(_ probe: DeclaredProbe) -> String {
        probe.purpose == .readiness
            ? "The answer is 404 each time: the pod never becomes ready."
            : "The answer is 404 each time: the kubelet restarts the container again and again."
    }
}

/// Probes that a guide shows by themselves: whose they are is not said.
enum FragmentProbes {
    static func findings(_ fragment: ManifestSet.Fragment, _ state: DeclaredState) -> [Finding] {
        let containers = fragment.root["containers"] ?? fragment.root["spec"]?["containers"]
        let holders = [fragment.root] + (containers?.items ?? [])
        return holders.flatMap(DeclaredProbe.all(in:)).compactMap { probe in
            agent(probe, fragment) ?? port(probe, fragment, state)
        }
    }

    private static func agent(_ probe: DeclaredProbe, _ fragment: ManifestSet.Fragment) -> Finding? {
        AgentPorts.objection(probe, declared: []).map { words in
            finding(
                probe, fragment, line: probe.pathLine, summary: "This \(probe.purpose.rawValue) asks \(words)",
                evidence: [AgentPorts.knowledge], cause: AgentPorts.cause(probe),
                remedy: ["ask the application's own port; of the sidecar: port 15021, path /healthz/ready"])
        }
    }

    /// Against the load balancer that the same text shows before it.
    private static func port(_ probe: DeclaredProbe, _ fragment: ManifestSet.Fragment, _ state: DeclaredState)
        -> Finding?
    {
        guard probe.purpose == .readiness, case .number(let number) = probe.port else { return nil }
        let before = state.services.filter {
            $0.object.file == fragment.file && $0.object.root.mark.line < fragment.root.mark.line && $0.isLoadBalancer
        }
        guard let service = before.max(by: { $0.object.root.mark.line < $1.object.root.mark.line }) else { return nil }
        let targets = service.ports.map(\.target)
        let numbers = targets.compactMap { if case .number(let number) = $0 { number } else { nil } }
        guard !numbers.isEmpty, numbers.count == targets.count, !numbers.contains(number) else { return nil }
        let fitting = state.services.first {
            $0.object.file == fragment.file && $0.ports.contains { $0.target == .number(number) }
        }
        return finding(
            probe, fragment, line: probe.portLine,
            summary:
                "This readinessProbe asks port \(number), while \(service.object.title) sends traffic to port \(listed(numbers.map(String.init))) of its pods.",
            evidence: ["whose probe it is is not stated: there is no object around it"]
                + (fitting.map { ["for the pods of \($0.object.title) it would fit: their port is \(number)"] } ?? []),
            cause:
                "Readiness that is asked at another port says nothing of the port that gets the traffic, and fails where nothing listens.",
            remedy: ["let the probe of each workload ask the port that its Service leads to"])
    }

    private static func finding(
        _ probe: DeclaredProbe, _ fragment: ManifestSet.Fragment, line: Int, summary: String, evidence: [String],
        cause: String, remedy: [String]
    ) -> Finding {
        let title = "\(probe.purpose.rawValue) (line \(line))"
        var finding = Finding(
            id: LBHealthCheckMisconfigured.id, severity: LBHealthCheckMisconfigured.explanation.severity,
            confidence: .possible, subject: title, checks: [], summary: summary, evidence: evidence, cause: cause,
            remedy: remedy)
        finding.location = Finding.Location(file: fragment.file, line: line, object: probe.purpose.rawValue)
        return finding
    }
}
