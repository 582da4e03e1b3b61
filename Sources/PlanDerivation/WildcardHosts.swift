import Manifests
import NetValues
import YAML

/// Hosts such as `*.example.com`: one name of theirs can be asked for where it is known to exist.
extension PlanDerivation {
    /// The label in place of the asterisk: nobody is called so.
    static let wildcardLabel = "leadsman-check"

    /// A name that a host of a route holds for: the host itself; for a wildcard a name of it that DNS has. Nil after saying why.
    mutating func single(_ host: String, because reason: String) -> String? {
        guard host.contains("*") else { return host }
        let shown = host.escaped(limit: 253)
        guard host.hasPrefix("*."), !host.dropFirst(2).contains("*") else {
            note("\(reason): \(host == "*" ? "every host is meant" : "\(shown) is no name"), so none can be asked for")
            return nil
        }
        let name = Self.wildcardLabel + host.dropFirst()
        guard state.hasWildcardRecord(for: host) else {
            note(
                "\(reason): \(shown) names no single host, and no DNSEndpoint declares a record of it, so that a name made up may not exist"
            )
            return nil
        }
        return name
    }
}

extension DeclaredState {
    /// A record of the wildcard itself, or of one that holds it.
    fileprivate func hasWildcardRecord(for host: String) -> Bool {
        objects("DNSEndpoint").contains { object in
            (object.spec?["endpoints"]?.items ?? []).contains { record in
                guard let name = record["dnsName"]?.text, name.hasPrefix("*.") else { return false }
                return name == host || host.hasSuffix(name.dropFirst())
            }
        }
    }
}
