import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A script that takes one echo for the health of a service.
enum HealthCheckICMPOnly: AuditRule {
    static let explanation = FindingExplanation(
        id: "health-check-icmp-only", severity: .warning, title: "A health check only pings",
        signals: ["a script of a ConfigMap, or the command of a probe, calls ping and nothing that asks a service"],
        lookalikes: ["scripts that ask by curl, nc, openssl or dig as well"],
        traps: [
            "an echo that is filtered is no failure, and one that is answered no service",
            "names that are not found, and a missing right (NET_RAW), look the same to such a script",
        ],
        remedy: [
            "ask each service in its own protocol (TCP, TLS, HTTP) with a time limit, and report all sites, not the first that fails",
            "leadsman run PLAN.yaml does that for a list of checks",
        ])

    private static let otherAsking = [
        "curl", "wget", "nc ", "ncat", "netcat", "openssl", "dig ", "nslookup", "/dev/tcp", "telnet",
        "grpc_health_probe", "leadsman",
        "nmap", "socat", "httpie", "pg_isready", "redis-cli", "mysqladmin", "hping",
    ]

    static func findings(in state: DeclaredState) -> [Finding] {
        state.objects("ConfigMap", "").flatMap(scripts) + state.workloads.flatMap(probes)
    }

    private static func scripts(_ object: ManifestObject) -> [Finding] {
        (object["data"]?.entries ?? []).compactMap { entry in
            guard let text = entry.value.text, entry.key.hasSuffix(".sh") || text.hasPrefix("#!"),
                text.utf8.count <= 65_536,
                let line = pingLine(text), !otherAsking.contains(where: text.contains)
            else { return nil }
            // Of a block the text begins a line below its mark.
            let isBlock = text.contains("\n")
            let place = object.place(entry.value.mark)
            let placed = isBlock ? ManifestPlace(file: place.file, line: place.line + 1 + line) : place
            return finding(object, placed, "the script \(entry.key.escaped(limit: 60))", evidence(text))
        }
    }

    /// From 0.
    private static func pingLine(_ text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.firstIndex { line in
            let code = line.prefix { $0 != "#" }
            let words = code.split { " \t;|&!(`$".contains($0) }
            return words.contains { $0 == "ping" || $0 == "ping6" || $0 == "/bin/ping" || $0 == "fping" }
        }
    }

    private static func evidence(_ text: String) -> [String] {
        var found = ["it calls ping, and no client of a service"]
        if text.contains("ping -c 1 ") || text.contains("ping -c1 ") { found.append("one echo decides") }
        if text.contains("ping "), !text.contains(" -W"), !text.contains(" -w") && !text.contains("timeout ") {
            found.append("no time limit is set")
        }
        if text.contains("exit 1"), text.contains("for ") {
            found.append("it ends at the first failure: the rest is not asked")
        }
        return found
    }

    private static func probes(_ workload: Workload) -> [Finding] {
        workload.template.containers.flatMap { container in
            ["livenessProbe", "readinessProbe", "startupProbe"].compactMap { name -> Finding? in
                guard let command = container[name, "exec", "command"] else { return nil }
                let text = command.texts.joined(separator: " ")
                guard pingLine(text) != nil, !otherAsking.contains(where: text.contains) else { return nil }
                return finding(
                    workload.object, workload.object.place(command), "the \(name)",
                    ["its command calls ping, and no client of a service"])
            }
        }
    }

    private static func finding(_ object: ManifestObject, _ place: ManifestPlace, _ what: String, _ evidence: [String])
        -> Finding
    {
        finding(
            object, at: place, summary: "\(object.title): \(what) only pings, which shows no service.",
            evidence: evidence,
            cause:
                "Echoes are filtered where services answer, and answered where services are down; a name that is not found looks the same."
        )
    }
}
