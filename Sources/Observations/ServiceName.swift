import NetValues

/// The DNS name of a Kubernetes Service (kubernetes/dns, specification.md): `SERVICE.NAMESPACE.svc.ZONE`, or of something of it
/// with one label more in front (`POD.SERVICE...`, `_PORT._tcp...` has two).
package struct ServiceName: Hashable, Sendable {
    package let service: String
    package let namespace: String
    /// The Service's own name, absolute.
    package let name: DomainName

    package init?(_ name: DomainName) {
        guard let place = name.labels.firstIndex(where: { $0.lowercasedASCII() == "svc" }), (2...4).contains(place),
            place < name.labels.count - 1
        else { return nil }
        service = name.labels[place - 2]
        namespace = name.labels[place - 1]
        guard let own = DomainName(name.labels[(place - 2)...].joined(separator: ".") + ".") else { return nil }
        self.name = own
    }

    /// Under which a host was found: by the search list a short name becomes a whole one.
    package init?(of host: Host, found facts: some Sequence<Fact>) {
        guard let name = host.name else { return nil }
        let found = facts.lazy.compactMap { fact in
            if case .resolution(let resolution) = fact, resolution.host == host {
                resolution.tried.first { $0.found }?.name
            } else {
                nil
            }
        }.first
        self.init(found ?? name)
    }
}
