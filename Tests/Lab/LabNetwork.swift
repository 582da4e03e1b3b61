/// A network as data. All addresses are of 198.18.0.0/15 and fd00:18::/32; all of it lives in namespaces of its own, so nothing
/// of the machine's network is touched.
struct LabNetwork: Sendable {
    struct Link: Sendable {
        let first: End
        let second: End
        /// The relay of the lab stands in it, and can impair it.
        var isWired = false

        func joins(_ one: String, _ other: String) -> Bool {
            (first.node == one && second.node == other) || (first.node == other && second.node == one)
        }
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
    var links: [Link]
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

    /// Client, two routers, server: with a link that neither end is on.
    static let chain = LabNetwork(
        nodes: ["c", "r", "q", "s"],
        links: [
            Link(
                first: End(node: "c", addresses: ["198.18.1.2/24"]),
                second: End(node: "r", addresses: ["198.18.1.1/24"])),
            Link(
                first: End(node: "r", addresses: ["198.18.2.1/24"]),
                second: End(node: "q", addresses: ["198.18.2.2/24"])),
            Link(
                first: End(node: "q", addresses: ["198.18.3.1/24"]),
                second: End(node: "s", addresses: ["198.18.3.2/24"])),
        ],
        routers: ["r", "q"],
        routes: [
            Route(node: "c", route: "default via 198.18.1.1"), Route(node: "s", route: "default via 198.18.3.1"),
            Route(node: "r", route: "default via 198.18.2.2"), Route(node: "q", route: "default via 198.18.2.1"),
        ])

    /// Client and server with two ways between, of three routers each: r and q are on both, a (198.18.2.2) or b (198.18.3.2) in the middle.
    /// All goes by a.
    static let twoWays = LabNetwork(
        nodes: ["c", "r", "a", "b", "q", "s"],
        links: [
            Link(
                first: End(node: "c", addresses: ["198.18.1.2/24"]),
                second: End(node: "r", addresses: ["198.18.1.1/24"])),
            Link(
                first: End(node: "r", addresses: ["198.18.2.1/24"]),
                second: End(node: "a", addresses: ["198.18.2.2/24"])),
            Link(
                first: End(node: "r", addresses: ["198.18.3.1/24"]),
                second: End(node: "b", addresses: ["198.18.3.2/24"])),
            Link(
                first: End(node: "a", addresses: ["198.18.4.1/24"]),
                second: End(node: "q", addresses: ["198.18.4.2/24"])),
            Link(
                first: End(node: "b", addresses: ["198.18.5.1/24"]),
                second: End(node: "q", addresses: ["198.18.5.2/24"])),
            Link(
                first: End(node: "q", addresses: ["198.18.6.1/24"]),
                second: End(node: "s", addresses: ["198.18.6.2/24"])),
        ],
        routers: ["r", "a", "b", "q"],
        routes: [
            Route(node: "c", route: "default via 198.18.1.1"), Route(node: "s", route: "default via 198.18.6.1"),
            Route(node: "r", route: "198.18.6.0/24 via 198.18.2.2"), Route(node: "q", route: "default via 198.18.4.1"),
            Route(node: "a", route: "198.18.6.0/24 via 198.18.4.2"), Route(node: "a", route: "default via 198.18.2.1"),
            Route(node: "b", route: "198.18.6.0/24 via 198.18.5.2"), Route(node: "b", route: "default via 198.18.3.1"),
        ])

    /// The same network with the relay in the links that the changes impair.
    func wired(for changes: [LabChange]) -> LabNetwork {
        var network = self
        for case .impair(let one, let other, _, _) in changes {
            for index in network.links.indices where network.links[index].joins(one, other) {
                network.links[index].isWired = true
            }
        }
        return network
    }
}
