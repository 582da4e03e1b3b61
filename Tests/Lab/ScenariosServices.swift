/// UDP services, asked in their own protocol: silence, refusal, rejection and a local filter are four things.
extension Scenario {
    static let services: [Scenario] = [
        ownServices, servicesOverIPv6, secondRequest, realServices, realQUIC, deafService, droppedService,
        refusedService,
        rejectedService("icmpx type admin-prohibited"), rejectedService("icmpx type port-unreachable"), deniedService,
        expectedSilences, refusedThoughBlocked, kissOfDeath, unsynchronised, foreignAnswer, unreachableService,
        checkedService, checkedDeadHost, checkedSilentPing,
    ]

    private static let everyService = LabChange.datagrams("ntp:123", "quic:443", "sip:5060", "echo:7", "deaf:9000")

    private static func failing(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    private static func silent(says: [String]) -> Expected {
        Expected(
            verdict: "degraded", exit: 0, must: ["udp-no-response"], headline: "udp-no-response", says: says)
    }

    private static let ownServices = Scenario(
        name: "udp: NTP, QUIC, SIP, echo and DNS answer",
        changes: [everyService, .names("shop.test A 198.18.2.2")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
              - {name: quic, udp: "198.18.2.2:443"}
              - {name: calls, udp: "198.18.2.2:5060"}
              - {name: echo, udp: "198.18.2.2:7", samples: 20, interval: 5ms}
              - {name: names, udp: "198.18.2.2:53"}
              - {name: raw, udp: "198.18.2.2:7", send: "hello\\\\r\\\\n"}
            """,
        expected: .healthy)

    private static let servicesOverIPv6 = Scenario(
        name: "udp: NTP and QUIC over IPv6",
        changes: [.datagrams("ntp:123", "quic:4433", address: "fd00:18:2::2")],
        checks: """
              - {name: time, udp: "[fd00:18:2::2]:123"}
              - {name: quic, udp: "[fd00:18:2::2]:4433", service: quic}
            """,
        expected: .healthy)

    private static let secondRequest = Scenario(
        name: "udp: only each second request is answered, and each sample asks twice",
        changes: [.datagrams("echo:7:second")],
        checks: """
              - {name: echo, udp: "198.18.2.2:7", samples: 3}
            """,
        expected: .healthy)

    private static let realServices = Scenario(
        name: "udp: chrony and kamailio answer",
        changes: [
            .daemon(
                "s", .chronyd,
                "local stratum 5\nallow all\nbindaddress 198.18.2.2\ncmdport 0\nbindcmdaddress /\npidfile {lab}/chrony.pid\ndriftfile {lab}/drift"
            ),
            .daemon(
                "s", .kamailio,
                """
                debug=2
                log_stderror=yes
                fork=no
                children=1
                disable_tcp=yes
                auto_aliases=no
                listen=udp:198.18.2.2:5060
                loadmodule "sl.so"
                request_route {
                  if (method == "OPTIONS") { sl_send_reply("200", "Alive"); exit; }
                  sl_send_reply("405", "Method Not Allowed");
                }
                """),
        ],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
              - {name: calls, udp: "198.18.2.2:5060"}
            """,
        expected: .healthy)

    private static let realQUIC = Scenario(
        name: "udp: caddy answers QUIC",
        changes: [
            .certificates,
            .daemon(
                "s", .caddy,
                """
                {
                  admin off
                  auto_https off
                  storage file_system {lab}/caddy
                }
                https://shop.test:443 {
                  bind 198.18.2.2
                  tls {lab}/good.pem {lab}/good.key
                  respond "ok"
                }
                """),
        ],
        checks: """
              - {name: quic, udp: "198.18.2.2:443"}
            """,
        expected: .healthy)

    private static let deafService = Scenario(
        name: "udp-no-response: an open port that says nothing",
        changes: [everyService],
        checks: """
              - {name: deaf, udp: "198.18.2.2:9000", send: hello}
            """,
        expected: silent(says: ["while the host is up", "open and silent, filtered, or lost"]))

    private static let droppedService = Scenario(
        name: "udp-no-response: a filter drops the port, which looks like an open one",
        changes: [everyService, .filter("r", at: "forward", rule: "udp dport 123 counter drop")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
              - {name: echo, udp: "198.18.2.2:7"}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["udp-no-response"],
            statuses: ["time": "warned", "echo": "passed"], headline: "udp-no-response",
            says: ["while the host is up", "(NTP)"]))

    private static let refusedService = Scenario(
        name: "tcp-refused: nobody listens on a UDP port",
        changes: [everyService],
        checks: """
              - {name: time, udp: "198.18.2.2:124", service: ntp}
              - {name: over IPv6, udp: "[fd00:18:2::2]:124", service: ntp, timeout: 3s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused", "tcp-refused"],
            statuses: ["time": "failed", "over IPv6": "failed"], headline: "tcp-refused",
            says: ["nothing listens there"]))

    private static func rejectedService(_ answer: String) -> Scenario {
        Scenario(
            name: "tcp-rejected: a device rejects UDP with \(answer)",
            changes: [everyService, .filter("r", at: "forward", rule: "udp dport 123 reject with \(answer)")],
            checks: """
                  - {name: time, udp: "198.18.2.2:123"}
                """,
            expected: failing("tcp-rejected", says: ["198.18.1.1"]))
    }

    private static let deniedService = Scenario(
        name: "local-egress-denied: the own output filter drops UDP",
        changes: [everyService, .filter("c", at: "output", rule: "udp dport 123 counter drop")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
            """,
        expected: failing("local-egress-denied", says: ["EPERM"]))

    private static let expectedSilences = Scenario(
        name: "udp: blocked and refused as expected",
        changes: [
            everyService, .filter("r", at: "forward", rule: "udp dport 123 counter drop"),
            .filter("r", at: "forward", rule: "udp dport 443 reject with icmpx type admin-prohibited"),
        ],
        checks: """
              - {name: dropped, udp: "198.18.2.2:123", expect: blocked}
              - {name: rejected, udp: "198.18.2.2:443", expect: blocked}
              - {name: closed, udp: "198.18.2.2:124", service: ntp, expect: refused}
            """,
        expected: .healthy)

    private static let refusedThoughBlocked = Scenario(
        name: "tcp-refused: a UDP service; blocked is expected, and a plain refusal warns",
        changes: [],
        checks: """
              - {name: isolated, udp: "198.18.2.2:123", expect: blocked}
            """,
        expected: Expected(verdict: "degraded", exit: 0, must: ["tcp-refused"], statuses: ["isolated": "warned"]))

    private static let kissOfDeath = Scenario(
        name: "expectation-unmet: the NTP server says no (kiss-o'-death)",
        changes: [.datagrams("ntp:123:deny")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
            """,
        expected: failing("expectation-unmet", says: ["kiss-o'-death DENY"]))

    private static let unsynchronised = Scenario(
        name: "expectation-unmet: the NTP server's clock is not set",
        changes: [.datagrams("ntp:123:unsynced")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
            """,
        expected: failing("expectation-unmet", says: ["not synchronised"]))

    private static let foreignAnswer = Scenario(
        name: "expectation-unmet: something other than NTP answers",
        changes: [.datagrams("ntp:123:foreign")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
            """,
        expected: failing("expectation-unmet", says: ["no answer to the request"]))

    private static let unreachableService = Scenario(
        name: "route-unreachable-remote: a router has no route, told to UDP",
        changes: [everyService, .addRoute("r", "unreachable 198.18.2.2/32")],
        checks: """
              - {name: time, udp: "198.18.2.2:123"}
            """,
        expected: failing("route-unreachable-remote", says: ["198.18.1.1"]))

    private static func check(_ name: String, _ changes: [LabChange], _ expected: Expected) -> Scenario {
        Scenario(
            name: "check udp: \(name)", changes: changes,
            command: ["check", "udp://198.18.2.2:123", "--timeout", "1500ms"], expected: expected)
    }

    private static let checkedService = check("all is well", [everyService], .healthy)

    private static let checkedDeadHost = check(
        "the host is gone without a word", [.addRoute("r", "blackhole 198.18.2.2/32")],
        Expected(
            verdict: "degraded", exit: 0, must: ["udp-no-response"], headline: "udp-no-response",
            checksOf: ["udp-no-response": 2]))

    private static let checkedSilentPing = check(
        "ping is filtered, the service answers",
        [everyService, .filter("r", at: "forward", rule: "icmp type echo-request counter drop")],
        Expected(verdict: "healthy", exit: 0, must: ["icmp-filtered-tcp-ok"]))
}
