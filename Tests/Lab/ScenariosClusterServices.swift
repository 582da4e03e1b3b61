/// Services of a cluster: the client is a pod, the router its node, on which kube-proxy would translate 198.18.9.10 to a pod, the server.
extension Scenario {
    static let clusterServices: [Scenario] = [
        serviceHealthy, serviceWithoutEndpoints, serviceByAddress, podRefuses, serviceDropped, plainHostRejected,
        portOfPods, portThatNothingKnows, portThatIsRejected, portOfPlainName, collidingAddress, certificateOfAnother,
        pingOfAService, droppedBehindService,
    ]

    private static let service = "shop.prod.svc.cluster.test"

    private static func cluster(_ srv: String...) -> [LabChange] {
        let records = ["\(service) A 198.18.9.10", "web.test A 198.18.2.2"] + srv.map { "\(service) SRV \($0)" }
        return [
            .server("s", .names, ["198.18.2.2"] + records),
            .resolver(
                "nameserver 198.18.2.2", "search prod.svc.cluster.test svc.cluster.test cluster.test", "options ndots:5"
            ),
            .http(), .addRoute("r", "198.18.9.0/24 via 198.18.2.2"),
        ]
    }

    /// As kube-proxy does it: the address of the Service leads to a pod.
    private static func translated(to port: Int) -> LabChange {
        .shell(
            "r",
            "nft 'table ip t { chain c { type nat hook prerouting priority dstnat; ip daddr 198.18.9.10 tcp dport 80 dnat to 198.18.2.2:\(port); }; }'"
        )
    }

    private static func rejected(_ what: String = "ip daddr 198.18.9.10") -> LabChange {
        .filter("r", at: "forward", rule: "\(what) meta l4proto tcp reject with icmpx type port-unreachable")
    }

    private static let own = "0 100 80 shop.prod.svc.cluster.test"
    private static let metrics = "0 100 9090 shop.prod.svc.cluster.test"

    private static func asked(
        _ name: String, _ changes: [LabChange], target: String = "shop:80", _ finding: String, says: [String]
    ) -> Scenario {
        Scenario(
            name: "service: \(name)", changes: changes,
            checks: """
                  - {name: page, tcp: "\(target)", timeout: 3s, samples: 1}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: [finding], statuses: ["page": "failed"], headline: finding,
                says: says))
    }

    private static let serviceHealthy = Scenario(
        name: "service: a Service with a pod is healthy", changes: cluster(own) + [translated(to: 80)],
        checks: """
              - {name: page, tcp: "shop:80"}
              - {name: whole, http: "http://shop/ok"}
            """,
        expected: .healthy)

    private static let serviceWithoutEndpoints = asked(
        "a Service without ready pods", cluster(own) + [rejected()], "service-no-endpoints",
        says: ["Service shop in namespace prod has no ready endpoint for port 80", "198.18.1.1"])

    /// No name: but the client is a pod, and the address is next to that of its DNS.
    private static let serviceByAddress = asked(
        "the address of a Service without ready pods", cluster(own) + [rejected("ip daddr 198.18.2.99")],
        target: "198.18.2.99:80", "service-no-endpoints", says: ["198.18.2.99", "the node (198.18.1.1)"])

    /// Only its port is translated: of ping the node says that it has no way.
    private static let nowhere = LabChange.addRoute("r", "unreachable 198.18.9.10/32")

    private static let pingOfAService = Scenario(
        name: "service: ping of a Service's address has no way, which is healthy",
        changes: cluster() + [translated(to: 80), nowhere],
        command: ["check", "http://198.18.9.10/ok"],
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["icmp-filtered-tcp-ok"], may: ["proxy-in-path"]))

    private static let droppedBehindService = Scenario(
        name: "service: tcp-filtered-drop behind a Service's address, of which ping has no way",
        changes: cluster() + [
            translated(to: 80), nowhere, .filter("r", at: "forward", rule: "tcp dport 80 counter drop"),
        ],
        command: ["check", "198.18.9.10:80", "--timeout", "3s"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], headline: "tcp-filtered-drop"))

    private static let podRefuses = asked(
        "a Service whose pod does not listen on the targetPort", cluster(own) + [translated(to: 82)], "tcp-refused",
        says: ["has the ports 80", "targetPort"])

    private static let serviceDropped = asked(
        "a Service whose packets are dropped",
        cluster(own) + [.filter("r", at: "forward", rule: "ip daddr 198.18.9.10 counter drop")], "tcp-filtered-drop",
        says: ["198.18.9.10"])

    /// Rejected by the second router of a longer way, and no Service.
    private static let plainHostRejected = Scenario(
        name: "service: a plain host that a router rejects is no Service", network: .chain,
        changes: [
            .resolver("nameserver 198.18.3.2", "search prod.svc.cluster.test"), .http(),
            .filter("q", at: "forward", rule: "tcp dport 80 reject with icmpx type port-unreachable"),
        ],
        checks: """
              - {name: page, tcp: "198.18.3.2:80", timeout: 3s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-rejected"], statuses: ["page": "failed"],
            says: ["198.18.2.2 rejects"]))

    /// What is not caught goes on to the default route, and nobody answers.
    private static let portOfPods = asked(
        "the port of the pods, asked of the Service",
        cluster(own, metrics) + [
            translated(to: 80), .filter("r", at: "forward", rule: "ip daddr 198.18.9.10 counter drop"),
        ], target: "shop:8080", "service-port-mismatch",
        says: ["has no port 8080; it has 80 and 9090"])

    private static let portThatIsRejected = asked(
        "a port that kube-proxy rejects, since the Service has it not", cluster(own) + [rejected()],
        target: "\(service).:8080", "service-port-mismatch", says: ["has no port 8080; it has 80"])

    /// Its name server knows no SRV records: then nothing is said of ports.
    private static let portThatNothingKnows = asked(
        "a name without SRV records", cluster() + [.addRoute("r", "blackhole 198.18.9.10/32")], target: "shop:8080",
        "tcp-filtered-drop", says: ["8080"])

    private static let portOfPlainName = asked(
        "a closed port of a name that is no Service's", cluster(own), target: "web.test.:8080", "tcp-refused",
        says: ["8080"])

    private static func shown(_ name: String, names: String, address: String, _ finding: String) -> Scenario {
        Scenario(
            name: "service: \(name)",
            changes: [
                .hosts("\(address) shop.test"), .shell("s", "ip address add \(address)/32 dev lo"),
                .addRoute("r", "\(address)/32 via 198.18.2.2"),
                .shell(
                    "s",
                    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=apiserver -addext subjectAltName=\(names) -keyout {lab}/api.key -out {lab}/api.pem 2>{lab}/api.log"
                ),
                .tls("api"),
            ],
            checks: """
                  - {name: page, tls: "shop.test:443", ca: "{lab}/api.pem"}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: [finding], statuses: ["page": "failed"], headline: finding))
    }

    private static let collidingAddress = shown(
        "vip-collides-reserved: an address that is the API server's",
        names: "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:198.18.9.1", address: "198.18.9.1",
        "vip-collides-reserved")

    /// A node of the control plane, whose certificate lacks this name of it.
    private static let certificateOfAnother = shown(
        "another address of the API server is no collision",
        names: "DNS:kubernetes,DNS:kubernetes.default.svc,IP:198.18.9.1,IP:198.18.9.7", address: "198.18.9.7",
        "tls-name-mismatch")
}
