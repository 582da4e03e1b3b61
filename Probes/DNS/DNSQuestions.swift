import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What a check asks, of whom, and how: its parameters, read once.
struct DNSQuestions: Sendable {
    let name: DomainName
    let types: [DNSType]
    /// Empty: those of resolv.conf.
    let servers: [Endpoint]
    let form: DNSQueryForm
    let usesSearchList: Bool
    /// Whether a missing name is looked for under the search list that was not asked: not where the plan wants it missing.
    let seeksOtherForms: Bool
    let asksRandomNames: Bool
    let asksReverse: Bool
    /// Where addresses on which the servers do not agree are connected to.
    let reachedPort: UInt16?
    let family: FamilyChoice

    init(_ check: Check) throws(PlanProblem) {
        let parameters = check.parameters
        let address = Self.address(check.target)
        types = try Self.types(check, isAddress: address != nil)
        name = try Self.name(check, address, types)
        servers = try Self.servers(parameters)
        form = Self.form(parameters)
        seeksOtherForms = address == nil && check.expectation.parameters.text("rcode") == nil
        asksRandomNames = parameters.flag("randomNames") ?? false
        asksReverse = parameters.flag("reverse") ?? false
        reachedPort = parameters.number("reach").flatMap { UInt16(exactly: $0) }
        family = check.family
        usesSearchList = parameters.flag("search") ?? (servers.isEmpty && address == nil)
    }

    private static func address(_ target: Target) -> IPAddress? {
        switch target {
        case .name(let name) where !name.isAbsolute: IPAddress(name.description)
        default: target.host?.address
        }
    }

    private static func types(_ check: Check, isAddress: Bool) throws(PlanProblem) -> [DNSType] {
        guard let words = check.parameters.list("type") else {
            if isAddress { return [.ptr] }
            return [(DNSType.a, IPAddress.Family.v4), (.aaaa, .v6)].filter { check.family.admits($0.1) }.map(\.0)
        }
        var types: [DNSType] = []
        for word in words {
            guard let type = DNSType(word) else {
                throw problem(check.parameters, "type", "\(word.escaped(limit: 40)) is no record type")
            }
            if !types.contains(type) { types.append(type) }
        }
        guard !types.isEmpty else { throw problem(check.parameters, "type", "expected at least one record type") }
        return types
    }

    private static func name(_ check: Check, _ address: IPAddress?, _ types: [DNSType]) throws(PlanProblem)
        -> DomainName
    {
        if let address {
            guard types == [.ptr], let name = address.reverseName else {
                throw problem(check.parameters, "type", "an address can only be asked for its name: type PTR")
            }
            return name
        }
        guard case .name(let name) = check.target else {
            guard let name = check.target.host?.name else { throw PlanProblem("expected a domain name") }
            return name
        }
        return name
    }

    private static func servers(_ parameters: Parameters) throws(PlanProblem) -> [Endpoint] {
        var servers: [Endpoint] = []
        for text in parameters.list("servers") ?? [] {
            guard let server = Endpoint(text, defaultPort: 53) else {
                throw problem(parameters, "servers", "\(text.escaped(limit: 60)) is no ADDRESS or ADDRESS:PORT")
            }
            if !servers.contains(server) { servers.append(server) }
        }
        return servers
    }

    private static func form(_ parameters: Parameters) -> DNSQueryForm {
        var form = DNSQueryForm()
        if parameters.text("transport") == "tcp" { form.transport = .tcp }
        if let size = parameters.number("edns") { form.payloadSize = size == 0 ? nil : UInt16(clamping: size) }
        form.recursion = parameters.flag("recursion") ?? true
        form.dnssec = parameters.flag("dnssec") ?? false
        form.checkingDisabled = parameters.flag("checkingDisabled") ?? false
        return form
    }

    private static func problem(_ parameters: Parameters, _ key: String, _ message: String) -> PlanProblem {
        PlanProblem(message, at: parameters.places[key])
    }

    /// Something may be asked beside, whatever the answers are.
    var mayAskFurther: Bool { asksRandomNames || asksReverse || types.contains(.srv) }

    func otherForms(_ configuration: ResolverConfiguration) -> [DomainName] {
        seeksOtherForms ? SearchList.otherForms(of: name, than: candidates(configuration), configuration) : []
    }

    /// The names to ask for in turn.
    func candidates(_ configuration: ResolverConfiguration) -> [DomainName] {
        usesSearchList ? SearchList.candidates(for: name, configuration) : [name.absolute]
    }
}
