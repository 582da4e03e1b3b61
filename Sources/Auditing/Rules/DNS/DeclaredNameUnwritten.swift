import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Names that are declared to ExternalDNS, and that its settings make it leave alone (catalogue section 3, as manifests show it).
enum DeclaredNameUnwritten: AuditRule {
    static let explanation = FindingExplanation.shared("dns-name-not-found", severity: .error)

    /// One ExternalDNS: what it looks at, and which zones it writes.
    private struct Writer {
        let workload: Workload
        let sources: Set<String>
        let domains: [String]
        let node: YAMLNode?

        init?(_ workload: Workload) {
            guard
                let container = workload.template.containers.first(where: {
                    $0["image"]?.text?.split(separator: "/").last?.hasPrefix("external-dns") ?? false
                }), let args = container["args"], !args.items.isEmpty
            else { return nil }
            self.workload = workload
            node = args
            func values(_ name: String) -> [String] {
                let texts = args.items.compactMap(\.text)
                let inline = texts.filter { $0.hasPrefix("--\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
                let apart = zip(texts, texts.dropFirst()).filter { $0.0 == "--\(name)" }.map(\.1)
                return inline + apart
            }
            sources = Set(values("source"))
            domains = values("domain-filter").map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
            // What a pattern or a file says is not known here.
            guard !sources.isEmpty, !args.items.contains(where: { $0.text?.contains("regex-domain") ?? false }) else {
                return nil
            }
        }

        func writes(_ name: String) -> Bool {
            domains.isEmpty || domains.contains { name == $0 || name.hasSuffix("." + $0) }
        }
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        let records = state.objects("DNSEndpoint", "externaldns.k8s.io")
        guard !records.isEmpty else { return [] }
        let writers = state.workloads.compactMap(Writer.init)
        // One whose settings are not understood may write all.
        guard !writers.isEmpty, writers.count == state.workloads.count(where: isExternalDNS) else { return [] }
        let readers = writers.filter { $0.sources.contains("crd") }
        guard !readers.isEmpty else { return [unread(records, writers[0])] }
        return records.flatMap { object in
            (object.spec?["endpoints"]?.items ?? []).compactMap { item -> Finding? in
                guard let node = item["dnsName"], let name = node.text?.lowercased(),
                    !readers.contains(where: { $0.writes(name) })
                else { return nil }
                return foreign(object, node, name, readers)
            }.prefix(5)
        }
    }

    private static func isExternalDNS(_ workload: Workload) -> Bool {
        workload.template.containers.contains { $0["image"]?.text?.contains("external-dns") ?? false }
    }

    private static func unread(_ records: [ManifestObject], _ writer: Writer) -> Finding {
        finding(
            writer.workload.object, at: writer.workload.object.place(writer.node), confidence: .likely,
            summary:
                "\(writer.workload.object.title) does not look at DNSEndpoints: the names of \(records.count == 1 ? records[0].title : "\(records.count) of them") are never written.",
            evidence: ["--source: \(listed(writer.sources.sorted().map { $0.escaped(limit: 40) }, limit: 6))"]
                + records.prefix(3).map { "\($0.title)\($0.place.words.map { " (\($0))" } ?? "")" },
            cause: "ExternalDNS reads the sources that it is told, and nothing else.",
            remedy: ["add the argument --source=crd"], patch: "        - --source=crd")
    }

    private static func foreign(_ object: ManifestObject, _ node: YAMLNode, _ name: String, _ readers: [Writer])
        -> Finding
    {
        finding(
            object, at: object.place(node), confidence: .likely,
            summary: "\(object.title): \(name.escaped(limit: 253)) is of no zone that ExternalDNS writes.",
            evidence: readers.prefix(3).map {
                "\($0.workload.object.title)\($0.workload.object.place($0.node).words.map { " (\($0))" } ?? ""): --domain-filter \(listed($0.domains.map { $0.escaped(limit: 120) }))"
            }, cause: "ExternalDNS leaves names outside its --domain-filter alone: the name does not come to be.",
            remedy: ["add the zone to --domain-filter, or correct the name"])
    }
}
