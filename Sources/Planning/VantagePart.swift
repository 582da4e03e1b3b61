/// What a check of `leadsman doctor` looks at: the label `part`.
package enum VantagePart: String, Hashable, Sendable, CaseIterable {
    case gateway, nameServer, clusterDNS, clusterAPI, internet, proxy, proxied, metadata, egress, publicAddress

    package static let label = "part"
}
