import JSON
import NetValues
import Planning

/// What gets out of this network, counted from the checks that tried.
struct OutboundSummary {
    /// How the internet is reached.
    enum Way: String { case direct, partly, proxy, none, unknown }

    let byAddress: [IPAddress.Family: [CheckReport]]
    let byName: [CheckReport]
    let proxied: [CheckReport]
    let egress: [CheckReport]
    let publicAddress: [CheckReport]
    /// Families without a default route are not asked about.
    private let hasIPv6Route: Bool
    /// Names of checks that a captive portal answered in their targets' place; empty where there is none.
    private let portal: Set<String>

    init(_ checks: [CheckReport], hasIPv6Route: Bool, portal: Set<String> = []) {
        self.hasIPv6Route = hasIPv6Route
        self.portal = portal
        let direct = checks.of(.internet)
        let addressed = direct.filter { $0.kind == "tcp" }
        byAddress = Dictionary(grouping: addressed) { $0.target.hasPrefix("[") ? IPAddress.Family.v6 : .v4 }
        byName = direct.filter { $0.kind != "tcp" }
        proxied = checks.of(.proxied)
        egress = checks.of(.egress)
        publicAddress = checks.of(.publicAddress)
    }

    private var direct: [CheckReport] { byAddress.values.flatMap(\.self) + byName }

    /// Answered, and not by a portal: where there is one, whatever is plain HTTP may be its own.
    private func isReached(_ check: CheckReport) -> Bool {
        let isPortals =
            portal.contains(check.name)
            || !portal.isEmpty && (check.target.hasPrefix("http://") || check.target.hasSuffix(":80"))
        return check.answers && !isPortals
    }

    var way: Way {
        let measured = direct.filter(\.wasMeasured)
        guard !measured.isEmpty || proxied.contains(where: \.wasMeasured) else { return .unknown }
        if measured.contains(where: isReached) { return byNameFails || byAddressFails ? .partly : .direct }
        return proxied.contains(where: \.answers) ? .proxy : .none
    }

    private var byNameFails: Bool { byName.contains(where: \.wasMeasured) && !byName.contains(where: isReached) }
    private var byAddressFails: Bool {
        let measured = byAddress.values.flatMap(\.self).filter(\.wasMeasured)
        return !measured.isEmpty && !measured.contains(where: isReached)
    }

    var words: String {
        switch way {
        case .direct: "yes, directly"
        case .partly: byNameFails ? "by address only: names are not reached" : "by name only: addresses are not reached"
        case .proxy: "through the proxy only"
        case .none: portal.isEmpty ? "no" : "no: a portal answers in its place"
        case .unknown: "not asked"
        }
    }

    // MARK: Lines

    var lines: [VantageLine] {
        let verdict = VantageLine(
            .outbound, "internet", words, why: "image pulls, package updates and services of others need it",
            isRemarkable: way == .none || way == .partly)
        return [verdict] + addresses + [names, through, ports].compactMap(\.self) + pages
    }

    private var addresses: [VantageLine] {
        IPAddress.Family.allCases.compactMap { family in
            guard let checks = byAddress[family], !checks.isEmpty else {
                return family == .v6 && !byAddress.isEmpty && !hasIPv6Route
                    ? VantageLine(
                        .outbound, "by address over IPv6", "not asked: there is no IPv6 default route",
                        why: "names with AAAA records are then reached over IPv4 only") : nil
            }
            return line(
                "by address over \(family.rawValue)", checks,
                why: "shows the way itself, without DNS and without filters by name")
        }
    }

    private var names: VantageLine? {
        byName.isEmpty ? nil : line("by name", byName, why: "what programs do: look up, connect, and speak TLS or HTTP")
    }

    private var through: VantageLine? {
        proxied.isEmpty
            ? nil : line("through the proxy", proxied, why: "what programs do that heed the proxy variables")
    }

    private var ports: VantageLine? {
        let targets = egress.filter { $0.labels[Check.outboundLabel] == OutboundClass.undeclared.rawValue }
        return targets.isEmpty ? nil : line("undeclared ports", targets, why: "what nobody needs should not get out")
    }

    private func line(_ subject: String, _ checks: [CheckReport], why: String) -> VantageLine {
        let answering = checks.filter(isReached)
        let missing = checks.filter { !isReached($0) }
        let who = answering.compactMap { $0.labels[Check.operatorLabel] }.unique()
        var text = "\(answering.count) of \(checks.count) answer"
        if !who.isEmpty { text += " (\(listed(who, limit: 6)))" }
        if !missing.isEmpty {
            text += "; not: \(listed(missing.map { "\($0.target)\($0.reason.map { " (\($0))" } ?? "")" }, limit: 3))"
        }
        return VantageLine(.outbound, subject, text, why: why)
    }

    private var pages: [VantageLine] {
        publicAddress.map { check in
            let said = check.facts.lazy.compactMap { $0["response"]?["bodyStart"]?.string }.last
            return VantageLine(
                .outbound, "public address",
                check.answers ? "\((said ?? "").escaped(limit: 80)) says \(check.target)" : check.outcomeWords,
                why: "as this address others see what leaves here: allow lists must name it")
        }
    }

    // MARK: JSON

    var json: JSONValue {
        var object = JSONObject([("internet", .string(way.rawValue))])
        for family in IPAddress.Family.allCases {
            guard let checks = byAddress[family] else { continue }
            object[family == .v4 ? "ipv4" : "ipv6"] = tally(checks)
        }
        if !byName.isEmpty { object["names"] = tally(byName) }
        if !proxied.isEmpty { object["proxied"] = tally(proxied) }
        return .object(object)
    }

    private func tally(_ checks: [CheckReport]) -> JSONValue {
        ["asked": .int(checks.count { $0.wasMeasured }), "answered": .int(checks.count(where: isReached))]
    }
}
