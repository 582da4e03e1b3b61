import NetValues
import Observations
import Planning

/// The checks behind `leadsman check`: from the name up to the exchange that the target asks for, each layer needing the
/// one below, so that the lowest that fails is the one that is reported.
struct LayeredPlan {
    /// Names in it need no DNS.
    let hosts: HostsTable
    /// Of the check that the user asked for; the layers below are only there to explain it.
    let expectation: Expectation
    /// What the command line says of timing, family and source.
    let apply: (inout Check) -> Void
    /// Endpoints of one range; more of them were refused before.
    var mostTargets = TargetRange.usualLimit

    /// Layers that several targets share are there once.
    func checks(for targets: [CheckTarget]) -> [Check] {
        var checks: [Check] = []
        for check in targets.flatMap(checks(for:)) {
            if let index = checks.firstIndex(where: { $0.name == check.name }) {
                checks[index].isAsked = checks[index].isAsked || check.isAsked
            } else {
                checks.append(check)
            }
        }
        return checks
    }

    private func checks(for target: CheckTarget) -> [Check] {
        switch target {
        case .dns(let question):
            return [dns(question)]
        case .host(let host), .icmp(let host):
            return below(host, port: nil) + [asked(ping(host))]
        case .tcp(let pair), .hostPort(let pair):
            return below(pair.host, port: nil, reached: pair.port) + pingLayer(pair.host) + [asked(tcp(pair))]
        case .udp(let pair):
            return below(pair.host, port: nil) + pingLayer(pair.host) + [asked(udp(pair))]
        case .range(let kind, let range):
            return members(of: range, kind)
        case .tls(let pair):
            return below(pair.host, port: pair.port) + [asked(tls(pair))]
        case .url(let url):
            let pair = HostPort(host: url.host, port: url.port)
            let security = url.scheme == .https && isLayered ? [tls(pair)] : []
            return below(url.host, port: url.port) + security + [asked(http(url))]
        }
    }

    /// A flow that is expected to fail has no layers that must work first, but for its name.
    private var isLayered: Bool { expectation.word == .reachable }

    /// - Parameter reached: tried at addresses that only some of the name servers give.
    private func below(_ host: Host, port: UInt16?, reached: UInt16? = nil) -> [Check] {
        let names = needsDNS(host).map { [name($0, reached: reached ?? port)] } ?? []
        guard let port, isLayered else { return names }
        return names + [ping(host), tcp(HostPort(host: host, port: port))]
    }

    private func pingLayer(_ host: Host) -> [Check] { isLayered ? [ping(host)] : [] }

    /// The name that DNS must be asked for: not an address, not in the hosts file, not `localhost` (RFC 6761 section 6.3).
    private func needsDNS(_ host: Host) -> DomainName? {
        guard let name = host.name, hosts.lookup(name).isEmpty, name.labels.last?.lowercasedASCII() != "localhost"
        else { return nil }
        return name
    }

    private func asked(_ check: Check) -> Check {
        var check = check
        check.isAsked = true
        check.expectation = expectation
        return check
    }

    /// Of addresses nothing lies below, since they tell of each other whether a host is up; a name is looked up first.
    private func members(of range: TargetRange, _ kind: String) -> [Check] {
        guard let first = range.targets(upTo: 1).first else { return [] }
        var needs: [String] = []
        var below: [Check] = []
        if case .host(let host) = range.hosts {
            below = self.below(host, port: nil) + pingLayer(host)
            needs = needsDNS(host).map { ["name \($0)"] } ?? []
        }
        return below + asked(layer(kind, kind, first, needs: needs)).members(of: range, upTo: mostTargets)
    }

    // MARK: One layer each

    private func name(_ name: DomainName, reached: UInt16?) -> Check {
        var check = layer("name \(name)", "dns", .name(name), needs: [])
        if let reached, isLayered { check.parameters.values["reach"] = .number(Int(reached)) }
        return check
    }

    private func ping(_ host: Host) -> Check {
        var check = layer("ping \(host)", "icmp", .host(host), needs: needsDNS(host).map { ["name \($0)"] } ?? [])
        check.samples = 3
        check.interval = .milliseconds(5)
        check.timeout = .seconds(2)
        apply(&check)
        return check
    }

    private func tcp(_ pair: HostPort) -> Check {
        layer("tcp \(pair)", "tcp", .hostPort(pair), needs: needsDNS(pair.host).map { ["name \($0)"] } ?? [])
    }

    private func udp(_ pair: HostPort) -> Check {
        layer("udp \(pair)", "udp", .hostPort(pair), needs: needsDNS(pair.host).map { ["name \($0)"] } ?? [])
    }

    private func tls(_ pair: HostPort) -> Check {
        layer("tls \(pair)", "tls", .hostPort(pair), needs: isLayered ? ["tcp \(pair)"] : [])
    }

    private func http(_ url: HTTPURL) -> Check {
        layer(
            url.description, "http", .url(url),
            needs: isLayered ? ["tcp \(HostPort(host: url.host, port: url.port))"] : [])
    }

    private func dns(_ question: CheckTarget.DNSQuestion) -> Check {
        var parameters: [String: ParameterValue] = ["servers": .list([question.server.description])]
        if let type = question.type { parameters["type"] = .list([type]) }
        let type = question.type.map { " \($0)" } ?? ""
        var check = layer("dns \(question.name)\(type) at \(question.server)", "dns", .name(question.name), needs: [])
        check.parameters = Parameters(parameters)
        return asked(check)
    }

    private func layer(_ name: String, _ kind: String, _ target: Target, needs: [String]) -> Check {
        var check = Check(name: name, kind: kind, target: target, needs: needs, isAsked: false)
        apply(&check)
        return check
    }
}
