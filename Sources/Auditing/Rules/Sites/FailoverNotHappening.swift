import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A failover that consists of an annotation (catalogue section 8, as a design).
enum FailoverNotHappening: AuditRule {
    static let explanation = FindingExplanation(
        id: "failover-not-happening", severity: .critical, title: "A failover does not happen",
        signals: [
            "the procedure changes an annotation of a Service that no known controller reads, and names no cluster",
            "the active site fails from several vantages, the standby is healthy, and name or address still lead to the first (seen by probes)",
        ],
        lookalikes: [
            "dns-ttl-delays-failover: it heals when the TTL has passed", "stale-arp-after-failover: one segment only",
            "network-partition: only this vantage is cut off",
        ],
        traps: ["never judged from one vantage alone", "a controller of one's own may read the annotation"],
        remedy: [
            "let health-checked DNS or a global load balancer take the traffic away (Azure Front Door or Traffic Manager)",
            "name the cluster in each command (kubectl --context), and rehearse the failover regularly",
        ])

    /// Prefixes of annotations that some controller is known to read.
    private static let knownPrefixes = [
        "kubernetes.io/", ".kubernetes.io/", ".k8s.io/", "istio.io/", "linkerd.io/", "cilium.io/",
        "metallb.universe.tf/",
        "metallb.io/", "azure.com/", "amazonaws.com/", "cloud.google.com/", "k8gb.io/", "argoproj.io/",
    ]

    static func findings(in state: DeclaredState) -> [Finding] {
        Step.all(state.set.commands).compactMap { step in
            guard let annotation = step.annotation, isSwitch(annotation),
                !knownPrefixes.contains(where: { annotation.contains($0) })
            else { return nil }
            let services = state.services.filter { $0.name == step.name }
            let title = services.first?.object.title ?? "Service \(step.name.escaped(limit: 63))"
            var evidence = ["kubectl \(step.verb) sets `\(annotation.escaped(limit: 80))` and nothing else"]
            if !step.missing.isEmpty {
                evidence.append("the command names no \(step.missing.joined(separator: " and no "))")
            }
            return DesignFinding.of(
                Self.self, subject: title, at: step.place, confidence: .possible,
                summary: "The failover of \(title) is an annotation that nothing is known to read.",
                evidence: evidence,
                cause:
                    "An annotation moves no packet. Unless a controller acts upon it, clients go on being sent to the site that is down."
            )
        }
    }

    private static func isSwitch(_ annotation: String) -> Bool {
        let words = annotation.lowercased().split { "/.-_".contains($0) }
        return !Set(words).isDisjoint(with: ["active", "failover", "primary", "standby"])
    }

    /// `kubectl patch|annotate svc NAME …`, over as many lines as it goes on.
    private struct Step {
        let verb: String
        let name: String
        let annotation: String?
        /// What says where the command acts, and is not written.
        let missing: [String]
        let place: ManifestPlace

        static func all(_ commands: [ManifestSet.Command]) -> [Step] {
            commands.indices.compactMap { index in
                let first = commands[index]
                guard first.words.count >= 4, first.words[0] == "kubectl",
                    ["patch", "annotate"].contains(first.words[1]),
                    ["svc", "service", "services"].contains(first.words[2])
                else { return nil }
                var words = first.words
                var next = index + 1
                while words.last == "\\", next < commands.count,
                    commands[next].place.file == first.place.file,
                    commands[next].place.line == first.place.line + next - index
                {
                    words = words.dropLast() + commands[next].words
                    next += 1
                }
                return Step(
                    verb: words[1], name: words[3], annotation: annotation(words),
                    missing: missing(words), place: first.place)
            }
        }

        private static func missing(_ words: [String]) -> [String] {
            let hasCluster = words.contains { $0.hasPrefix("--context") || $0.hasPrefix("--kubeconfig") }
            let hasNamespace = words.contains { $0.hasPrefix("--namespace") || $0 == "-n" }
            return (hasCluster ? [] : ["--context"]) + (hasNamespace ? [] : ["--namespace"])
        }

        /// "annotations":{"KEY": …} of a patch, KEY=VALUE of `annotate`.
        private static func annotation(_ words: [String]) -> String? {
            if words[1] == "annotate" {
                return words.dropFirst(4).first { $0.contains("=") && !$0.hasPrefix("-") }
                    .map { String($0.prefix { $0 != "=" }) }
            }
            let quoted = words.joined(separator: " ").split(separator: "\"", omittingEmptySubsequences: false)
            guard let place = quoted.firstIndex(of: "annotations"), place + 2 < quoted.count else { return nil }
            return String(quoted[place + 2])
        }
    }
}
