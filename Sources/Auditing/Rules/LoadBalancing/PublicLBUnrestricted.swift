import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A load balancer that anybody may use, beside the way that was made for it (catalogue section 13).
enum PublicLBUnrestricted: AuditRule {
    static let explanation = FindingExplanation(
        id: "public-lb-unrestricted", severity: .warning, title: "A load balancer is open to everybody",
        signals: [
            "a Service of type LoadBalancer that is not internal and names no source ranges has a port without encryption, or one of a data store"
        ],
        lookalikes: [
            "an entry point that serves TLS (ingress controllers, gateways)",
            "internal by annotation or by its address, or limited by loadBalancerSourceRanges",
        ],
        traps: ["a firewall in front of the cluster is not in manifests: confirm from an outside vantage"],
        remedy: [
            "name the clients in spec.loadBalancerSourceRanges, or make it internal",
            "Azure: annotation service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"",
            "where an Ingress serves the same pods: make the Service ClusterIP",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        lazy var signs = Cloud.signs(in: state)
        return state.services.compactMap { service in
            guard service.isLoadBalancer, !service.isInternal, service.isOpenToAll, !state.hasPrivatePoolsOnly else {
                return nil
            }
            let stores = service.ports.filter { $0.store != nil }
            let plain = service.hasTLSPort || service.endsTLSAtLoadBalancer ? [] : service.webPorts
            guard let first = stores.first ?? plain.first else { return nil }
            let beside = state.ingresses.filter { leads($0, to: service) }
            let what =
                first.store.map { "\($0) (port \(first.number))" } ?? "port \(first.number), which is not encrypted"
            return finding(
                service.object, at: service.typePlace, confidence: .likely,
                summary: "\(service.object.title) opens \(what), to everybody who reaches the load balancer.",
                evidence: [
                    service.sourceRanges.isEmpty
                        ? "type LoadBalancer, no loadBalancerSourceRanges, no annotation of an internal load balancer"
                        : "source ranges: \(listed(service.sourceRanges.map { $0.escaped(limit: 43) }))"
                ] + beside.prefix(2).map { "\($0.object.title) leads to it too: this way goes past it" },
                cause: beside.isEmpty
                    ? "Most clouds give such a Service a public address, and let every client in."
                    : "What the Ingress does for its clients (TLS, firewall, limits) does not hold for those who use this address.",
                patch: patch(signs))
        }
    }

    private static func leads(_ ingress: DeclaredIngress, to service: DeclaredService) -> Bool {
        ingress.backends.contains { $0.service == service.name }
            && (ingress.namespace == service.namespace || ingress.object.writtenNamespace == nil)
    }

    /// Where nothing says which cloud it is, or several do, nobody can write the annotation.
    private static func patch(_ signs: [Cloud: String]) -> String? {
        guard signs.count == 1, let cloud = signs.keys.first else { return nil }
        let annotation =
            switch cloud {
            case .aws: "service.beta.kubernetes.io/aws-load-balancer-scheme: internal"
            case .azure: "service.beta.kubernetes.io/azure-load-balancer-internal: \"true\""
            case .google: "networking.gke.io/load-balancer-type: Internal"
            }
        return "metadata:\n  annotations:\n    \(annotation)"
    }
}

/// The same door, judged by what goes through it (catalogue section 9).
enum PlaintextService: AuditRule {
    static let explanation = FindingExplanation.shared("plaintext-service", severity: .warning)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.services.compactMap { service in
            guard service.isLoadBalancer, !service.isInternal, service.isOpenToAll, !service.hasTLSPort,
                !service.endsTLSAtLoadBalancer, !state.hasPrivatePoolsOnly, let port = service.webPorts.first
            else { return nil }
            return finding(
                service.object, at: ManifestPlace(file: service.object.file, line: port.line), confidence: .likely,
                summary: "\(service.object.title) serves HTTP without TLS on port \(port.number) to the outside.",
                evidence: ["a load balancer that is not internal, and none of its ports is one of TLS"],
                cause: "What goes over this port can be read and changed on the way.",
                remedy: [
                    "serve TLS: behind an Ingress with a certificate, or at the load balancer",
                    "make the Service ClusterIP where an Ingress leads to it",
                ])
        }
    }
}
