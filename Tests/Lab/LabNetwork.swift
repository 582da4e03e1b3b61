/// A network as data. All addresses are of 198.18.0.0/15 and fd00:18::/32; all of it lives in namespaces of its own, so nothing
/// of the machine's network is touched.
struct LabNetwork: Sendable {
    struct Link: Sendable {
        let first: End
        let second: End
    }

    struct End: Sendable {
        let node: String
        /// With prefix lengths. The interface is called `to-PEER`.
        let addresses: [String]
    }

    struct Route: Sendable {
        let node: String
        /// For `ip route`: `default via 198.18.1.1`.
        let route: String
        var isIPv6: Bool { route.contains(":") }
    }

    let nodes: [String]
    let links: [Link]
    let routers: [String]
    let routes: [Route]

    /// A client and a server with a router between them, both families.
    static let clientRouterServer = LabNetwork(
        nodes: ["c", "r", "s"],
        links: [
            Link(
                first: End(node: "c", addresses: ["198.18.1.2/24", "fd00:18:1::2/64"]),
                second: End(node: "r", addresses: ["198.18.1.1/24", "fd00:18:1::1/64"])),
            Link(
                first: End(node: "r", addresses: ["198.18.2.1/24", "fd00:18:2::1/64"]),
                second: End(node: "s", addresses: ["198.18.2.2/24", "fd00:18:2::2/64"])),
        ],
        routers: ["r"],
        routes: [
            Route(node: "c", route: "default via 198.18.1.1"), Route(node: "c", route: "default via fd00:18:1::1"),
            Route(node: "s", route: "default via 198.18.2.1"), Route(node: "s", route: "default via fd00:18:2::1"),
        ])
}

/// What is done to a healthy network, in order.
enum LabChange: Sendable {
    /// `nft` filter rule at a hook (`forward`, `input`, `output`) of a node.
    case filter(String, at: String, rule: String)
    case addRoute(String, String)
    case removeRoute(String, String)
    case sysctl(String, String)
    /// The node's own /etc/FILE.
    case etc(String, file: String, String)
    /// Python's plain web server on all addresses of the node, both families.
    case web(String, port: Int)
    /// A server of Tests/Support/LabServers with its arguments, where `{lab}` is the lab's directory.
    case server(String, LabServer, [String])
    /// Makes certificates (certificates.py says which) in `{lab}`.
    case certificates
}

/// The servers of Tests/Support/LabServers.
enum LabServer: String, Sendable {
    case names = "dns_server.py"
    case web = "web_server.py"
}

extension LabChange {
    /// A name server on the server's address that knows these.
    static func names(_ rules: String..., on address: String = "198.18.2.2", options: [String] = []) -> LabChange {
        .server("s", .names, [address] + options + rules)
    }

    static func tls(_ certificate: String, port: Int = 443) -> LabChange {
        .server("s", .web, ["\(port)", "{lab}/\(certificate).pem", "{lab}/\(certificate).key"])
    }

    static func http(port: Int = 80) -> LabChange { .server("s", .web, ["\(port)"]) }

    static func resolver(_ lines: String...) -> LabChange {
        .etc("c", file: "resolv.conf", lines.joined(separator: "\n") + "\n")
    }

    static func hosts(_ lines: String...) -> LabChange {
        .etc("c", file: "hosts", (["127.0.0.1 localhost"] + lines).joined(separator: "\n") + "\n")
    }
}
