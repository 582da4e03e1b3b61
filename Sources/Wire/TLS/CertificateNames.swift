import NetValues

/// Whether a certificate is for a host, by RFC 9525: subject alternative names only, since the common name has not counted
/// since RFC 6125 was replaced and no current client looks at it.
package enum CertificateNames {
    package static func areValid(for host: Host, dnsNames: [String], ipAddresses: [IPAddress]) -> Bool {
        switch host {
        case .name(let name): dnsNames.contains { matches($0, name) }
        // RFC 9525 section 6.5: byte for byte, and never against a DNS name.
        case .address(let address): ipAddresses.contains { $0.bytes == address.bytes }
        }
    }

    private static func matches(_ presented: String, _ name: DomainName) -> Bool {
        let labels = presented.lowercasedASCII().split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        let wanted = name.labels.map { $0.lowercasedASCII() }
        guard !wanted.isEmpty, labels.count == wanted.count, !labels.contains("") else { return false }
        guard labels[0] == "*" else { return labels == wanted }
        // The star is a whole left-most label (RFC 9525 section 6.3) and stands for one. Like OpenSSL and GnuTLS, none for
        // a top-level domain.
        return labels.count > 2 && labels.dropFirst() == wanted.dropFirst()
    }
}
