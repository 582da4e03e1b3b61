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
    /// Puts the relay in the link between two nodes: what it does from the first to the second, and the other way (the same when
    /// nil). The link is as good as a wire until then.
    case impair(String, String, Impairment, back: Impairment? = nil)
    /// A real server with its configuration, where `{lab}` is the lab's directory.
    case daemon(String, LabDaemon, String)
    /// `leadsman capture` writes all that passes in a node to `{lab}/packets.pcap` while a script of the shell runs there, in which
    /// `{client}` is Tests/Support/LabServers/client.py.
    case record(String, String)
    /// A script of the shell in a node, where `{lab}` is the lab's directory. All servers before it listen.
    case shell(String, String)
}

/// The servers of Tests/Support/LabServers.
enum LabServer: String, Sendable {
    case names = "dns_server.py"
    case web = "web_server.py"
    case transfer = "transfer.py"
    /// Only `claim` of it is a server.
    case client = "client.py"
    /// Is done when it would listen.
    case fill = "fill_conntrack.py"
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

    /// The servers that were started before stop where they are, as under a debugger or in a frozen cgroup: their kernel still
    /// accepts connections for them.
    static func freeze(_ node: String) -> LabChange {
        .shell(node, "for file in {lab}/\(node)-*.pid; do kill -STOP \"$(cat \"$file\")\"; done")
    }
}

/// Programs of the distribution; Scripts/setup --tests fetches them.
enum LabDaemon: String, Sendable, CaseIterable {
    case unbound, dnsmasq, nginx, haproxy, openssl

    /// What it prints when it listens.
    var sign: String {
        switch self {
        case .unbound: "start of service"
        case .dnsmasq: "started, version"
        case .nginx: "event method"
        case .haproxy: "bound"
        case .openssl: "ACCEPT"
        }
    }

    /// The words that start it in the foreground; `text` is its configuration, which stands in `file` too.
    func words(program: String, file: String, text: String) -> [String] {
        switch self {
        case .unbound: [program, "-dd", "-v", "-c", file]
        case .dnsmasq: [program, "--no-daemon", "--conf-file=\(file)", "--log-facility=-"]
        case .nginx: [program, "-e", "stderr", "-c", file]
        // It says that it listens before it does.
        case .haproxy:
            [
                "sh", "-c", "\"$@\" & until ss -Hltnp | grep -q \"pid=$!,\"; do sleep 0.01; done; echo bound; wait",
                "haproxy",
                program, "-db", "-f", file,
            ]
        // Its arguments are its configuration.
        case .openssl: [program, "s_server"] + text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
    }
}
