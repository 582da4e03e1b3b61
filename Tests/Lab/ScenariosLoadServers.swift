/// Servers and filters that let in only so much.
extension Scenario {
    static let queues: [Scenario] = [fullQueue, fullQueueAlone, busyServer, fullHaproxy, ownQueue, ownQueueInASeries]
    static let rates: [Scenario] = [limitedSYNs, limitedSYNsByReset, limitedRequests, nginxLimit, maintenance]
    static let idleTimes: [Scenario] = [forgotten, forgottenByReset, resetMeanwhile, keptIdle, closedByServer]

    private static func flows(_ target: String, _ rest: String) -> String {
        "  - {name: it, flows: \"\(target)\", samples: 1, \(rest)}"
    }

    // MARK: Queues of new connections

    private static let fullQueue = Scenario(
        name: "listen-backlog-overflow: a server that listens and never accepts",
        changes: [.shell("s", queue), .http()],
        checks: flows("198.18.2.2:2000", "count: 24, beside: [\"198.18.2.2:80\"]"),
        expected: .fails("listen-backlog-overflow", says: ["still did not come about"]))

    private static let fullQueueAlone = Scenario(
        name: "listen-backlog-overflow: a server that never accepts, and nothing was tried beside",
        changes: [.shell("s", queue)], checks: flows("198.18.2.2:2000", "count: 24"),
        expected: .fails("listen-backlog-overflow", says: ["--beside"]))

    /// Serves one client until it goes.
    private static let oneByOne = """
        python3 -c '
        import socket
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", 80))
        listener.listen(2)
        while True:
            client, _ = listener.accept()
            while client.recv(65536):
                client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
        ' > /dev/null 2>&1 &
        until ss -Hltn sport = 80 | grep -q 80; do sleep 0.01; done
        """

    private static let busyServer = Scenario(
        name: "listen-backlog-overflow: a server that serves one client at a time",
        changes: [.shell("s", oneByOne), .http(port: 81)],
        checks: flows("198.18.2.2:80", "count: 24, beside: [\"198.18.2.2:81\"]"),
        expected: .fails("listen-backlog-overflow", says: ["gets no answer meanwhile"]))

    private static let fullHaproxy = Scenario(
        name: "listen-backlog-overflow: haproxy serves five clients at a time",
        changes: [
            .http(port: 81),
            .daemon(
                "s", .haproxy,
                """
                global
                  maxconn 5
                defaults
                  mode http
                  backlog 8
                  timeout connect 300ms
                  timeout client 20s
                  timeout server 20s
                frontend shop
                  bind 198.18.2.2:80
                  http-request return status 200 content-type text/plain string ok
                """),
        ],
        checks: flows("198.18.2.2:80", "count: 40, beside: [\"198.18.2.2:81\"]"),
        expected: .fails("listen-backlog-overflow", says: ["gets no answer meanwhile"]))

    private static let ownQueue = Scenario(
        name: "listen-backlog-overflow: the server is on this host",
        changes: [.shell("s", queue), .http()], node: "s",
        checks: flows("127.0.0.1:2000", "count: 24, beside: [\"127.0.0.1:80\"]"),
        expected: .fails("listen-backlog-overflow", says: ["TcpExt ListenOverflows"]))

    private static let ownQueueInASeries = Scenario(
        name: "listen-backlog-overflow: a port of this host whose queue is full",
        changes: [.shell("s", queue)], node: "s",
        checks: "  - {name: it, tcp: \"127.0.0.1:2000\", samples: 5, timeout: 1200ms}",
        expected: .fails("listen-backlog-overflow", says: ["on this host", "TcpExt ListenOverflows"]))

    // MARK: Rates

    private static func limit(_ verdict: String) -> LabChange {
        .filter(
            "r", at: "forward",
            rule:
                "tcp dport 80 tcp flags & (syn|ack) == syn limit rate over 10/second burst 5 packets counter \(verdict)"
        )
    }

    private static let limitedSYNs = Scenario(
        name: "rate-limited: a filter drops new connections above ten a second",
        changes: [.http(), .http(port: 81), limit("drop")],
        checks: flows("198.18.2.2:80", "count: 40, beside: [\"198.18.2.2:81\"]"),
        expected: .degrades("rate-limited", says: ["came about after it"]))

    private static let limitedSYNsByReset = Scenario(
        name: "rate-limited: a filter refuses new connections above ten a second",
        changes: [.http(), .http(port: 81), limit("reject with tcp reset")],
        checks: flows("198.18.2.2:80", "count: 40, rate: 40, beside: [\"198.18.2.2:81\"]"),
        expected: .degrades("rate-limited", says: ["refused"]))

    private static let limitedRequests = Scenario(
        name: "rate-limited: 429 after ten requests is a rate limit, not chance",
        changes: [.server("s", .web, ["80", "--limit", "10"])],
        checks: "  - {name: it, http: \"http://198.18.2.2/ok\", samples: 20, interval: 5ms}",
        expected: .degrades("rate-limited", says: ["10 of 20", "retry-after: 60", "at number 11"]))

    private static let nginxLimit = Scenario(
        name: "rate-limited: nginx's limit_req says 429",
        changes: [
            nginx(
                """
                limit_req_zone $binary_remote_addr zone=all:1m rate=2r/s;
                server { listen 80; location / { limit_req zone=all burst=3 nodelay; limit_req_status 429; empty_gif; } }
                """)
        ],
        checks: "  - {name: it, http: \"http://198.18.2.2/ok\", samples: 12, interval: 5ms}",
        expected: .degrades("rate-limited", says: ["429", "nginx"]))

    /// All requests get 503 with Retry-After.
    private static let maintenance = Scenario(
        name: "http-status-unexpected: 503 with Retry-After for every request is maintenance, no limit",
        changes: [
            nginx("server { listen 80; location / { add_header Retry-After 600 always; return 503; } }")
        ],
        checks: "  - {name: it, http: \"http://198.18.2.2/ok\", samples: 12, interval: 5ms}",
        expected: .fails("http-status-unexpected", says: ["503"]))

    // MARK: Idle connections

    private static let idle = "  - {name: it, idle: \"198.18.2.2:80\", samples: 1, longest: 5s}"

    private static func forgetful(_ seconds: Int, _ verdict: String) -> [LabChange] {
        [
            .http(),
            .filter("r", at: "forward", rule: "ct state invalid \(verdict)"),
            .filter("r", at: "forward", rule: "ct state established accept"),
            .sysctl("r", "net.netfilter.nf_conntrack_tcp_timeout_established=\(seconds)"),
            .sysctl("r", "net.netfilter.nf_conntrack_tcp_loose=0"),
        ]
    }

    private static let forgotten = Scenario(
        name: "nat-idle-timeout: a router forgets after two seconds and drops what comes then",
        changes: forgetful(2, "drop"), checks: idle, isTimed: true,
        expected: .degrades("nat-idle-timeout", says: ["forgotten between", "was not acknowledged", "without a word"]))

    private static let forgottenByReset = Scenario(
        name: "nat-idle-timeout: a router forgets after two seconds and resets what comes then",
        changes: forgetful(2, "reject with tcp reset"), checks: idle, isTimed: true,
        expected: .degrades("nat-idle-timeout", says: ["forgotten between", "was reset when it was used"]))

    /// As Azure's load balancer with TCP reset does; a server may do so too.
    private static let resetMeanwhile = Scenario(
        name: "nat-idle-timeout: silent connections are reset after two seconds",
        changes: [
            .shell(
                "s",
                """
                python3 -c '
                import socket, struct, threading
                def serve(client):
                    client.settimeout(2)
                    try:
                        while client.recv(65536):
                            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
                    except TimeoutError:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
                listener = socket.create_server(("", 80))
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
                ' > /dev/null 2>&1 &
                until ss -Hltn sport = 80 | grep -q 80; do sleep 0.01; done
                """)
        ],
        checks: idle, isTimed: true,
        expected: .degrades("nat-idle-timeout", says: ["reset after 2.0 s", "or the server itself"]))

    private static let keptIdle = Scenario(
        name: "silence: idle connections that nobody forgets",
        changes: forgetful(60, "drop"), checks: idle, isTimed: true, expected: .healthy)

    private static let closedByServer = Scenario(
        name: "silence: a server that closes idle connections itself, in good order",
        changes: [
            nginx(
                "client_header_timeout 2s; keepalive_timeout 2s; server { listen 80; location / { return 200 'ok'; } }")
        ],
        checks: idle, isTimed: true, expected: .healthy)
}

extension Scenario.Expected {
    fileprivate static func fails(_ id: String, says: [String] = []) -> Scenario.Expected {
        Scenario.Expected(
            verdict: "failing", exit: 1, must: [id], statuses: ["it": "failed"], headline: id, says: says)
    }

    fileprivate static func degrades(_ id: String, says: [String] = []) -> Scenario.Expected {
        Scenario.Expected(
            verdict: "degraded", exit: 0, must: [id], statuses: ["it": "warned"], headline: id, says: says)
    }
}
