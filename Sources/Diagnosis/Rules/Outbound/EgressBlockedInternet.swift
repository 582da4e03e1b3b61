import NetValues
import Observations
import Planning

/// Nothing on the internet is reached, while what is near works (catalogue section 4).
enum EgressBlockedInternet: Rule {
    static let layer = Layer.route
    static let replaces: Set = [
        "tcp-filtered-drop", "tcp-rejected", "tcp-refused", "route-unreachable-remote", "routing-loop", "address-dead",
    ]
    static let explanation = FindingExplanation(
        id: "egress-blocked-internet", severity: .warning, title: "The internet cannot be reached from here",
        signals: [
            "targets of at least three unrelated operators fail by address, and none is reached by name, while something near answers",
            "or the same of one port (443, 80) while another port of the same targets answers",
            "an error where a plan declares the targets as needed",
        ],
        lookalikes: [
            "names only: the targets are reached by address, and DNS is the fault",
            "a filter by name (egress-fqdn-filtered): connections are accepted, and some names are refused",
            "a proxy that must be used (proxy-in-path): the same targets answer through it",
            "one public service that is down: the others answer",
            "IPv6 alone: over IPv4 the targets answer (ipv6-broken)",
            "no route, a filter or a silent gateway of this host itself: nothing left it",
        ],
        traps: ["isolation may be meant: then say so in the plan (expect: blocked), and this is no finding"],
        remedy: [
            "allow this flow outward: a NAT gateway or a default route, firewall rules, NetworkPolicy egress",
            "Azure: look at the outbound type of the cluster, the subnet's NSG and route table, the Azure Firewall's rules; service endpoints need no internet",
            "where a proxy is meant to be used, set HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let reach = evidence.internet
        // Through the proxy it is reached: that is proxy-in-path.
        guard !reach.direct.isEmpty, reach.passing.isEmpty else { return [] }
        if let members = reach.blocked() {
            return reach.hasControl(members) ? [judge(members, reach, port: nil)] : []
        }
        return Set(reach.direct.compactMap(\.port)).sorted().compactMap { port in
            guard let members = reach.blocked(port: port) else { return nil }
            // The same machines answer at another port.
            let living = reach.direct.filter { $0.port != port && $0.way == .answered }.map(\.operatorName)
            let shared = Set(members.map(\.operatorName)).intersection(living)
            return shared.count < 2 ? nil : judge(members, reach, port: port)
        }
    }

    private static func judge(_ members: [InternetTarget], _ reach: InternetReach, port: UInt16?) -> Finding {
        let manners = manners(of: members)
        let way = manners.count == 1 ? manners[0].words : "lost in different ways"
        let operators = members.map(\.operatorName).unique()
        let isAsked = members.contains { $0.check.check.isAsked }
        let isNamed = members.contains(where: \.isByName)
        return finding(
            port.map { "TCP \($0) to the internet" } ?? "the internet", checks: members.map(\.check.name),
            severity: isAsked ? .error : nil,
            confidence: manners.count == 1 && isNamed ? .likely : .possible,
            summary: port.map {
                "Nothing on the internet is reached on TCP \($0), while other ports work: connections are \(way)."
            }
                ?? "Nothing on the internet is reached from here: connections are \(way).",
            evidence: lines(members, operators) + control(reach, members),
            cause: cause(manners))
    }

    /// Routers send few ICMP errors a second: silence beside one kind of them is that kind.
    private static func manners(of members: [InternetTarget]) -> [InternetTarget.Manner] {
        let seen = members.compactMap { if case .failed(let manner) = $0.way { manner } else { nil } }.unique()
        let told = seen.filter { $0 != .dropped }
        return told == [.unreachable] || told == [.rejected] ? told : seen
    }

    private static func lines(_ members: [InternetTarget], _ operators: [String]) -> [String] {
        let byAddress = members.filter { !$0.isByName }
        let byName = members.filter(\.isByName)
        var lines = flowLines(byAddress.flatMap(\.flows), limit: 4)
        if !byName.isEmpty {
            let nameless = byName.count { $0.way == .nameless }
            lines.append(
                "by name neither: 0 of \(counted(byName.count, "name")) reached"
                    + (nameless > 0 ? ", \(nameless) of them not even resolved" : ""))
        }
        return lines + ["unrelated operators: \(listed(operators, limit: 6))"]
    }

    private static func control(_ reach: InternetReach, _ members: [InternetTarget]) -> [String] {
        if let near = reach.nearLife.first { return ["while what is near works: \(near.words)"] }
        if let gateway = reach.gateway {
            return ["while the gateway \(gateway.address) is there (neighbour table: \(gateway.reachability.rawValue))"]
        }
        return []
    }

    private static func cause(_ manners: [InternetTarget.Manner]) -> String {
        guard manners.count == 1 else {
            return "Several things on the way out do not let this traffic through, or none of them knows a way on."
        }
        return switch manners[0] {
        case .dropped:
            "A network policy, security group or firewall drops what goes out, or nothing translates this network's addresses on their way to the internet."
        case .rejected: "A firewall or policy on the way out forbids it and says so."
        case .reset: "A device on the way out answers every connection with a reset."
        case .unreachable, .looping: "Beyond the gateway there is no route to the internet."
        }
    }
}
