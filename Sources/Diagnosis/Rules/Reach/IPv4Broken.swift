import NetValues
import Planning

/// A name works over IPv6 and not over IPv4 (catalogue section 21).
enum IPv4Broken: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let replaces = EgressBlockedInternet.replaces
    static let explanation = FindingExplanation(
        id: "ipv4-broken", severity: .warning, title: "A name works over IPv6, but not over IPv4",
        signals: [
            "the name has A and AAAA; IPv6 connects, and no IPv4 address does",
            "or each IPv4 connection takes more than 250 ms longer than the slowest over IPv6 (RFC 8305), without a lost SYN",
            "or targets on the internet of three unrelated operators fail by address over IPv4 while the other family answers",
            "an error where the plan says family: both",
        ],
        lookalikes: [
            "address-dead: some IPv4 addresses of the name work and others do not",
            "no-route-local: this host has no IPv4 at all, which is no fault of the target and is not told",
            "both families dead: then the finding is that of the failure itself",
        ],
        traps: ["hosts with IPv4 only cannot reach the name at all, while those with both never notice"],
        remedy: ["mend the IPv4 path or the listener, or remove the A record"])

    static func findings(in evidence: Evidence) -> [Finding] { familyFindings(.v4, in: evidence) }
}
