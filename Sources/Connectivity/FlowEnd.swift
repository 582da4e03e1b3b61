import Manifests
import NetValues
import YAML

/// What a user named as one end of a flow.
package enum FlowEnd: Sendable {
    case party(Party)
    case service(DeclaredService)

    /// A name that means nothing here, with what was likely meant.
    package struct Unknown: Error, Sendable, Hashable {
        package let message: String

        package init(message: String) {
            self.message = message
        }
    }

    /// From `NAMESPACE/NAME` (a pod, or what runs it; `[KIND]` behind it where there are several), `NAMESPACE/service/NAME`, an
    /// address, a CIDR range or `external` (DESIGN section 10).
    package init(_ text: String, in evaluation: PolicyEvaluation) throws(Unknown) {
        let shown = text.escaped(limit: 120)
        if text == "external" {
            self = .party(.external)
        } else if let address = IPAddress(text) {
            self = Self.end(at: address, evaluation)
        } else if let range = AddressRange(text) {
            self = .party(.range(range))
        } else if let slash = text.lastIndex(of: "/"), let address = IPAddress(String(text[..<slash])) {
            let length = Int(text[text.index(after: slash)...]) ?? -1
            guard (0...address.bytes.count * 8).contains(length) else {
                throw Unknown(message: "`\(shown)` is no range of addresses")
            }
            let meant = AddressRange(around: address, length: length)
            throw Unknown(message: "`\(shown)` has bits behind its prefix: \(meant) is meant, or \(address)?")
        } else {
            self = try Self.named(text, shown, evaluation)
        }
    }

    private static func end(at address: IPAddress, _ evaluation: PolicyEvaluation) -> FlowEnd {
        evaluation.service(at: address).map { .service($0) } ?? .party(evaluation.party(at: address))
    }

    private static func named(_ text: String, _ shown: String, _ evaluation: PolicyEvaluation) throws(Unknown)
        -> FlowEnd
    {
        let state = evaluation.state
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 3, ["service", "svc"].contains(parts[1]) {
            if let service = state.service(parts[0], parts[2]) { return .service(service) }
            throw Unknown(message: "no Service \(shown)" + hint(text, services(state)))
        }
        guard parts.count == 2 else {
            let likely = nearest(text, state.workloads.map(\.name)).map { name in
                state.workloads.filter { $0.name == name }.map { "\($0.namespace)/\($0.name)" }.unique()
            }
            let hint = likely.map { ": did you mean \($0.joined(separator: " or "))?" } ?? ""
            throw Unknown(
                message:
                    "`\(shown)` is no NAMESPACE/NAME, NAMESPACE/service/NAME, address, CIDR range or `external`\(hint)")
        }
        let found = workloads(parts[0], parts[1], state)
        if found.count == 1 { return .party(.workload(found[0])) }
        if found.count > 1 {
            let titles = found.map { state.workloads[$0].title }.joined(separator: ", ")
            throw Unknown(message: "\(shown) is several: \(titles); give one of them with its kind")
        }
        if state.service(parts[0], parts[1]) != nil {
            throw Unknown(message: "\(shown) is a Service: did you mean \(parts[0])/service/\(parts[1])?")
        }
        throw Unknown(
            message: "no pod or workload \(shown)" + hint(text, state.workloads.map { "\($0.namespace)/\($0.name)" }))
    }

    /// The ones of that name; a pod with an owner goes by its topmost owner.
    private static func workloads(_ namespace: String, _ name: String, _ state: DeclaredState) -> [Int] {
        func places(_ isMeant: (Workload) -> Bool) -> [Int] {
            state.workloads.indices.filter {
                state.workloads[$0].namespace == namespace && isMeant(state.workloads[$0])
            }
        }
        let own = places { $0.name == name || "\($0.name)[\($0.kind)]" == name }
        // The same object read twice is one: the last holds, as with `kubectl apply`.
        let byKind = Dictionary(own.map { (state.workloads[$0].kind, $0) }, uniquingKeysWith: { $1 })
        if !byKind.isEmpty { return byKind.values.sorted() }
        var owned = state.set.objects.compactMap(Workload.init).first {
            $0.namespace == namespace && $0.name == name && $0.owner != nil
        }
        for _ in 0..<5 {
            guard let owner = owned?.owner else { break }
            let found = places { $0.name == owner.name && $0.kind == owner.kind }
            if !found.isEmpty { return [found[found.count - 1]] }
            owned = state.object(owner.kind, namespace, owner.name).flatMap(Workload.init)
        }
        return []
    }

    private static func services(_ state: DeclaredState) -> [String] {
        state.services.map { "\($0.namespace)/service/\($0.name)" }
    }

    private static func hint(_ text: String, _ known: [String]) -> String {
        if known.isEmpty { return ": the manifests have none" }
        if let near = nearest(text, known) { return ", did you mean \(near)?" }
        let name = text.split(separator: "/").last.map(String.init) ?? text
        let elsewhere = known.filter { $0.hasSuffix("/\(name)") }.unique()
        if !elsewhere.isEmpty { return ", did you mean \(elsewhere.prefix(3).joined(separator: " or "))?" }
        let some = known.unique().sorted()
        return "; there are \(some.prefix(6).joined(separator: ", "))\(some.count > 6 ? ", …" : "")"
    }

    private static func nearest(_ text: String, _ known: [String]) -> String? { nearestWord(to: text, among: known) }
}

/// The port that a user asks for: "TCP/80", "UDP/dns", "80".
package struct FlowPort: Sendable, Hashable {
    package enum Number: Sendable, Hashable {
        case number(UInt16)
        case named(String)
    }

    package let transport: PortTransport
    package let number: Number

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last, !last.isEmpty, parts.count <= 2,
            let transport = parts.count == 1 ? .tcp : PortTransport(rawValue: parts[0].uppercased())
        else { return nil }
        self.transport = transport
        if last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let number = UInt16(last), number > 0 else { return nil }
            self.number = .number(number)
        } else {
            number = .named(last)
        }
    }

    /// "TCP/80"
    package var words: String {
        switch number {
        case .number(let number): "\(transport.rawValue)/\(number)"
        case .named(let name): "\(transport.rawValue)/\(name.escaped(limit: 63))"
        }
    }
}
