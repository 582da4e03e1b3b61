/// `leadsman doctor` where it stands: bare, healthy, in a pod, on a node's network.
extension Scenario {
    static let doctor: [Scenario] = [
        Scenario(
            name: "doctor: a healthy network, its internet and names", changes: internet,
            command: doctorCommand + internetTargets, environment: trust,
            expected: Expected(
                verdict: "healthy", exit: 0,
                statuses: [
                    "gateway 198.18.1.1": "passed", "name server 198.18.2.2": "passed",
                    "name server 198.18.2.2 over TCP": "passed", "internet 198.18.2.9:443": "passed",
                    "internet https://shop.test/ok": "passed", "metadata service": "passed",
                ])),
        Scenario(
            name: "doctor: a gateway that answers no ping is no fault",
            changes: internet + [.filter("r", at: "input", rule: "icmp type echo-request counter drop")],
            command: doctorCommand + internetTargets, environment: trust, expected: .healthy),
        Scenario(
            name: "doctor: no right to ping", changes: internet, user: .nobody,
            command: doctorCommand + internetTargets + ["--public-address", "http://one.test/"], environment: trust,
            expected: Expected(
                verdict: "healthy", exit: 0,
                statuses: ["gateway 198.18.1.1 over TCP": "passed", "public address": "passed"])),
        Scenario(
            name: "doctor: no interface is up",
            changes: [.resolver("nameserver 198.18.2.2"), .shell("c", "ip link set to-r down")],
            command: doctorCommand + internetTargets,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["no-route-local"], may: vantageNotes, headline: "no-route-local")),
        Scenario(
            name: "doctor: without the internet nothing is asked there",
            changes: internet + [.filter("r", at: "forward", rule: "ip daddr 198.18.2.8/29 counter drop")],
            command: doctorCommand + ["--no-internet"], environment: trust, expected: .healthy),
        pod("a healthy pod", podFiles + clusterAPI, expect: .healthy),
        pod(
            "the API refuses the account, which shows that it is there",
            podFiles + [clusterAPI[0], apiServer("/status/403")],
            expect: .healthy),
        pod(
            "the API's port is dropped on the way",
            podFiles + clusterAPI + [.filter("r", at: "forward", rule: "tcp dport 6443 counter drop")],
            expect: Expected(
                verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
                statuses: ["cluster api": "failed", "cluster dns": "passed"], headline: "tcp-filtered-drop")),
        pod(
            "the cluster's DNS is silent",
            podFiles + clusterAPI + [
                .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop")
            ],
            expect: Expected(
                verdict: "failing", exit: 1, must: ["dns-server-unreachable"],
                statuses: ["cluster api": "passed", "cluster dns": "failed"], headline: "dns-server-unreachable")),
    ]

    /// Findings about the vantage's own state that other rules may add where it is truly broken.
    static let vantageNotes = ["interface-down", "no-default-route", "dns-server-unreachable"]

    // MARK: What they stand in

    static let doctorCommand = ["doctor", "--metadata", "198.18.2.254"]
    static let trust = ["SSL_CERT_FILE={lab}/ca.pem"]

    /// Three operators by address at two ports, three by name.
    static let internetTargets = [
        "--internet", "198.18.2.9:443", "--internet", "198.18.2.10:443", "--internet", "198.18.2.11:80",
        "--internet", "http://one.test/", "--internet", "http://two.test/", "--internet", "https://shop.test/ok",
    ]

    /// 198.18.2.8/29 is the internet: the router knows only that it is there.
    static let internet: [LabChange] = internetAddresses + [.certificates, .http(), .tls("good")]

    static let internetAddresses: [LabChange] = [
        .shell("s", "for n in 9 10 11 12 13 14; do ip addr add 198.18.2.$n/24 dev to-r; done"),
        .names("one.test A 198.18.2.12", "two.test A 198.18.2.13", "shop.test A 198.18.2.14"),
        .resolver("nameserver 198.18.2.2"),
    ]

    // MARK: Pods

    /// What kubelet puts into a pod, and a cluster's DNS.
    static let podFiles: [LabChange] = [
        .certificates,
        .shell(
            "c",
            """
            account=/run/secrets/kubernetes.io/serviceaccount
            mkdir -p $account
            cp {lab}/ca.pem $account/ca.crt
            echo lab-token >$account/token
            echo shop >$account/namespace
            """),
        .etc(
            "c", file: "hosts",
            "# Kubernetes-managed hosts file.\n127.0.0.1 localhost\n198.18.1.2 cart-5d9c\n"),
        .resolver(
            "nameserver 198.18.2.2", "search shop.svc.cluster.lab svc.cluster.lab cluster.lab", "options ndots:5"),
        .names("kubernetes.default.svc.cluster.lab A 198.18.2.2"),
    ]

    private static func apiServer(_ page: String) -> LabChange {
        .server("s", .web, ["6443", "{lab}/byaddress.pem", "{lab}/byaddress.key", "--page", String(page.dropFirst(8))])
    }

    static let clusterAPI: [LabChange] = [.web("s", port: 80), apiServer("/status/200")]

    static let podVariables = [
        "KUBERNETES_SERVICE_HOST=198.18.2.2", "KUBERNETES_SERVICE_PORT=6443", "NODE_NAME=node-7", "HOSTNAME=cart-5d9c",
    ]

    static func pod(_ name: String, _ changes: [LabChange], expect expected: Expected) -> Scenario {
        Scenario(
            name: "doctor: \(name)", changes: changes, command: doctorCommand + ["--no-internet"],
            environment: trust + podVariables, expected: expected)
    }
}
