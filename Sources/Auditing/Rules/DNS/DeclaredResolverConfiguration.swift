import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// What dnsPolicy and dnsConfig make of a pod's resolver (catalogue section 14).
enum DeclaredResolverConfiguration: AuditRule {
    static let explanation = FindingExplanation.shared("dns-resolvconf-invalid", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let names = ServiceNames(state)
        return state.workloads.compactMap { workload in
            let spec = workload.template.spec
            let policy = spec["dnsPolicy"]?.text ?? "ClusterFirst"
            let servers = (spec["dnsConfig"]?["nameservers"]?.items ?? [])
            return loopback(workload, servers) ?? tooMany(workload, policy, servers)
                ?? clusterNames(workload, policy, names)
        }
    }

    /// systemd-resolved's address, or any of the pod's own loopback, where nobody in the pod serves DNS.
    private static func loopback(_ workload: Workload, _ servers: [YAMLNode]) -> Finding? {
        guard !workload.isHostNetwork,
            let server = servers.first(where: { $0.text.flatMap { IPAddress($0) }?.isLoopback == true }),
            !workload.template.ports.contains(where: { $0.number == 53 })
        else { return nil }
        return finding(
            workload.object, at: workload.object.place(server), confidence: .likely,
            summary: "The pods of \(workload.title) ask \(server.text ?? "") for names, where nobody serves DNS.",
            evidence: ["dnsConfig.nameservers names a loopback address; no container of the pod declares port 53"],
            cause: "Loopback is the pod's own: the resolver of the node (systemd-resolved at 127.0.0.53) is not there.",
            remedy: ["name the cluster DNS, or leave dnsConfig.nameservers out and dnsPolicy at ClusterFirst"])
    }

    /// glibc and musl use three; what the policy adds counts (resolv.conf(5), MAXNS).
    private static func tooMany(_ workload: Workload, _ policy: String, _ servers: [YAMLNode]) -> Finding? {
        guard policy != "None", servers.count == 3, let last = servers.last else { return nil }
        return finding(
            workload.object, at: workload.object.place(last), severity: .warning, confidence: .certain,
            summary: "The pods of \(workload.title) are given four DNS servers, of which the last is never used.",
            evidence: ["three of dnsConfig.nameservers beside the one that dnsPolicy \(policy) gives"],
            cause: "Kubernetes and the C library use three servers and leave out the rest.",
            remedy: ["take a server out, or set dnsPolicy: None if dnsConfig is meant to be all"])
    }

    /// A pod that means Services by name, and asks a resolver that does not know them.
    private static func clusterNames(_ workload: Workload, _ policy: String, _ names: ServiceNames) -> Finding? {
        let spec = workload.template.spec
        let isHost = workload.isHostNetwork && policy == "ClusterFirst"
        guard isHost || policy == "Default", let reference = names.references(of: workload).first else { return nil }
        let entry = isHost ? spec.entry("hostNetwork") : spec.entry("dnsPolicy")
        return finding(
            workload.object, at: workload.object.place(entry), confidence: .likely,
            summary:
                "\(workload.title) uses \(reference.service.object.title) by name, and its pods ask the node's DNS servers, which do not know Services.",
            evidence: [
                isHost
                    ? "hostNetwork: true with dnsPolicy ClusterFirst means Default: the node's resolv.conf"
                    : "dnsPolicy: Default means the node's resolv.conf",
                "\(reference.what)\(workload.object.place(reference.node).words.map { " (\($0))" } ?? "") names the Service",
            ],
            cause: "Names of Services are known to the cluster DNS only.",
            remedy: [isHost ? "set dnsPolicy: ClusterFirstWithHostNet" : "set dnsPolicy: ClusterFirst"],
            patch: isHost ? "      dnsPolicy: ClusterFirstWithHostNet" : "      dnsPolicy: ClusterFirst")
    }
}
