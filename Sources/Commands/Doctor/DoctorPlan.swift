import NetValues
import Observations
import Planning

/// The checks behind `leadsman doctor`: what is nearest first. None of them was asked for by name, so that one that cannot be taken
/// is told and no more.
struct DoctorPlan {
    let state: VantageState
    let surroundings: VantageSurroundings
    let resolver: ResolverConfiguration
    /// The service account's token, where it can be read.
    let token: String?
    let options: DoctorOptions
    /// What the command line says of timing, family and source.
    let apply: (inout Check) -> Void

    /// For one answer of one thing; what is near answers at once.
    static let timeout = Duration.seconds(3)

    var plan: Plan {
        var plan = Plan(checks: checks)
        if let token { plan.secrets.append(Secret(reference: reference(surroundings.cluster.tokenPath), value: token)) }
        for proxy in [surroundings.proxies.http, surroundings.proxies.https].compactMap(\.self).unique() {
            guard let credentials = proxy.credentials, !credentials.isEmpty else { continue }
            plan.secrets.append(Secret(reference: "${env:\(proxy.variable)}", value: credentials))
        }
        return plan
    }

    private func reference(_ path: String?) -> String { "${file:\(path ?? "token")}" }

    private var checks: [Check] {
        var seen: Set<String> = []
        return (gateways + nameServers + cluster + metadata + internet + proxy + egress + publicAddress).filter {
            // Of the family that was not asked for.
            $0.contradiction == nil && seen.insert($0.name).inserted
        }
    }

    func check(
        _ name: String, _ kind: String, _ target: Target, _ part: VantagePart,
        expect word: Expectation.Word = .reachable, expecting: [String: ParameterValue] = [:],
        _ parameters: [String: ParameterValue] = [:]
    ) -> Check {
        var check = Check(
            name: name, kind: kind, target: target, timeout: Self.timeout, labels: [VantagePart.label: part.rawValue],
            expectation: Expectation(word: word, parameters: Parameters(expecting)), parameters: Parameters(parameters),
            isAsked: false)
        apply(&check)
        return check
    }

    func admits(_ family: IPAddress.Family) -> Bool {
        var probe = Check(name: "", kind: "", target: .name(.root))
        apply(&probe)
        return probe.family.admits(family) && (probe.source?.family ?? family) == family
    }

    // MARK: Nearest

    /// Some gateways answer no ping, and not everybody may send one: a port on which nothing listens answers with a reset, which
    /// needs no right to see.
    private var gateways: [Check] {
        defaultGateways.prefix(8).flatMap { address in
            var ping = check("gateway \(address)", "icmp", .host(.address(address)), .gateway, expect: .any)
            ping.samples = 2
            ping.interval = .milliseconds(5)
            ping.timeout = .seconds(1)
            let port = HostPort(host: .address(address), port: Self.closedPort)
            var connect = check("gateway \(address) over TCP", "tcp", .hostPort(port), .gateway, expect: .any)
            connect.timeout = .seconds(2)
            return mayPing(address.family) ? [ping, connect] : [connect]
        }
    }

    /// Where it could not be seen, the probe itself says so.
    private func mayPing(_ family: IPAddress.Family) -> Bool {
        let rights = [family == .v4 ? state.rights.pingSocket : state.rights.pingSocketIPv6, state.rights.rawSocket]
        let known = rights.compactMap(\.self)
        return known.isEmpty || known.contains(where: \.isGranted)
    }

    /// Where traceroute begins (IANA: traceroute): a router listens there least of all.
    private static let closedPort: UInt16 = 33434

    private var defaultGateways: [IPAddress] {
        state.routes.filter { $0.isDefault && $0.kind == .unicast && admits($0.family) }.flatMap(\.hops).compactMap {
            hop in
            guard let gateway = hop.gateway else { return nil }
            // A link-local address is one of its interface only (RFC 4007 section 6).
            if case .v6(let address) = gateway, address.zone == nil, address.high >> 54 == 0x3fa,
                let zone = hop.interface
            {
                return .v6(IPv6Address(high: address.high, low: address.low, zone: zone))
            }
            return gateway
        }.unique()
    }

    private var nameServers: [Check] {
        resolver.servers.filter { admits($0.address.family) }.flatMap { server in
            [("name server \(words(server))", "udp"), ("name server \(words(server)) over TCP", "tcp")].map {
                name, transport in
                var check = check(
                    name, "dns", .name(control.name), .nameServer,
                    expecting: control.isKnown ? [:] : ["rcode": .text("ANY")],
                    [
                        "servers": .list([server.description]), "transport": .text(transport),
                        "type": .list([control.type]), "search": .flag(false),
                    ])
                check.family = .any
                // Small resolvers close a TCP connection where they have nobody to ask; for what is local UDP is enough.
                if transport == "tcp", !control.isKnown { check.severity = .warning }
                return check
            }
        }
    }

    private func words(_ server: Endpoint) -> String {
        server.port == 53 ? server.address.description : server.description
    }

    /// A name that must exist: the API's Service in a cluster (kubernetes.io, "DNS for Services and Pods"), else localhost, which a
    /// resolver answers by itself (RFC 6761 section 6.3): what stands behind it is no matter of whether it is there, and it may say
    /// whatever it likes.
    private var control: (name: DomainName, type: String, isKnown: Bool) {
        if let domain = surroundings.cluster.domain,
            let name = DomainName("kubernetes.default.svc.\(domain.relative).")
        {
            return (name, admits(.v4) ? "A" : "AAAA", surroundings.cluster.place == .pod)
        }
        return (DomainName("localhost.") ?? .root, admits(.v4) ? "A" : "AAAA", false)
    }
}
