import Connectivity
import Manifests
import NetValues
import Observations
import Planning
import YAML

/// Plaintext that a sidecar hangs up on, since a PeerAuthentication demands mutual TLS.
extension MTLSRequired {
    /// What decides about the target of a check.
    struct Demand {
        let check: CheckEvidence
        let destination: DeclaredDestination
        let policy: MutualTLS
        /// The manifests say that each of the pods has a sidecar.
        let isInMesh: Bool

        /// Nil unless every pod that the target leads to accepts mutual TLS only.
        init?(_ check: CheckEvidence, _ view: DeclaredView) {
            guard let destination = view.destination(of: check), !destination.ends.isEmpty else { return nil }
            var policies: [MutualTLS] = []
            var isInMesh = true
            for end in destination.ends {
                guard case .workload(let index) = end.party else { return nil }
                let workload = view.state.workloads[index]
                let membership = view.state.membership(of: workload)
                guard !membership.isOutside, !workload.leavesOut(end.port),
                    let policy = view.state.mesh.mutualTLS(of: workload, port: end.port), policy.mode == .strict
                else { return nil }
                isInMesh = isInMesh && membership.isInside
                policies.append(policy)
            }
            guard let policy = policies.first else { return nil }
            self.check = check
            self.destination = destination
            self.policy = policy
            self.isInMesh = isInMesh
        }

        var line: String {
            let place = policy.place.words.map { " (\($0))" } ?? ""
            let scope =
                policy.policy.isMeshWide
                ? "the whole mesh"
                : policy.policy.selector.map { $0.words } ?? "namespace \(policy.policy.object.namespace)"
            return "declared: \(policy.policy.object.title)\(place) sets mutual TLS to STRICT for \(scope)"
        }

        var location: Finding.Location {
            Finding.Location(
                file: policy.place.file, line: policy.place.line, object: policy.policy.object.title)
        }
    }

    /// Plain requests that end without a byte of an answer.
    static func declared(_ evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, !view.isVantageInMesh else { return [] }
        let ended = evidence.measured.filter {
            $0.check.expectation.word == .reachable && $0.isAllFailing && isHungUpOn($0)
        }
        guard !ended.isEmpty else { return [] }
        let filtered = FilteredNames(evidence).checks
        let demands = ended.filter { !filtered.contains($0.name) }.compactMap { Demand($0, view) }
        return grouped(demands, by: \.check.subject).map { subject, members in judge(subject, members, view) }
    }

    /// Each sample connected, sent plain bytes, and got none back: an end in good order or a reset.
    private static func isHungUpOn(_ check: CheckEvidence) -> Bool {
        !check.samples.isEmpty
            && check.samples.allSatisfy { sample in
                var hasEnd = false
                for fact in sample.facts where !fact.isContrast {
                    switch fact {
                    case .http(let exchange):
                        guard exchange.url.scheme == .http, exchange.proxy == nil, exchange.isEndedUnanswered else {
                            return false
                        }
                        hasEnd = true
                    case .banner(let banner):
                        guard banner.bytes.isEmpty, banner.sentBytes > 0, banner.end.isReset || banner.end == .closed
                        else { return false }
                        hasEnd = true
                    case .tls: return false
                    default: break
                    }
                }
                return hasEnd
            }
    }

    private static func judge(_ subject: String, _ members: [Demand], _ view: DeclaredView) -> Finding {
        let demand = members[0]
        var finding = finding(
            subject, checks: members.map(\.check.name),
            confidence: demand.isInMesh && view.vantage != nil ? .certain : .likely,
            summary:
                "\(subject) accepts only mutual TLS of the mesh (\(demand.policy.policy.object.title)), and hangs up on plaintext.",
            evidence: [demand.line]
                + (demand.isInMesh ? [] : ["whether its pods have a sidecar is not in the manifests"])
                + evidenceLines(members.flatMap(\.check.samples).flatMap(\.facts).flatMap(ends)),
            cause:
                "The sidecar of \(demand.destination.title) ends every connection that brings no certificate of the mesh, before the application sees it.",
            remedy: [
                "run the client in the mesh: label its namespace (istio-injection=enabled) and restart it",
                "or exempt this port: a PeerAuthentication for these pods with portLevelMtls, mode PERMISSIVE",
            ])
        finding.location = demand.location
        finding.patch = view.injectionPatch
        finding.replaces = ["tcp-reset-after-connect", "http-protocol-error", "expectation-unmet"]
        return finding
    }

    private static func ends(_ fact: Fact) -> [String] {
        switch fact {
        case .http, .banner: fact.isContrast ? [] : fact.failureWords
        default: []
        }
    }
}

extension Workload {
    /// A port that the sidecar does not see (annotations of traffic.sidecar.istio.io).
    fileprivate func leavesOut(_ port: UInt16) -> Bool {
        func ports(_ key: String) -> [String]? {
            template.annotations["traffic.sidecar.istio.io/\(key)"].map {
                $0.split(separator: ",").map { $0.filter { $0 != " " } }
            }
        }
        if ports("excludeInboundPorts")?.contains(String(port)) == true { return true }
        guard let included = ports("includeInboundPorts") else { return false }
        return !included.contains(String(port)) && !included.contains("*")
    }
}

extension DeclaredView {
    /// Its sidecar would bring the certificate: then plaintext is not what went over the wire.
    var isVantageInMesh: Bool { vantage.map { state.membership(of: state.workloads[$0]).isInside } ?? false }

    /// The namespace of the vantage, brought into the mesh with the labels that it has already.
    fileprivate var injectionPatch: String? {
        guard let vantage, case let namespace = state.workloads[vantage].namespace,
            state.membership(of: state.workloads[vantage]) == .notAsked,
            let labels = state.namespaces[namespace]
        else { return nil }
        let lines = labels.merging(["istio-injection": "enabled"]) { $1 }.sorted { $0.key < $1.key }.map {
            "    \(yamlScalar($0.key)): \(yamlScalar($0.value))"
        }
        return
            (["apiVersion: v1", "kind: Namespace", "metadata:", "  name: \(yamlScalar(namespace))", "  labels:"] + lines)
            .joined(separator: "\n")
    }
}
