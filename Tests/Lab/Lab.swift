import Foundation

/// A finished command in a lab: how it ended and what it wrote.
struct CommandRun: Sendable {
    /// What a person types to see the same.
    let line: String
    let status: Int32
    let output: String
    let errors: String
}

/// A network that is up: namespaces, links, servers. `with` takes it down again however its body ends; what a killed run leaves
/// up, the kernel takes down (`World`).
struct Lab: Sendable {
    let world: World
    private let network: LabNetwork
    /// The program that records packets there.
    private let leadsman: String

    static func with<Result>(
        _ network: LabNetwork, builder: LabBuilder = .root, leadsman: String = "leadsman",
        _ body: (Lab) async throws -> Result
    ) async throws -> Result {
        let lab = Lab(world: try await World(builder), network: network, leadsman: leadsman)
        defer { lab.world.end() }
        try await lab.build()
        return try await body(lab)
    }

    /// A command in a node, which ends after `seconds` at the latest (status 124).
    func run(in node: String, _ words: [String], seconds: Int = 30) async throws -> CommandRun {
        let line = Shell.line(["./enter", node] + words)
        let run = try await world.run("exec " + line, seconds: seconds)
        return CommandRun(line: line, status: run.status, output: run.output, errors: run.errors)
    }

    /// - Throws: what the script said, when it failed.
    @discardableResult
    private func require(_ script: String) async throws -> String {
        let run = try await world.run("set -e\n" + script)
        guard run.status == 0 else { throw LabFailure("\(run.errors)\(run.output) (status \(run.status))\n\(script)") }
        return run.output
    }

    // MARK: Building

    private func build() async throws {
        for (name, file) in [("enter", "enter.sh"), ("serve", "serve.sh")] {
            let text = FileManager.default.contents(atPath: LabFiles.path(file, for: .root)) ?? Data()
            chmod(world.scratch.write(name, String(decoding: text, as: UTF8.self)), 0o755)
        }
        var parts = [Shell.ip(network.nodes.map { "netns add \($0)" })]
        for node in network.nodes {
            parts.append(Shell.sysctl(node, Self.quiet + (network.routers.contains(node) ? Self.forwarding : [])))
        }
        parts.append(Shell.ip(network.links.enumerated().flatMap { number, link in Self.addition(of: link, number) }))
        for node in network.nodes {
            let ends = network.links.flatMap { link in
                [(link.first, link.second.node, link.isWired), (link.second, link.first.node, link.isWired)]
            }.filter { $0.0.node == node }
            let additions = ends.flatMap { end, peer, _ in Self.raising(end, towards: peer) }
            parts.append(Shell.ip(["link set lo up"] + additions, in: node))
            let wired = ends.filter(\.2).map { "to-\($0.1)" }
            if !wired.isEmpty { parts.append(Shell.inside(node, [relay, "offload-off"] + wired)) }
        }
        for node in network.nodes {
            let routes = network.routes.filter { $0.node == node }
            for family in [false, true] where routes.contains(where: { $0.isIPv6 == family }) {
                let lines = routes.filter { $0.isIPv6 == family }.map { "route add \($0.route)" }
                parts.append(Shell.ip(lines, in: node, isIPv6: family))
            }
        }
        try await require(parts.joined(separator: "\n"))
    }

    /// No duplicate address detection, no router solicitations, no ICMP rate limit: nothing that varies from run to run.
    private static let quiet = [
        "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0",
        "net.ipv6.conf.default.accept_ra=0", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
        "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
    ]
    private static let forwarding = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]

    /// Peers need different interface indexes: with equal ones the kernel handles the carrier late, and IPv6 is deaf for a second.
    private static func addition(of link: LabNetwork.Link, _ number: Int) -> [String] {
        let (first, second) = (link.first.node, link.second.node)
        let (one, other) = (10 + 2 * number, 11 + 2 * number)
        guard link.isWired else {
            return [
                "link add to-\(second) netns \(first) index \(one) type veth "
                    + "peer name to-\(first) netns \(second) index \(other)"
            ]
        }
        let ends = [(second, first, one), (first, second, other)]
        return ends.flatMap { peer, node, index in
            [
                "link add to-\(peer) netns \(node) index \(index) type veth "
                    + "peer name \(wireEnd(node, peer)) index \(1000 + index)",
                "link set \(wireEnd(node, peer)) up",
            ]
        }
    }

    /// The end of a wired link that is the relay's.
    private static func wireEnd(_ node: String, _ peer: String) -> String { "\(node)-\(peer)" }

    private static func raising(_ end: LabNetwork.End, towards peer: String) -> [String] {
        end.addresses.map { "addr add \($0) dev to-\(peer)\($0.contains(":") ? " nodad" : "")" } + [
            "link set to-\(peer) up"
        ]
    }

    // MARK: Changing

    func apply(_ change: LabChange) async throws { try await apply([change]) }

    /// Servers that stand side by side start at the same time.
    func apply(_ changes: [LabChange]) async throws {
        var script: [String] = []
        var servers = 0
        func settle() {
            script += (0..<servers).map { "wait $server\($0)" }
            servers = 0
        }
        for change in changes {
            if let server = try start(change, "\(world.fresh())") {
                script += ["\(server) & server\(servers)=$!"]
                servers += 1
            } else {
                switch change {
                case .shell, .record: settle()
                default: break
                }
                if let text = try text(of: change) { script.append(text) }
            }
        }
        settle()
        try await require(script.joined(separator: "\n"))
    }

    /// The script of what is no server; nil when it is done already.
    private func text(of change: LabChange) throws -> String? {
        switch change {
        case .filter(let node, let hook, let rule): return Shell.filter(node, hook, rule)
        case .addRoute(let node, let route):
            return Shell.ip(["route add \(route)"], in: node, isIPv6: route.contains(":"))
        case .removeRoute(let node, let route):
            return Shell.ip(["route del \(route)"], in: node, isIPv6: route.contains(":"))
        case .sysctl(let node, let pair): return Shell.sysctl(node, [pair])
        case .shell(let node, let script): return Shell.inside(node, ["sh", "-ec", filled(script)])
        case .etc(let node, let file, let text):
            let directory = "\(world.scratch.path)/etc/\(node)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            world.scratch.write("etc/\(node)/\(file)", text)
            return nil
        case .certificates:
            let place = Shell.line([try Certificates.made.get().path])
            return "cp \(place)/*.pem \(place)/*.crt \(place)/*.key ."
        case .record(let node, let script): return Shell.inside(node, ["sh", "-ec", recording(script)])
        case .web, .server, .impair, .daemon: return nil
        }
    }

    /// A datagram to the node itself, looked for in the file, marks that everything before it has been written.
    private func recording(_ script: String) -> String {
        let client = Shell.line([LabFiles.python, "-u", LabFiles.path(LabServer.client.rawValue, for: world.builder)])
        let mark =
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'END-OF-RECORDING', ('127.0.0.1', 9))"
        return """
            cd \(world.scratch.path)
            ip link set lo up
            \(Shell.line([leadsman])) capture -i any -w packets.pcap --payload > capture.out 2> capture.log & capture=$!
            until grep -q 'capturing on' capture.log; do kill -0 $capture; sleep 0.01; done
            \(filled(script).replacingOccurrences(of: "{client}", with: client))
            \(Shell.line([LabFiles.python, "-c", mark]))
            until grep -q END-OF-RECORDING packets.pcap; do sleep 0.01; done
            kill -INT $capture
            wait $capture || [ $? -eq 130 ] || [ $? -eq 1 ]
            """
    }

    /// The command that starts a server and returns when it listens; nil when the change is none.
    private func start(_ change: LabChange, _ number: String) throws -> String? {
        let python = [LabFiles.python, "-u"]
        switch change {
        case .web(let node, let port):
            // Bound to :: it also serves IPv4.
            let words = ["-m", "http.server", "--bind", "::", "--directory", world.scratch.path, "\(port)"]
            return serve("\(node)-\(number)", "Serving HTTP", ["./enter", node] + python + words)
        case .server(let node, let server, let words):
            let file = LabFiles.path(server.rawValue, for: world.builder)
            return serve("\(node)-\(number)", "listening", ["./enter", node] + python + [file] + words.map(filled))
        case .impair(let one, let other, let forth, let back):
            let words = [relay, Self.wireEnd(one, other), Self.wireEnd(other, one), "forth"] + forth.words
            return serve("relay-\(one)-\(other)", "listening", words + ["back"] + (back ?? forth).words)
        case .daemon(let node, let daemon, let text):
            guard let program = daemon.program else { throw LabFailure("there is no \(daemon.rawValue)") }
            let file = world.scratch.write("\(node)-\(number).conf", filled(text) + "\n")
            let words = daemon.words(program: program, file: file, text: filled(text))
            return serve("\(node)-\(number)", daemon.sign, ["./enter", node] + daemon.environment + words)
        default: return nil
        }
    }

    private func serve(_ name: String, _ sign: String, _ words: [String]) -> String {
        Shell.line(["./serve", name, sign] + words)
    }

    private var relay: String { LabFiles.relay.map { LabFiles.reachable($0, for: world.builder) } ?? "lab-relay" }

    /// Text of a scenario with the lab's directory in place.
    func filled(_ text: String) -> String {
        text.replacingOccurrences(of: "{lab}", with: world.scratch.path)
            .replacingOccurrences(of: "{leadsman}", with: Shell.line([leadsman]))
    }

    // MARK: Looking

    /// Ends the relay between two nodes, named as in the change that put it there, and returns what it counted each way.
    func endRelay(_ one: String, _ other: String) async throws -> (forth: RelayCounts, back: RelayCounts) {
        let name = "relay-\(one)-\(other)"
        let counted = try await require(
            "kill \"$(cat \(name).pid)\"; until grep '^back ' \(name).log; do sleep 0.01; done; grep '^forth ' \(name).log"
        )
        let lines = counted.split(separator: "\n")
        guard lines.count == 2, let back = RelayCounts(line: lines[0]), let forth = RelayCounts(line: lines[1]) else {
            throw LabFailure("the relay counted: \(counted)")
        }
        return (forth, back)
    }
}

/// Words and scripts of the shell, as they are run in a world.
enum Shell {
    static func line(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=,+@%".utf8.contains(byte)
            }
        }
        return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    static func ip(_ lines: [String], in node: String? = nil, isIPv6: Bool = false) -> String {
        let options = (node.map { "-n \($0) " } ?? "") + (isIPv6 ? "-6 " : "")
        return "ip \(options)-batch - <<'END'\n\(lines.joined(separator: "\n"))\nEND"
    }

    static func inside(_ node: String, _ words: [String]) -> String {
        line(["nsenter", "--net=/run/netns/\(node)"] + words)
    }

    /// Written by the shell itself: one program less for each node.
    static func sysctl(_ node: String, _ pairs: [String]) -> String {
        let writes = pairs.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return "echo '\(parts[1])' >/proc/sys/\(parts[0].replacingOccurrences(of: ".", with: "/"))"
        }
        return "nsenter --net=/run/netns/\(node) sh -e <<'END'\n\(writes.joined(separator: "\n"))\nEND"
    }

    static func filter(_ node: String, _ hook: String, _ rule: String) -> String {
        """
        nsenter --net=/run/netns/\(node) nft -f - <<'END'
        add table inet lab
        add chain inet lab \(hook) { type filter hook \(hook) priority 0; }
        add rule inet lab \(hook) \(rule)
        END
        """
    }
}
