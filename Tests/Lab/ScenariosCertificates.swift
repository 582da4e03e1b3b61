/// Certificates, each fault told from the others. shop.test is in the hosts file, so that no resolver is in play.
extension Scenario {
    static let certificates: [Scenario] = [
        certificate("expired", "tls-cert-expired", severity: .failing, says: ["expired 3"]),
        certificate("expiring", "tls-cert-expiring", severity: .degraded, says: ["expires in"]),
        certificate("othername", "tls-name-mismatch", severity: .failing, says: ["shop.test", "other.test"]),
        certificate("commonname", "tls-name-mismatch", severity: .failing, says: ["no subject alternative names"]),
        certificate("selfsigned", "tls-chain-untrusted", severity: .failing, says: ["self-signed"]),
        certificate("unknownca", "tls-chain-untrusted", severity: .failing, says: ["Unknown Root"]),
        certificate("nointermediate", "tls-chain-untrusted", severity: .failing, says: ["Lab Intermediate"]),
        certificate("expiredintermediate", "tls-cert-expired", severity: .failing, says: ["issuing certificate"]),
        certificate("notyet", "expectation-unmet", severity: .failing, says: ["not yet valid"]),
        healthyCertificates, caNotGiven, plainOnTLSPort, silentTLS, validForUnmet, expiredAndUntrusted, twoFaults,
    ]

    private enum Severity: String { case failing, degraded }

    private static let shopHost = LabChange.hosts("198.18.2.2 shop.test a.shop.test", "fd00:18:2::2 b.shop.test")

    private static func certificate(_ name: String, _ finding: String, severity: Severity, says: [String]) -> Scenario {
        let status = severity == .failing ? "failed" : "warned"
        return Scenario(
            name: "\(finding): certificate “\(name)”",
            changes: [.certificates, shopHost, .tls(name), .tls("good", port: 8443)],
            checks: """
                  - {name: good, tls: "shop.test:8443", ca: "{lab}/ca.pem"}
                  - {name: bad, tls: "shop.test:443", ca: "{lab}/ca.pem"}
                  - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
                """,
            expected: Expected(
                verdict: severity.rawValue, exit: severity == .failing ? 1 : 0,
                must: [finding],
                statuses: ["good": "passed", "bad": status, "page": status], headline: finding, says: says,
                checksOf: [finding: 2]))
    }

    private static let healthyCertificates = Scenario(
        name: "healthy certificates: wildcard, by address, both families, short-lived",
        changes: [
            .certificates, shopHost, .tls("wildcard"), .tls("byaddress", port: 444), .tls("shortlived", port: 445),
        ],
        checks: """
              - {name: wildcard, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
              - {name: address, tls: "198.18.2.2:444", ca: "{lab}/ca.pem"}
              - {name: address over IPv6, tls: "[fd00:18:2::2]:444", ca: "{lab}/ca.pem"}
              - {name: short-lived, tls: "shop.test:445", ca: "{lab}/ca.pem"}
              - {name: page, http: "https://b.shop.test/ok", ca: "{lab}/ca.pem"}
              - {name: other name, tls: "198.18.2.2:443", serverName: any.shop.test, ca: "{lab}/ca.pem"}
            """,
        expected: .healthy)

    private static let caNotGiven = Scenario(
        name: "tls-chain-untrusted: the own CA is not given",
        changes: [.certificates, shopHost, .tls("good")],
        checks: """
              - {name: shop, tls: "shop.test:443"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-chain-untrusted"], statuses: ["shop": "failed"]))

    private static let plainOnTLSPort = Scenario(
        name: "tls-plaintext-on-tls-port: plain HTTP where TLS should be",
        changes: [shopHost, .http(port: 443)],
        checks: """
              - {name: shop, tls: "shop.test:443"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-plaintext-on-tls-port"], statuses: ["shop": "failed"]))

    private static let silentTLS = Scenario(
        name: "expectation-unmet: the handshake is never answered",
        changes: [
            .certificates, shopHost, .tls("good"),
            .filter("r", at: "forward", rule: "tcp sport 443 tcp flags & psh == psh counter drop"),
        ],
        checks: """
              - {name: shop, tls: "shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["shop": "failed"],
            says: ["TLS handshake"]))

    private static let validForUnmet = Scenario(
        name: "tls-cert-expiring: the plan asks for more days than are left",
        changes: [.certificates, shopHost, .tls("good")],
        checks: """
              - {name: shop, tls: "shop.test:443", ca: "{lab}/ca.pem", expect: {validFor: 300d}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["tls-cert-expiring"], statuses: ["shop": "warned"],
            says: ["the plan asks for"]))

    private static let expiredAndUntrusted = Scenario(
        name: "an expired certificate of an unknown authority: both are told",
        changes: [.certificates, shopHost, .tls("expired")],
        checks: """
              - {name: shop, tls: "shop.test:443"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "tls-chain-untrusted"],
            statuses: ["shop": "failed"], headline: "tls-cert-expired"))

    private static let twoFaults = Scenario(
        name: "two faults at once: an expired certificate and a dropped port",
        changes: [
            .certificates, shopHost, .tls("expired"), .http(port: 5432),
            .filter("r", at: "forward", rule: "tcp dport 5432 counter drop"),
        ],
        checks: """
              - {name: shop, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
              - {name: database, tcp: "shop.test:5432"}
              - {name: echo, icmp: shop.test}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "tcp-filtered-drop"],
            statuses: ["shop": "failed", "database": "failed", "echo": "passed"], headline: "tls-cert-expired"))
}
