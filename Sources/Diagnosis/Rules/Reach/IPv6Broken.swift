import NetValues
import Planning

/// A name works over IPv4 and not over IPv6 (catalogue section 21).
enum IPv6Broken: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let replaces = EgressBlockedInternet.replaces
    static let explanation = FindingExplanation(
        id: "ipv6-broken", severity: .warning, title: "A name works over IPv4, but not over IPv6",
        signals: [
            "the name has A and AAAA; IPv4 connects, and no IPv6 address does",
            "or each IPv6 connection takes more than 250 ms longer than the slowest over IPv4 (RFC 8305), without a lost SYN",
            "or targets on the internet of three unrelated operators fail by address over IPv6 while the other family answers",
            "an error where the plan says family: both",
        ],
        lookalikes: [
            "address-dead: some IPv6 addresses of the name work and others do not",
            "no-route-local: this host has no IPv6 at all, which is no fault of the target and is not told",
            "both families dead: then the finding is that of the failure itself",
        ],
        traps: ["clients with Happy Eyeballs hide it as a delay; others fail"],
        remedy: ["mend the IPv6 path or the listener, or remove the AAAA record"])

    static func findings(in evidence: Evidence) -> [Finding] { familyFindings(.v6, in: evidence) }
}
