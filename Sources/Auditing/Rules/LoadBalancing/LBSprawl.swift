import Diagnosis
import Manifests
import NetValues
import Planning

/// Many public load balancers where one entry would do (catalogue section 14).
enum LBSprawl: AuditRule {
    static let explanation = FindingExplanation(
        id: "lb-sprawl", severity: .info, title: "Several public load balancers where one entry would do",
        signals: ["three or more public Services of type LoadBalancer of one namespace serve HTTP or HTTPS"],
        lookalikes: ["internal load balancers", "other protocols, which an Ingress cannot take"],
        traps: ["kept apart on purpose (tenants, certificates, limits): then it is right"],
        remedy: ["put one Ingress or Gateway in front, and make the Services ClusterIP"])

    private static let many = 3

    static func findings(in state: DeclaredState) -> [Finding] {
        let web = state.services.filter {
            $0.isLoadBalancer && !$0.isInternal && $0.ports.contains { [80, 443, 8080, 8443].contains($0.number) }
        }
        return web.map(\.namespace).unique().compactMap { namespace in
            let members = web.filter { $0.namespace == namespace }
            guard members.count >= many, let first = members.first else { return nil }
            return finding(
                first.object, at: first.typePlace,
                summary:
                    "\(counted(members.count, "public load balancer")) of namespace \(namespace) serve HTTP: one Ingress could take all.",
                evidence: members.prefix(5).map { service in
                    "\(service.object.title)" + (service.object.place.words.map { " (\($0))" } ?? "")
                },
                cause: "Each has an address, a price and a certificate of its own, and each is an entrance to guard.")
        }
    }
}
