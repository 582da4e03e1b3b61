/// An address and a port: what a socket connects to.
package struct Endpoint: Hashable, Sendable {
    package let address: IPAddress
    package let port: UInt16

    package init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `1.2.3.4:53`, `[::1]:53`; without a port only when `defaultPort` is given, and then also a bare IPv6 address.
    package init?(_ text: some StringProtocol, defaultPort: UInt16? = nil) {
        if let defaultPort, let address = IPAddress(text) {
            self.init(address, defaultPort)
            return
        }
        guard let pair = HostPort(String(text), defaultPort: defaultPort), case .address(let address) = pair.host else {
            return nil
        }
        self.init(address, pair.port)
    }
}

extension Endpoint: CustomStringConvertible {
    package var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}

/// What a user names: a name to be resolved, or an address.
package enum Host: Hashable, Sendable {
    case name(DomainName)
    case address(IPAddress)

    /// An address if it reads as one (also in brackets), otherwise a name, otherwise nil.
    package init?(_ text: some StringProtocol) {
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = IPv6Address(text.dropFirst().dropLast()) else { return nil }
            self = .address(.v6(address))
        } else if let address = IPAddress(text) {
            self = .address(address)
        } else if let name = DomainName(text), !name.looksLikeAddress {
            self = .name(name)
        } else {
            return nil
        }
    }

    package var name: DomainName? {
        if case .name(let name) = self { name } else { nil }
    }

    package var address: IPAddress? {
        if case .address(let address) = self { address } else { nil }
    }
}

extension Host: CustomStringConvertible {
    package var description: String {
        switch self {
        case .name(let name): name.description
        case .address(let address): address.description
        }
    }
}

/// A host and a port as a user writes them: `db.prod:5432`, `10.0.0.1:80`, `[fd00::1]:80`.
package struct HostPort: Hashable, Sendable {
    package let host: Host
    package let port: UInt16

    package init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    package init?(_ text: some StringProtocol, defaultPort: UInt16? = nil) {
        if let defaultPort, let host = Host(text) {
            self.init(host: host, port: defaultPort)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let host = Host(text[..<colon]),
            let port = UInt16(decimal: text[text.index(after: colon)...]), port > 0
        else { return nil }
        // `fd00::1:80` is an address without a port; brackets say which is meant.
        if case .address(.v6) = host, !text.hasPrefix("[") { return nil }
        self.init(host: host, port: port)
    }
}

extension HostPort: CustomStringConvertible {
    package var description: String {
        if case .address(.v6) = host { "[\(host)]:\(port)" } else { "\(host):\(port)" }
    }
}

extension UInt16 {
    /// Decimal digits only: no sign, no blanks.
    package init?(decimal text: some StringProtocol) {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(text)
    }
}
