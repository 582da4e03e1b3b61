import HTTPProbe
import NetValues
import Planning
import Wire

extension FuzzTarget {
    /// Up to a line break the host that was asked for, behind it the names of a certificate, one a line.
    static let certificateNames = FuzzTarget(
        "certificate-names", words: ["*.", "example.com", "xn--", "\n"],
        seeds: {
            ["www.example.com\n*.example.com\nexample.com", "198.18.0.1\n*.18.0.1\n198.18.0.1", "a\n*", "a.b.\n*.b"].map
            {
                Array($0.utf8)
            }
        }
    ) { bytes in
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let first = lines.first, let host = Host(first) else { return }
        let names = Array(lines.dropFirst())
        let addresses = names.compactMap { IPAddress($0) }
        let isValid = CertificateNames.areValid(for: host, dnsNames: names, ipAddresses: addresses)
        switch host {
        case .address(let address):
            let isListed = addresses.contains { $0.bytes == address.bytes }
            try hold(isValid == isListed, "\(address) is judged by names")
        case .name(let name):
            guard isValid else { return }
            let matches = names.filter { CertificateNames.areValid(for: host, dnsNames: [$0], ipAddresses: []) }
            try hold(!matches.isEmpty, "valid together, but by no name alone")
            try hold(
                matches.allSatisfy { $0.split(separator: ".").count == name.labels.count },
                "a name of another length is taken for \(name)")
        }
    }

    /// Every short text that a user or a file may name: each value is printed as it is read.
    static let spellings = FuzzTarget(
        "spellings", words: ["::", "ffff:", "%eth0", "[", "]:", "1h30m", "µs", ".", "65535", "://"],
        seeds: {
            [
                "198.18.0.1", "fd00:18::1", "::ffff:198.18.0.1", "fe80::1%eth0", "[fd00::1]:443", "db.prod:5432",
                "1m30s",
                "1.5ms", "www.example.com.", "_sip._tcp.example.com", "HTTPS", "TYPE65", "2xx", "200", "NXDOMAIN",
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        try staysTheSame(text, IPAddress.init(_:))
        try staysTheSame(text, Host.init(_:))
        try staysTheSame(text) { HostPort($0) }
        try staysTheSame(text) { Endpoint($0) }
        try staysTheSame(text) { Endpoint($0, defaultPort: 53) }
        try staysTheSame(text, DomainName.init(_:))
        try staysTheSame(text, DNSType.init(_:))
        for form in [Target.Form.host, .hostPort, .url, .name] { try staysTheSame(text) { Target($0, form: form) } }
        if let span = Duration(span: text) {
            try hold(span >= .zero && span <= .seconds(3_155_760_000), "a span of \(span)")
            _ = span.spoken
        }
        if let name = DomainName(text) {
            try hold(name.description.utf8.count <= 254, "a name of \(name.description.utf8.count) bytes")
            _ = name.under(name)
        }
        _ = nearestWord(to: text, among: ["timeout", "interval", "samples"])
        _ = DNSRcode(text)
    }

    private static func staysTheSame<Value: Equatable & CustomStringConvertible>(
        _ text: String, _ read: (String) -> Value?
    ) throws {
        guard let value = read(text) else { return }
        let again = read(value.description)
        try hold(
            again == value, "\(Value.self): \(text.debugDescription) is printed as \(value), which is read otherwise")
    }

    /// A URL, a line break, and a reference that is seen from it.
    static let url = FuzzTarget(
        "url", words: ["http://", "https://", "//", "/../", "/./", "?", "#", "[::1]", "@", ":443"],
        seeds: {
            [
                "https://example.com/a/b?c#d\n../x", "http://[fd00::1]:8080\n//other/", "http://a\n?q",
                "https://a/b/\n./../c d",
            ]
            .map { Array($0.utf8) }
        }
    ) { bytes in
        let lines = bytes.split(separator: 0x0a, maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
        guard let first = lines.first, let base = HTTPURL(first) else { return }
        try staysTheSame(first) { HTTPURL($0) }
        guard lines.count == 2, let next = base.resolving(lines[1]) else { return }
        try staysTheSame(next.description) { HTTPURL($0) }
        try hold(next.requestTarget.hasPrefix("/"), "the target \(next.requestTarget)")
        try hold(
            HTTPSyntax.isRequestTarget(next.requestTarget.utf8), "the target \(next.requestTarget.debugDescription)")
        let again = next.resolving(next.description)
        try hold(again == next, "\(next) seen from itself is \(again?.description ?? "nothing")")
    }
}
