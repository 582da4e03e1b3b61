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
    /// A script of the shell in a node, where `{lab}` is the lab's directory and `{leadsman}` the program. All servers before it listen.
    case shell(String, String)
}

/// The servers of Tests/Support/LabServers.
enum LabServer: String, Sendable {
    case names = "dns_server.py"
    case web = "web_server.py"
    case transfer = "transfer.py"
    case proxy = "proxy_server.py"
    case datagrams = "udp_server.py"
    case filter = "filter_proxy.py"
    /// Routers that the kernel has not.
    case routers = "packet_router.py"
    /// Only `claim` of it is a server.
    case client = "client.py"
    /// Says that it listens when the table is as full as it should be.
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

    /// UDP services of the server, as `ntp:123`; answers leave from its IPv4 address.
    static func datagrams(_ services: String..., on node: String = "s", address: String = "198.18.2.2") -> LabChange {
        .server(node, .datagrams, ["--bind", address] + services)
    }

    /// The router leads TCP of these ports to a filter of its own, which goes by names.
    static func nameFilter(_ options: String..., ports: String = "80, 443") -> [LabChange] {
        [
            .server("r", .filter, ["1443"] + options),
            .shell(
                "r",
                "nft add table inet lead; nft 'add chain inet lead prerouting { type nat hook prerouting priority dstnat; }'; "
                    + "nft 'add rule inet lead prerouting iifname \"to-c\" tcp dport { \(ports) } redirect to :1443'"),
        ]
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
    case unbound, dnsmasq, named, nginx, haproxy, openssl, chronyd, kamailio, caddy, iperf3

    /// What it prints when it listens.
    var sign: String {
        switch self {
        case .unbound: "start of service"
        case .dnsmasq: "started, version"
        case .named: "running"
        case .nginx: "event method"
        case .haproxy: "bound"
        case .openssl: "ACCEPT"
        case .chronyd: "privileges"
        case .kamailio: "SO_RCVBUF is finally"
        case .caddy: "serving initial configuration"
        case .iperf3: "Server listening"
        }
    }

    /// The words that start it in the foreground; `text` is its configuration, which stands in `file` too.
    func words(program: String, file: String, text: String) -> [String] {
        switch self {
        case .unbound: [program, "-dd", "-v", "-c", file]
        case .dnsmasq: [program, "--no-daemon", "--conf-file=\(file)", "--log-facility=-"]
        case .named: [program, "-g", "-c", file]
        case .nginx: [program, "-e", "stderr", "-c", file]
        // It says that it listens before it does.
        case .haproxy:
            [
                "sh", "-c", "\"$@\" & until ss -Hltnp | grep -q \"pid=$!,\"; do sleep 0.01; done; echo bound; wait",
                "haproxy",
                program, "-db", "-f", file,
            ]
        case .chronyd: [program, "-d", "-x", "-u", "root", "-f", file]
        // Its modules are beside it.
        case .kamailio:
            [
                "sh", "-c",
                "exec \"$1\" -DD -E -m 16 -M 8 -f \"$2\" -L \"$(echo \"${1%/sbin/kamailio}\"/lib/*/kamailio/modules)\"",
                "kamailio", program, file,
            ]
        // What it keeps goes beside its configuration.
        case .caddy:
            [
                "sh", "-c", "HOME=\"${2%/*}\" exec \"$1\" run --adapter caddyfile --config \"$2\"", "caddy", program,
                file,
            ]
        case .iperf3: [program, "-s", "--forceflush"] + text.split(whereSeparator: \.isWhitespace).map(String.init)
        // Its arguments are its configuration.
        case .openssl: [program, "s_server"] + text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
    }
}
