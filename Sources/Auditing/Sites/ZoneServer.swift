import Manifests
import NetValues

/// A DNS server that is declared to serve a zone, in a list of zones within a ConfigMap.
struct ZoneServer: Hashable {
    /// What the list calls the site, nil where it has no name for it.
    let site: String?
    /// "onprem.hybrid.example.com"
    let zone: String
    let address: IPAddress
    let place: ManifestPlace
    /// "ConfigMap kube-system/external-dns-config"
    let title: String

    static func all(_ texts: [EmbeddedText]) -> [ZoneServer] { texts.flatMap(listed) }

    /// Lines as `name:`, `domain:` (or `zone:`) and `servers:`, in whichever format: a YAML list, most often.
    private static func listed(_ text: EmbeddedText) -> [ZoneServer] {
        var site: String?
        var zone: String?
        var isList = false
        var found: [ZoneServer] = []
        for (index, line) in text.lines.enumerated() {
            var rest: Substring?
            if let name = line.value(of: "name") {
                (site, zone, isList) = (String(name), nil, false)
            } else if let name = line.value(of: "domain") ?? line.value(of: "zone") {
                (zone, isList) = (String(name), false)
            } else if let servers = line.value(of: "servers") ?? line.value(of: "nameservers") {
                (rest, isList) = (servers, true)
            } else if isList, line.trimmed.hasPrefix("- ") {
                rest = line
            } else {
                isList = false
            }
            guard let zone, let rest else { continue }
            for address in addresses(rest) {
                found.append(
                    ZoneServer(
                        site: site, zone: zone, address: address, place: text.place(index), title: text.object.title))
            }
        }
        return found
    }

    private static func addresses(_ text: Substring) -> [IPAddress] {
        text.split { "[],\"' ".contains($0) }.compactMap { IPAddress($0) }
    }
}
