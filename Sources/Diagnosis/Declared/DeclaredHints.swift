import Manifests
import NetValues
import Observations
import Planning
import YAML

/// What manifests say beside the target itself that may be why a finding came about.
enum DeclaredHints {
    static func of(_ check: CheckEvidence, _ finding: Finding, _ view: DeclaredView) -> [DeclaredPlace] {
        switch finding.id {
        case TCPFilteredDrop.id, TCPRejected.id: sourceRanges(check, view) + localPolicy(check, view)
        case DNSNameNotFound.id: otherNamespaces(check, view) + notApplied(check, view)
        case TLSNameMismatch.id, TLSChainUntrusted.id, TLSCertExpired.id, TLSCertExpiring.id:
            secret(check, view)
        default: []
        }
    }

    /// A load balancer that lets only some sources in, of which the vantage is none. Between a private address here and a public one
    /// there a translation may stand: then nothing is known.
    private static func sourceRanges(_ check: CheckEvidence, _ view: DeclaredView) -> [DeclaredPlace] {
        guard let service = view.destination(of: check)?.service, service.kind == .loadBalancer,
            let entry = service.object.spec?.entry("loadBalancerSourceRanges")
        else { return [] }
        let written = entry.value.texts
        let ranges = written.compactMap { AddressRange($0) }
        let connects = check.connects.filter { connect in
            // The address of the cluster is for the cluster.
            !service.clusterIPs.contains(connect.endpoint.address.description)
        }
        let sources = connects.compactMap { connect in connect.source.map { ($0.address, connect.endpoint.address) } }
        guard let (own, target) = sources.first, ranges.count == written.count, !ranges.isEmpty,
            own.isOfInternet == target.isOfInternet, !ranges.contains(where: { $0.contains(own) })
        else { return [] }
        return [
            DeclaredPlace(
                "Service \(service.namespace)/\(service.name) lets only \(listed(written.map { $0.escaped(limit: 60) }, limit: 6)) in (loadBalancerSourceRanges), and this vantage is \(own)",
                service.object, line: Int(entry.keyMark.line), isHint: true)
        ]
    }

    /// Nodes without a pod of such a Service drop what comes from outside.
    private static func localPolicy(_ check: CheckEvidence, _ view: DeclaredView) -> [DeclaredPlace] {
        guard let service = view.destination(of: check)?.service,
            let entry = service.object.spec?.entry("externalTrafficPolicy"), entry.value.text == "Local",
            !check.addresses.contains(where: { service.clusterIPs.contains($0.description) })
        else { return [] }
        return [
            DeclaredPlace(
                "Service \(service.namespace)/\(service.name) has externalTrafficPolicy Local: nodes without a pod of it drop what comes from outside",
                service.object, line: Int(entry.keyMark.line))
        ]
    }

    /// The same Service in another namespace, or one of nearly that name here.
    private static func otherNamespaces(_ check: CheckEvidence, _ view: DeclaredView) -> [DeclaredPlace] {
        guard let name = check.foreignHost, view.service(named: name) == nil else { return [] }
        let labels = name.split(separator: ".").map(String.init)
        guard labels.count == 1 || labels.count == 2 || labels[2] == "svc",
            let namespace = labels.count == 1 ? view.vantageNamespace : labels[1]
        else { return [] }
        // Two labels may be a name of anywhere, unless the second one is a namespace that was read.
        let isNamespace =
            view.state.namespaces[namespace] != nil
            || view.state.services.contains { $0.namespace == namespace }
        guard isNamespace || labels.count > 2 else { return [] }
        let elsewhere = view.state.services.filter { $0.name == labels[0] && $0.namespace != namespace }
        if !elsewhere.isEmpty {
            return elsewhere.prefix(3).map { service in
                DeclaredPlace(
                    "a Service \(service.name) is in namespace \(service.namespace), and none in \(namespace.escaped(limit: 63)): ask for \(service.name).\(service.namespace)",
                    service.object, line: service.object.place.line, isHint: elsewhere.count == 1)
            }
        }
        let here = view.state.services.filter { $0.namespace == namespace }
        guard let near = nearestWord(to: labels[0], among: here.map(\.name)),
            let service = here.first(where: { $0.name == near })
        else { return [] }
        return [
            DeclaredPlace(
                "\(namespace.escaped(limit: 63)) has a Service \(near.escaped(limit: 63))", service.object,
                line: service.object.place.line, isHint: true)
        ]
    }

    /// A Service with an address of its own has its name whatever is behind it.
    private static func notApplied(_ check: CheckEvidence, _ view: DeclaredView) -> [DeclaredPlace] {
        guard let name = check.foreignHost, let service = view.service(named: name), !service.isHeadless,
            service.kind != .externalName
        else { return [] }
        return [
            DeclaredPlace(
                "Service \(service.namespace)/\(service.name) would have this name: it is not applied, or these servers are not those of its cluster",
                service.object, line: service.object.place.line)
        ]
    }

    /// The Secret that the Ingress takes the certificate of this host from, and what it holds.
    private static func secret(_ check: CheckEvidence, _ view: DeclaredView) -> [DeclaredPlace] {
        guard let host = check.handshakes.last.flatMap({ $0.serverName })?.lowercased() else { return [] }
        let entries = view.state.ingresses.flatMap { ingress in
            ingress.tls.filter { entry in
                entry.hosts.contains { HostPattern.rank(of: host, $0.lowercased()) != nil }
            }.map { (ingress: ingress, entry: $0) }
        }
        guard let (ingress, entry) = entries.only, let secret = entry.secret else { return [] }
        let certificate = view.state.set.certificates.first {
            $0.object.namespace == ingress.namespace && $0.object.name == secret
        }
        let holds =
            certificate?.leaf.map { leaf in
                ", whose certificate is for \(listed(leaf.names.map { $0.escaped(limit: 80) }, limit: 4)) and valid until \(leaf.notAfter.spoken)"
            } ?? ""
        return [
            DeclaredPlace(
                "\(ingress.object.title) takes the certificate of \(host.escaped(limit: 253)) from the Secret \(secret.escaped(limit: 63))\(holds)",
                ingress.object, line: entry.line, isHint: true)
        ]
    }
}
