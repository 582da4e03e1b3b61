import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A mesh that lets out to known hosts only, and pods that use another (catalogue section 4, as manifests show it).
enum MeshEgressRefused: AuditRule {
    static let explanation = FindingExplanation.shared("egress-fqdn-filtered", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.mesh.installations.isEmpty || !state.mesh.sidecars.isEmpty || MeshConfigMap.of(state) != nil else {
            return []
        }
        let known = KnownHosts(state.mesh.serviceEntries)
        return state.workloads.compactMap { workload in
            guard state.membership(of: workload).isInside, !goesPast(workload),
                let mode = MeshConfigMap.registryOnly(for: workload, state)
            else { return nil }
            let unknown = OutsideName.all(workload).filter { !isKnown($0.host, known, workload, state) }
            return unknown.first.map { tell(workload, $0, others: unknown.dropFirst().map(\.what), mode, state) }
        }
    }

    /// Annotations by which a pod's packets do not all pass its proxy.
    private static func goesPast(_ workload: Workload) -> Bool {
        workload.template.annotations.keys.contains {
            $0.hasPrefix("traffic.sidecar.istio.io/") && $0.contains("utbound")
        }
    }

    /// Namespaces of ServiceEntries by their hosts.
    private struct KnownHosts {
        private var exact: [String: Set<String>] = [:]
        private var patterns: [(pattern: String, namespace: String)] = []

        init(_ entries: [ServiceEntry]) {
            for entry in entries {
                for host in entry.hosts where !host.hasPrefix("*") {
                    exact[host.lowercased(), default: []].insert(entry.object.namespace)
                }
                patterns += entry.hosts.filter { $0.hasPrefix("*") }.map { ($0.lowercased(), entry.object.namespace) }
            }
        }

        func namespaces(of host: String) -> Set<String> {
            let matching = patterns.filter { MeshHost.matches(host, $0.pattern) }.map(\.namespace)
            return (exact[host] ?? []).union(matching)
        }
    }

    private static func isKnown(
        _ host: String, _ known: KnownHosts, _ workload: Workload, _ state: DeclaredState
    ) -> Bool {
        let namespaces = known.namespaces(of: host)
        guard !namespaces.isEmpty else { return false }
        guard let sidecar = state.mesh.sidecar(of: workload) else { return true }
        return namespaces.contains { sidecar.knows(host, of: $0) }
    }

    private static func tell(
        _ workload: Workload, _ name: OutsideName, others: [String], _ mode: MeshConfigMap.Mode, _ state: DeclaredState
    ) -> Finding {
        let hasEntries = !state.mesh.serviceEntries.isEmpty || state.set.hasAll("ServiceEntry")
        return finding(
            workload.object, at: workload.object.place(name.node), severity: hasEntries ? nil : .warning,
            confidence: hasEntries ? .likely : .possible,
            summary:
                "\(workload.object.title) uses a host outside the mesh (\(name.what)) that its proxy is not told of, and the proxy refuses such hosts.",
            evidence: [
                "outboundTrafficPolicy REGISTRY_ONLY: \(mode.title)\(mode.place.words.map { " (\($0))" } ?? "")",
                hasEntries
                    ? "no ServiceEntry that was read is for the host of \(name.what), or a Sidecar leaves it out"
                    : "no ServiceEntry was read; it may be declared elsewhere",
            ] + (others.isEmpty ? [] : ["so do \(listed(others.unique()))"]),
            cause:
                "The sidecar takes the connection and ends it: 502 for plain HTTP, a reset after ClientHello for HTTPS.",
            remedy: [
                "declare a ServiceEntry for the host (resolution: DNS, its port and protocol), in a namespace that the pod's Sidecar admits",
                "or set outboundTrafficPolicy to ALLOW_ANY and restrict egress by NetworkPolicy or a firewall",
            ])
    }
}

/// The mesh's own configuration, as the cluster holds it: ConfigMap istio in the root namespace, key `mesh`.
enum MeshConfigMap {
    struct Mode {
        let title: String
        let place: ManifestPlace
    }

    static func of(_ state: DeclaredState) -> EmbeddedText? {
        state.object("ConfigMap", MeshState.rootNamespace, "istio").flatMap { object in
            EmbeddedText.all(in: object).first { $0.name == "mesh" }
        }
    }

    /// What makes the pod's proxy refuse hosts it does not know; nil where that is not said.
    static func registryOnly(for workload: Workload, _ state: DeclaredState) -> Mode? {
        if let outbound = state.mesh.outbound(of: workload) {
            guard outbound.isRegistryOnly else { return nil }
            return Mode(title: outbound.object.title, place: outbound.object.place(outbound.node))
        }
        guard state.mesh.installations.isEmpty, let text = of(state),
            let index = text.lines.firstIndex(where: { $0.trimmed == "outboundTrafficPolicy:" }),
            let line = text.lines.indices.dropFirst(index + 1).first,
            text.lines[line].value(of: "mode") == "REGISTRY_ONLY"
        else { return nil }
        return Mode(title: text.object.title, place: text.place(line))
    }
}
