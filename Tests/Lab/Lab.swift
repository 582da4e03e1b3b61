import Foundation
import Synchronization

/// Names of everything that a lab makes: `lsm-PID-NUMBER-NODE`. The pid says whose it is.
enum LabName {
    static let prefix = "lsm-"
    private static let last = Atomic<Int>(0)

    static func next() -> String { "\(prefix)\(getpid())-\(last.wrappingAdd(1, ordering: .relaxed).newValue)-" }

    /// The process that made a namespace of this name; nil when no lab of ours did.
    static func owner(of namespace: some StringProtocol) -> Int32? {
        guard namespace.hasPrefix(prefix) else { return nil }
        return namespace.dropFirst(prefix.count).split(separator: "-").first.flatMap { Int32($0) }
    }
}

/// A network that is up: namespaces, links, servers. `with` takes it down again however its body ends; what a killed test run
/// leaves is removed by the next one (`removeOrphans`).
struct Lab: Sendable {
    private let name: String
    let scratch: Scratch
    private let servers = ServerList()

    static func with<Result>(_ network: LabNetwork, _ body: (Lab) async throws -> Result) async throws -> Result {
        let lab = try Lab()
        do {
            try await lab.build(network)
            let result = try await body(lab)
            await lab.remove()
            return result
        } catch {
            await lab.remove()
            throw error
        }
    }

    private init() throws {
        name = LabName.next()
        scratch = try Scratch()
    }

    func namespace(_ node: String) -> String { name + node }

    /// The words of a command as it runs in a node.
    func inside(_ node: String, _ words: [String]) -> [String] { ["ip", "netns", "exec", namespace(node)] + words }

    // MARK: Building

    private func build(_ network: LabNetwork) async throws {
        try await ip(network.nodes.map { "netns add \(namespace($0))" })
        for node in network.nodes { try await quiet(node) }
        try await ip(network.links.enumerated().map { number, link in addition(of: link, number) })
        for link in network.links {
            try await raise(link.first, towards: link.second.node)
            try await raise(link.second, towards: link.first.node)
        }
        for router in network.routers {
            try await sysctl(router, ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])
        }
        for route in network.routes {
            try await ip(["route add \(route.route)"], in: route.node, isIPv6: route.isIPv6)
        }
    }

    /// Peers need different interface indexes: with equal ones the kernel handles the carrier late, and IPv6 is deaf for a second.
    private func addition(of link: LabNetwork.Link, _ number: Int) -> String {
        let (first, second) = (link.first.node, link.second.node)
        return "link add to-\(second) netns \(namespace(first)) index \(10 + 2 * number) type veth "
            + "peer name to-\(first) netns \(namespace(second)) index \(11 + 2 * number)"
    }

    private func raise(_ end: LabNetwork.End, towards peer: String) async throws {
        let additions = end.addresses.map { "addr add \($0) dev to-\(peer)\($0.contains(":") ? " nodad" : "")" }
        try await ip(additions + ["link set to-\(peer) up"], in: end.node)
    }

    /// No duplicate address detection, no router solicitations, no ICMP rate limit: nothing that varies from run to run.
    private func quiet(_ node: String) async throws {
        try await ip(["link set lo up"], in: node)
        try await sysctl(
            node,
            [
                "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0",
                "net.ipv6.conf.default.accept_ra=0", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
                "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
            ])
    }

    private func sysctl(_ node: String, _ pairs: [String]) async throws {
        try await CommandRun.require(inside(node, ["sysctl", "-q", "-w"] + pairs))
    }

    private func ip(_ lines: [String], in node: String? = nil, isIPv6: Bool = false) async throws {
        let options = (node.map { ["-n", namespace($0)] } ?? []) + (isIPv6 ? ["-6"] : [])
        try await CommandRun.require(["ip"] + options + ["-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }

    // MARK: Changing

    func apply(_ change: LabChange) async throws {
        switch change {
        case .filter(let node, let hook, let rule): try await filter(node, hook, rule)
        case .addRoute(let node, let route):
            try await ip(["route add \(route)"], in: node, isIPv6: route.contains(":"))
        case .removeRoute(let node, let route):
            try await ip(["route del \(route)"], in: node, isIPv6: route.contains(":"))
        case .sysctl(let node, let pair): try await sysctl(node, [pair])
        case .etc(let node, let file, let text): try write(node, file, text)
        case .web(let node, let port): try await startWebServer(node, port)
        case .server(let node, let server, let words): try await start(node, server, words)
        case .certificates:
            try await CommandRun.require([Self.python, Self.serverFiles + "/certificates.py", scratch.path])
        }
    }

    /// Not a shim of some version manager, which takes its time and may not be executable for others.
    static let python = "/usr/bin/python3"
    private static let serverFiles =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Support/LabServers"

    /// Text of a scenario with the lab's directory in place.
    func filled(_ text: String) -> String { text.replacingOccurrences(of: "{lab}", with: scratch.path) }

    private func start(_ node: String, _ server: LabServer, _ words: [String]) async throws {
        try await servers.start(
            inside(node, [Self.python, "-u", "\(Self.serverFiles)/\(server.rawValue)"] + words.map(filled)),
            untilItPrints: "listening")
    }

    /// `ip netns exec` mounts what is here over the files of /etc (ip-netns(8)).
    private func etc(_ node: String) -> String { "/etc/netns/\(namespace(node))" }

    private func write(_ node: String, _ file: String, _ text: String) throws {
        try FileManager.default.createDirectory(atPath: etc(node), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(etc(node))/\(file)"))
    }

    private func filter(_ node: String, _ hook: String, _ rule: String) async throws {
        let rules = """
            add table inet lab
            add chain inet lab \(hook) { type filter hook \(hook) priority 0; }
            add rule inet lab \(hook) \(rule)
            """
        try await CommandRun.require(inside(node, ["nft", "-f", "-"]), input: rules + "\n")
    }

    private func startWebServer(_ node: String, _ port: Int) async throws {
        // Bound to :: it also serves IPv4.
        let words = inside(
            node, [Self.python, "-u", "-m", "http.server", "--bind", "::", "--directory", scratch.path, "\(port)"])
        try await servers.start(words, untilItPrints: "Serving HTTP")
    }

    // MARK: Removing

    private func remove() async {
        servers.stop()
        await Self.removeNamespaces { $0.hasPrefix(name) }
        scratch.remove()
    }

    /// Labs of processes that are no more.
    static func removeOrphans() async {
        await removeNamespaces(isOrphan)
        let temporary = NSTemporaryDirectory()
        let left = (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []
        for name in left where isOrphan(name) { try? FileManager.default.removeItem(atPath: temporary + "/" + name) }
    }

    private static func isOrphan(_ name: String) -> Bool {
        guard let owner = LabName.owner(of: name) else { return false }
        return kill(owner, 0) != 0 && errno == ESRCH
    }

    static func namespaces() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns"))?.filter { $0.hasPrefix(LabName.prefix) }
            ?? []
    }

    private static func removeNamespaces(_ isWanted: (String) -> Bool) async {
        for namespace in namespaces() where isWanted(namespace) {
            // Whoever is in a namespace of a lab was started by that lab.
            let inside = try? await CommandRun.run(["ip", "netns", "pids", namespace])
            for pid in (inside?.output ?? "").split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) {
                kill(pid, SIGKILL)
            }
            _ = try? await CommandRun.run(["ip", "netns", "del", namespace])
            try? FileManager.default.removeItem(atPath: "/etc/netns/\(namespace)")
        }
    }
}
