/// Real servers in place of our own: what they send is not what we imagined.
extension Scenario {
    static let realServers: [Scenario] = [
        unboundHealthy, unboundWithoutUpstream, dnsmasqWithoutUpstream, nginxHealthy, nginxGateways,
        haproxyWithoutServer,
        nginxCertificates, nginxClientCertificate, opensslClientCertificate, opensslOldVersion, opensslNewVersionOnly,
    ]

    private static let unboundHealthy = Scenario(
        name: "unbound: it forwards, and the name resolves",
        changes: [
            .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2", "shop.test AAAA fd00:18:2::2"]),
            .unbound("forward-zone:\n  name: \".\"\n  forward-addr: 198.18.2.1"), .resolver("nameserver 198.18.2.2"),
            .http(),
        ],
        checks: """
              - {name: name, dns: shop.test}
              - {name: page, http: "http://shop.test/ok"}
            """,
        expected: .healthy)

    private static let unboundWithoutUpstream = Scenario(
        name: "dns-servfail-upstream: unbound cannot reach the server that it forwards to",
        changes: [
            .addRoute("s", "unreachable 198.18.2.66/32"),
            .unbound("forward-zone:\n  name: \".\"\n  forward-addr: 198.18.2.66"), .resolver("nameserver 198.18.2.2"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A}
              - {name: page, http: "http://shop.test/ok"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-servfail-upstream"],
            statuses: ["name": "failed", "page": "failed"],
            headline: "dns-servfail-upstream", checksOf: ["dns-servfail-upstream": 2]))

    private static let dnsmasqWithoutUpstream = Scenario(
        name: "dns-refused-by-policy: dnsmasq knows its own names and has nobody to ask for others",
        changes: [
            .daemon(
                "s", .dnsmasq,
                "no-resolv\nno-hosts\nno-daemon\nbind-interfaces\nlisten-address=198.18.2.2\nuser=root\ngroup=root\npid-file=\naddress=/shop.test/198.18.2.2"
            ),
            .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: """
              - {name: own, dns: shop.test, type: A}
              - {name: page, http: "http://shop.test/ok"}
              - {name: other, dns: other.example, type: A}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-refused-by-policy"],
            statuses: ["own": "passed", "page": "passed", "other": "failed"], headline: "dns-refused-by-policy"))

    /// One process, so that it need not become another user; all that it writes is in the lab.
    static func nginx(_ servers: String) -> LabChange {
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path {lab}/nginx;" }
        return .daemon(
            "s", .nginx,
            """
            user root root;
            master_process off;
            daemon off;
            pid {lab}/nginx.pid;
            error_log stderr notice;
            events {}
            http {
              access_log off;
              default_type text/plain;
              \(places.joined(separator: " "))
              \(servers)
            }
            """)
    }

    private static func secured(_ name: String, port: Int = 443, _ rest: String = "") -> String {
        let listening = "listen \(port) ssl; listen [::]:\(port) ssl;"
        let files = "ssl_certificate {lab}/\(name).pem; ssl_certificate_key {lab}/\(name).key;"
        return "server { \(listening) \(files) \(rest) location / { return 200 'ok'; } }"
    }

    private static let shop = LabChange.hosts("198.18.2.2 shop.test", "fd00:18:2::2 shop.test")

    private static let nginxHealthy = Scenario(
        name: "nginx: pages over TLS and in the clear, both families",
        changes: [
            .certificates, shop,
            nginx("server { listen 80; listen [::]:80; location / { return 200 'ok'; } }" + secured("good")),
        ],
        checks: """
              - {name: port, tcp: "shop.test:443"}
              - {name: handshake, tls: "shop.test:443", ca: "{lab}/ca.pem"}
              - {name: page, http: "https://shop.test/", ca: "{lab}/ca.pem"}
              - {name: over IPv6, http: "http://[fd00:18:2::2]/"}
            """,
        expected: .healthy)

    private static let nginxGateways = Scenario(
        name: "http-status-unexpected: nginx says 502 for a refused backend, 504 for a silent one",
        changes: [
            .addRoute("s", "blackhole 198.18.2.66/32"), .filter("s", at: "output", rule: "tcp dport 82 counter drop"),
            nginx(
                """
                server { listen 80; proxy_connect_timeout 300ms;
                  location /refused { proxy_pass http://198.18.2.2:81; }
                  location /silent { proxy_pass http://198.18.2.1:82; }
                  location / { return 200 'ok'; } }
                """),
        ],
        checks: """
              - {name: fine, http: "http://198.18.2.2/"}
              - {name: refused, http: "http://198.18.2.2/refused"}
              - {name: silent, http: "http://198.18.2.2/silent"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-status-unexpected", "http-status-unexpected"],
            statuses: ["fine": "passed", "refused": "failed", "silent": "failed"]))

    private static let haproxyWithoutServer = Scenario(
        name: "http-status-unexpected: haproxy has no server left and says 503",
        changes: [
            .web("s", port: 8080),
            .daemon(
                "s", .haproxy,
                """
                global
                  maxconn 100
                defaults
                  mode http
                  timeout connect 300ms
                  timeout client 2s
                  timeout server 2s
                frontend shop
                  bind 198.18.2.2:80
                  use_backend healthy if { path_beg /fine }
                  default_backend empty
                backend healthy
                  http-request set-path /
                  server one 198.18.2.2:8080
                backend empty
                  server one 198.18.2.2:81 disabled
                """),
        ],
        checks: """
              - {name: fine, http: "http://198.18.2.2/fine"}
              - {name: page, http: "http://198.18.2.2/"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-status-unexpected"],
            statuses: ["fine": "passed", "page": "failed"], says: ["503"]))

    private static let nginxCertificates = Scenario(
        name: "nginx: an expired certificate, one for another name, and a good one",
        changes: [
            .certificates, shop,
            nginx(secured("good") + secured("expired", port: 444) + secured("othername", port: 445)),
        ],
        checks: """
              - {name: good, http: "https://shop.test/", ca: "{lab}/ca.pem"}
              - {name: expired, http: "https://shop.test:444/", ca: "{lab}/ca.pem"}
              - {name: other name, tls: "shop.test:445", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "tls-name-mismatch"],
            statuses: ["good": "passed", "expired": "failed", "other name": "failed"]))

    /// nginx lets the handshake pass and answers 400: for the handshake alone all is well.
    private static let nginxClientCertificate = Scenario(
        name: "http-status-unexpected: nginx wants a client certificate and says so by 400",
        changes: [
            .certificates, shop, nginx(secured("good", "ssl_verify_client on; ssl_client_certificate {lab}/ca.pem;")),
        ],
        checks: """
              - {name: page, http: "https://shop.test/", ca: "{lab}/ca.pem"}
              - {name: with one, http: "https://shop.test/", ca: "{lab}/ca.pem", certificate: "{lab}/client.pem", key: "{lab}/client.key"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-status-unexpected"],
            statuses: ["page": "failed", "with one": "passed"], says: ["400"]))

    private static func openssl(_ words: String) -> LabChange {
        .daemon(
            "s", .openssl,
            "-accept 443 -cert {lab}/good.crt -key {lab}/good.key -cert_chain {lab}/inter.crt -www \(words)")
    }

    private static let opensslClientCertificate = Scenario(
        name: "mtls-required: openssl s_server insists on a client certificate",
        changes: [.certificates, shop, openssl("-Verify 1 -verify_return_error -CAfile {lab}/ca.pem")],
        checks: """
              - {name: handshake, tls: "198.18.2.2:443", serverName: shop.test, ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["mtls-required"], statuses: ["handshake": "failed"]))

    private static let opensslOldVersion = Scenario(
        name: "tls-version-mismatch: openssl s_server has TLS 1.1 only",
        changes: [.certificates, shop, openssl("-tls1_1 -cipher DEFAULT:@SECLEVEL=0")],
        checks: """
              - {name: handshake, tls: "198.18.2.2:443", serverName: shop.test, ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-version-mismatch"], statuses: ["handshake": "failed"]))

    private static let opensslNewVersionOnly = Scenario(
        name: "tls-version-mismatch: openssl s_server has TLS 1.3 only, which only an old client minds",
        changes: [.certificates, shop, openssl("-tls1_3")],
        checks: """
              - {name: new, tls: "198.18.2.2:443", serverName: shop.test, ca: "{lab}/ca.pem"}
              - {name: old, tls: "198.18.2.2:443", serverName: shop.test, ca: "{lab}/ca.pem", maxVersion: "1.2"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-version-mismatch"], statuses: ["new": "passed", "old": "failed"]))
}
