import NetValues
import Observations
import Planning

extension DoctorPlan {
    private var samples: [InternetSample] {
        if options.withoutInternet { return [] }
        return options.internet.isEmpty ? InternetTargets.usual : options.internet
    }

    /// Directly. One that fails is worth no more than a note: what they say together is judged.
    var internet: [Check] {
        samples.compactMap { sample in
            switch sample.place {
            case .address(let endpoint):
                guard admits(endpoint.address.family), hasWay(endpoint.address.family) else { return nil }
                let target = Target.hostPort(HostPort(host: .address(endpoint.address), port: endpoint.port))
                return outbound(check("internet \(endpoint)", "tcp", target, .internet), sample)
            case .url(let url):
                let answer = sample.answer.map { ["body": $0] } ?? [:]
                return outbound(
                    check("internet \(url)", "http", .url(url), .internet, expecting: answer, Self.page), sample)
            }
        }
    }

    private static let page: [String: ParameterValue] = ["follow": .flag(false), "maxBody": .number(4096)]

    /// A host that has IPv4 only is no worse for it. Of IPv4 everybody wants to know.
    private func hasWay(_ family: IPAddress.Family) -> Bool {
        family == .v4 || !options.internet.isEmpty
            || state.routes.contains { $0.isDefault && $0.family == .v6 && $0.kind == .unicast }
    }

    private func outbound(_ check: Check, _ sample: InternetSample) -> Check {
        var check = check
        check.severity = .info
        check.labels[Check.outboundLabel] = OutboundClass.internet.rawValue
        check.labels[Check.operatorLabel] = sample.operatorName
        return check
    }

    /// The proxy itself, and through it one target of each scheme.
    var proxy: [Check] {
        let proxies = surroundings.proxies
        let places = [proxies.https, proxies.http].compactMap(\.self)
        let reach = places.map { check("proxy \($0.place)", "tcp", .hostPort($0.place), .proxy) }
        let secure = samples.first(where: \.isOverTLS).flatMap { through(proxies.https, $0) }
        let plain = samples.first { $0.isURL && !$0.isOverTLS }.flatMap { through(proxies.http, $0) }
        return reach + [secure, plain].compactMap(\.self)
    }

    private func through(_ proxy: ProxySettings.Proxy?, _ sample: InternetSample) -> Check? {
        guard let proxy, case .url(let url) = sample.place else { return nil }
        var parameters = Self.page
        parameters["proxy"] = .text("http://\(proxy.place)")
        parameters["proxyBasic"] = proxy.credentials.map { .text($0.contains(":") ? $0 : "\($0):") }
        var check = outbound(
            check("internet \(url) through the proxy", "http", .url(url), .proxied, parameters), sample)
        // A proxy that is set and does not work is no note.
        check.severity = .warning
        check.needs = ["proxy \(proxy.place)"]
        return check
    }

    // MARK: On request

    var egress: [Check] {
        guard options.egressPorts else { return [] }
        let places = options.egressTarget.isEmpty ? InternetTargets.undeclared : options.egressTarget.map(\.place)
        let usual = HostPort(host: .address(InternetTargets.nowhere.address), port: InternetTargets.nowhere.port)
        let nowhere = options.egressControl?.place ?? (options.egressTarget.isEmpty ? usual : nil)
        let control = nowhere.map { place in
            marked(check("nowhere \(place)", "tcp", .hostPort(place), .egress, expect: .any), .nowhere)
        }
        return places.map(undeclared) + [control].compactMap(\.self)
    }

    /// A server that speaks first is listened to; of the others those known for TLS are greeted.
    private func undeclared(_ place: HostPort) -> Check {
        let isTLS = [443, 465, 636, 853, 990, 992, 993, 995, 5061, 6697, 8443].contains(place.port)
        return marked(
            isTLS
                ? check("undeclared \(place)", "tls", .hostPort(place), .egress, expect: .any)
                : check(
                    "undeclared \(place)", "tcp", .hostPort(place), .egress, expect: .any,
                    expecting: ["banner": .text("[\\s\\S]")]), .undeclared)
    }

    private func marked(_ check: Check, _ outbound: OutboundClass) -> Check {
        var check = check
        check.labels[Check.outboundLabel] = outbound.rawValue
        return check
    }

    var publicAddress: [Check] {
        guard let page = options.publicAddress else { return [] }
        return [check("public address", "http", .url(page.url), .publicAddress, ["maxBody": .number(256)])]
    }
}
