import NetValues
import Planning

/// Where an API server is, how it is known, and who asks it.
package struct ClusterAccess: Sendable {
    enum User: Sendable {
        case anonymous
        case token(String)
        /// Read anew for each request, since it is replaced before it ends.
        case tokenFile(String, otherwise: String?)
        case plugin(ExecPlugin)
    }

    /// With the path that stands before that of the API, as behind Rancher.
    let server: HTTPURL
    /// PEM; nil trusts what the system trusts.
    var authorities: [UInt8]?
    var isUnverified = false
    /// In place of the server's own name, for SNI and the certificate.
    var serverName: Host?
    var user = User.anonymous
    /// PEM of a client certificate and its key.
    var certificate: [UInt8]?
    var key: [UInt8]?
    /// Where to look when the whole cluster is forbidden.
    package var namespace: String
    /// Where this was written: "context shop of /root/.kube/config".
    package let origin: String
    /// What is strange about it and no mistake, each in one line with its place.
    package var remarks: [String] = []

    init(server: HTTPURL, namespace: String, origin: String) {
        self.server = server
        self.namespace = namespace
        self.origin = origin
    }

    var isAnonymous: Bool { if case .anonymous = user { certificate == nil } else { false } }

    /// For messages.
    package var place: String {
        "\(address.escaped(limit: 340)) (\(origin))"
    }

    var address: String { "\(server.scheme.rawValue)://\(server.authority)\(pathPrefix)" }

    var pathPrefix: String {
        var path = server.requestTarget.prefix { $0 != "?" }
        while path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }
}

extension Host {
    /// As certificates and SNI write it: no dot at the end.
    var plain: String {
        switch self {
        case .name(let name): name.labels.joined(separator: ".")
        case .address(let address): address.description
        }
    }
}
