import Manifests
import NetValues

/// The answer to "may this talk to that?".
package struct FlowAnswer: Sendable {
    /// One flow that was decided: to a pod or address, at a port.
    package struct Flow: Sendable {
        package let from: Party
        package let to: Party
        package let transport: PortTransport
        package let port: UInt16
        package let verdict: PolicyVerdict

        package init(from: Party, to: Party, transport: PortTransport, port: UInt16, verdict: PolicyVerdict) {
            self.from = from
            self.to = to
            self.transport = transport
            self.port = port
            self.verdict = verdict
        }
    }

    /// "shop/web[Deployment]", "10.0.0.0/8", "shop/service/db"
    package let from: String
    package let to: String
    /// As asked; nil where no port was.
    package let port: FlowPort?
    package let isAllowed: Bool
    /// One for each endpoint; the denied ones first.
    package let flows: [Flow]
    /// Of a question without a port: all that may pass.
    package let ports: AllowedPorts?
    /// What else one has to know: how a name was understood, and on what the answer rests.
    package let notes: [String]
    /// Policies to add so that all of it may pass: whole objects, valid as they stand.
    package let patches: [String]

    /// What decided; denied: of the flows that are denied.
    package var decidedBy: [PolicyDecision] {
        flows.filter { $0.verdict.isAllowed == isAllowed }.flatMap(\.verdict.decidedBy).unique()
    }
}

/// A question about one flow.
package struct FlowQuestion: Sendable {
    package typealias Unknown = FlowEnd.Unknown

    private let evaluation: PolicyEvaluation
    private let from: Party
    private let to: FlowEnd
    private let fromName: String
    private let port: FlowPort?
    private var notes: [String] = []

    package init(_ evaluation: PolicyEvaluation, from: String, to: String, port: FlowPort?) throws(Unknown) {
        guard case .party(let source) = try FlowEnd(from, in: evaluation) else {
            throw Unknown(
                message:
                    "--from \(from.escaped(limit: 120)): a Service sends nothing by itself; name what runs its pods")
        }
        self.evaluation = evaluation
        self.from = source
        self.to = try FlowEnd(to, in: evaluation)
        self.port = port
        fromName = evaluation.title(of: source)
        note(from, source)
        if case .party(let target) = self.to { note(to, target) }
    }

    /// How a name or address was understood, where that is not plain.
    private mutating func note(_ text: String, _ party: Party) {
        guard case .workload(let index) = party else { return }
        let title = evaluation.state.workloads[index].title
        let name = title.prefix { $0 != "[" }
        if text != title, text != name { notes.append("\(text.escaped(limit: 120)) is \(title)") }
    }

    package func answer() throws(Unknown) -> FlowAnswer {
        switch to {
        case .service(let service): try answer(service)
        case .party(let target): try answer(target)
        }
    }

    private func answer(_ target: Party) throws(Unknown) -> FlowAnswer {
        guard let port else {
            let ports = evaluation.ports(from: from, to: target)
            let tried = representative(ports, target)
            return finished(to: evaluation.title(of: target), [flow(target, tried.transport, tried.port)], ports: ports)
        }
        switch port.number {
        case .number(let number):
            return finished(to: evaluation.title(of: target), [flow(target, port.transport, number)])
        case .named(let name):
            guard case .workload(let index) = target else {
                throw Unknown(message: "--port \(port.words): only a pod has names for its ports; give a number")
            }
            let template = evaluation.state.workloads[index].template
            guard let number = template.port(named: name, port.transport) else {
                let known = template.ports.compactMap { port in port.name.map { "\(port.transport.rawValue)/\($0)" } }
                throw Unknown(
                    message: "no container of \(evaluation.title(of: target)) calls a port \(port.words)"
                        + (known.isEmpty
                            ? "; none has a name" : "; there are \(known.unique().joined(separator: ", "))"))
            }
            return finished(to: evaluation.title(of: target), [flow(target, port.transport, number)])
        }
    }

    private func answer(_ service: DeclaredService) throws(Unknown) -> FlowAnswer {
        let title = "\(service.namespace)/service/\(service.name)"
        if service.kind == .externalName {
            throw Unknown(message: "\(title) stands for a name outside (ExternalName): ask with that host's address")
        }
        let chosen = service.ports.filter { isAsked($0) }
        guard !chosen.isEmpty else {
            let known = service.ports.map { "\($0.transport.rawValue)/\($0.number)" }.joined(separator: ", ")
            throw Unknown(
                message: "\(title) has no port \(port?.words ?? "at all")\(known.isEmpty ? "" : "; it has \(known)")")
        }
        var notes: [String] = []
        var flows: [FlowAnswer.Flow] = []
        var passing: [String] = []
        for servicePort in chosen {
            let resolved = resolve(servicePort, of: service, titled: title)
            notes += resolved.notes
            flows += resolved.flows
            let passes = !resolved.flows.isEmpty && resolved.flows.allSatisfy(\.verdict.isAllowed)
            if passes { passing.append("\(servicePort.transport.rawValue)/\(servicePort.number)") }
        }
        // Without a port the question is whether anything may pass, as it is of a pod.
        if port == nil, chosen.count > 1, passing.count < chosen.count, !passing.isEmpty {
            notes.append(
                "of \(chosen.count) ports only \(passing.joined(separator: ", ")) may be used: ask with --port")
        }
        return finished(to: title, flows, isAllowed: port == nil ? !passing.isEmpty : nil, notes: notes)
    }

    /// The pods behind a port, each as a flow of its own.
    private func resolve(
        _ servicePort: DeclaredService.Port, of service: DeclaredService, titled title: String
    ) -> (flows: [FlowAnswer.Flow], notes: [String]) {
        var notes: [String] = []
        var flows: [FlowAnswer.Flow] = []
        let endpoints = evaluation.targets(of: service, at: servicePort)
        for endpoint in endpoints {
            guard let number = endpoint.port else {
                notes.append("\(evaluation.title(of: endpoint.party)) has no port that is called as \(title) wants it")
                continue
            }
            flows.append(flow(endpoint.party, endpoint.transport, number))
        }
        let places = flows.prefix(4).map { "\(evaluation.title(of: $0.to)) \($0.transport.rawValue)/\($0.port)" }
        let more = flows.count > 4 ? " and \(flows.count - 4) more" : ""
        let asked = "\(title) \(servicePort.transport.rawValue)/\(servicePort.number)"
        notes.append(
            places.isEmpty
                ? "\(title) has no endpoints in these manifests: nothing answers there"
                : "\(asked) is \(places.joined(separator: ", "))\(more): policies see these, not the Service")
        if service.isHeadless, case .number(let target) = servicePort.target, target != servicePort.number {
            notes.append(
                "\(title) is headless: clients get the pods' addresses, and nothing leads port \(servicePort.number) to \(target)"
            )
        }
        return (flows, notes)
    }

    private func isAsked(_ candidate: DeclaredService.Port) -> Bool {
        guard let port else { return true }
        guard candidate.transport == port.transport else { return false }
        switch port.number {
        case .number(let number): return candidate.number == number
        case .named(let name): return candidate.name == name
        }
    }

    private func flow(_ target: Party, _ transport: PortTransport, _ port: UInt16) -> FlowAnswer.Flow {
        FlowAnswer.Flow(
            from: from, to: target, transport: transport, port: port,
            verdict: evaluation.verdict(from: from, to: target, transport: transport, port: port))
    }

    /// A port that shows who decides: one that passes, else one that the source may send to.
    private func representative(_ ports: AllowedPorts, _ target: Party) -> (transport: PortTransport, port: UInt16) {
        let candidates = ports.isEmpty ? evaluation.ports(leaving: from, to: target) : ports
        return candidates.ranges.first.map { ($0.transport, $0.ports.lowerBound) } ?? (.tcp, 1)
    }

    /// - Parameter isAllowed: nil where all of the flows must be.
    private func finished(
        to title: String, _ flows: [FlowAnswer.Flow], isAllowed: Bool? = nil, ports: AllowedPorts? = nil,
        notes: [String] = []
    ) -> FlowAnswer {
        let isAllowed = isAllowed ?? (!flows.isEmpty && flows.allSatisfy(\.verdict.isAllowed))
        let denied = flows.filter { !$0.verdict.isAllowed }
        return FlowAnswer(
            from: fromName, to: title, port: port, isAllowed: isAllowed,
            flows: denied + flows.filter(\.verdict.isAllowed), ports: ports,
            notes: self.notes + notes + AnswerNotes(evaluation, flows).all,
            patches: ports == nil ? MissingRules(evaluation).patches(for: denied) : [])
    }
}

extension PolicyEvaluation {
    package func title(of party: Party) -> String {
        switch party {
        case .workload(let index): state.workloads[index].title
        case .range(let range): range.isSingle ? range.address.description : range.description
        case .external: "external"
        }
    }

    /// What the source alone would let pass.
    func ports(leaving from: Party, to: Party) -> AllowedPorts {
        var allowed = AllowedPorts.all
        for source in elements(of: from) {
            for target in elements(of: to) { allowed = allowed.intersection(ports(.egress, source, target)) }
        }
        return allowed
    }
}
