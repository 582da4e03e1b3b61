import Manifests
import NetValues
import YAML

/// The name that every cluster has, and names that ExternalDNS is told to make.
extension PlanDerivation {
    static let clusterNameCheck = "dns of the cluster"

    private var clusterName: String { "kubernetes.default.svc.\(domain)" }

    mutating func deriveNames() {
        switch names {
        case .works: add(Self.clusterNameCheck, "dns", clusterName, because: "every cluster has this name")
        case .denied(let decisions):
            add(
                Self.clusterNameCheck, "dns", clusterName, .blocked,
                because: "questions to the cluster's DNS (port 53) are \(words(decisions))",
                "names cannot be resolved from here: see policy-missing-dns-egress of leadsman audit")
        case .elsewhere(let why): note("names of the cluster: \(why)")
        }
        deriveEndpointNames()
    }

    /// DNSEndpoint of ExternalDNS: its group has differed.
    private mutating func deriveEndpointNames() {
        for object in state.objects("DNSEndpoint").sorted(by: { $0.place < $1.place }) {
            for record in object.spec?["endpoints"]?.items ?? [] {
                guard let written = record["dnsName"]?.text, let type = record["recordType"]?.text,
                    let targets = record["targets"]?.texts, !targets.isEmpty
                else { continue }
                let reason = because(object, line: Int(record.mark.line))
                guard ["A", "AAAA", "CNAME"].contains(type), let name = single(written, because: reason) else {
                    if !written.contains("*") {
                        note(
                            "\(reason): a \(type.escaped(limit: 20)) record of \(written.escaped(limit: 253)), which no check asks for"
                        )
                    }
                    continue
                }
                guard !names.isDenied else { return note("\(reason): names cannot be resolved from here") }
                add(
                    "dns of \(name)", "dns", name,
                    [PlanKey("type", .word(type))] + .expect(PlanKey("answers", .list(targets.map { .text($0) }))),
                    because: reason)
            }
        }
    }

    /// A name that is not of the cluster; nil where it is not checked.
    mutating func addForeignName(_ name: String, because reason: String) -> String? {
        guard !names.isDenied else { return nil }
        return add("dns of \(name)", "dns", name, because: reason)
    }
}
