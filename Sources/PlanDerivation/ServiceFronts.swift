import Connectivity
import Manifests
import NetValues
import YAML

/// Addresses by which a Service is reached beside its own: those of its load balancer, external ones, and ports of nodes.
extension PlanDerivation {
    /// Of many nodes a few tell enough.
    private static let mostNodes = 3

    /// Of a port that the vantage may reach by the Service itself.
    mutating func deriveFronts(_ port: DeclaredService.Port, of access: ServiceAccess) {
        let service = access.service
        let fronts = service.fronts
        if service.kind == .loadBalancer, fronts.isEmpty {
            note("\(because(service.object, "load balancer", line: port.line)): its status holds no address")
        }
        for front in fronts { derive(front, port, of: access) }
        if service.kind == .nodePort { deriveNodePort(port, of: access) }
    }

    private mutating func derive(_ front: ServiceFront, _ port: DeclaredService.Port, of access: ServiceAccess) {
        let service = access.service
        let reason = because(service.object, "\(front.what) \(front.host), port \(port.number)", line: front.line)
        if service.object.spec?["loadBalancerSourceRanges"] != nil, front.isBalancer {
            return note("\(reason): it is open to loadBalancerSourceRanges only")
        }
        guard isOpen(front.address, port.transport, port.number) else {
            return note("\(reason): policies isolate the vantage for egress; whether it may be reached is not known")
        }
        var needs: [String?] = []
        if front.address == nil {
            guard !names.isDenied else { return note("\(reason): names cannot be resolved from here") }
            needs = [addForeignName(front.host, because: reason)]
        }
        let aim = Aim(
            name: "\(access.title) at \(hostPort(front.host, port.number))", host: front.host, port: port.number,
            needs: needs, labels: labels(to: service.namespace), reason: reason)
        _ = derive(aim, port, isAllowed: true, nil)
    }

    private mutating func deriveNodePort(_ port: DeclaredService.Port, of access: ServiceAccess) {
        let shown = port.nodePort.map { "node port \($0)" } ?? "node port"
        let reason = because(access.service.object, shown, line: port.line)
        guard let number = port.nodePort else { return note("\(reason): its number is not declared") }
        let nodes = state.nodeAddresses
        guard !nodes.isEmpty else { return note("\(reason): no Node was read") }
        guard access.service.object.spec?["externalTrafficPolicy"]?.text != "Local" else {
            return note(
                "\(reason): externalTrafficPolicy Local answers on nodes that run one of its pods only")
        }
        for node in nodes.prefix(Self.mostNodes) {
            guard isOpen(node.address, port.transport, number) else {
                note(
                    "\(reason): policies isolate the vantage for egress; whether it may be reached is not known"
                )
                return
            }
            let aim = Aim(
                name: "\(access.title) at node \(node.name), \(number)", host: node.address.description, port: number,
                needs: [], labels: labels(to: access.service.namespace), reason: "\(reason)")
            _ = derive(aim, port, isAllowed: true, nil)
        }
        if nodes.count > Self.mostNodes {
            note("\(reason): at \(nodes.count - Self.mostNodes) further nodes")
        }
    }

    /// Whether policies let everything of that kind out, or the address by a rule: what it is translated to is another matter.
    private func isOpen(_ address: IPAddress?, _ transport: PortTransport, _ port: UInt16) -> Bool {
        guard isEgressIsolated else { return true }
        guard let address else { return frontIsOpen(port) }
        return evaluation.verdict(
            from: .workload(vantage), to: evaluation.party(at: address), transport: transport, port: port
        ).isAllowed
    }
}

/// One address or name that leads to a Service from outside.
struct ServiceFront {
    let host: String
    /// Nil for a name.
    let address: IPAddress?
    let what: String
    let isBalancer: Bool
    let line: Int
}

extension DeclaredService {
    fileprivate var fronts: [ServiceFront] {
        let balancer = kind == .loadBalancer ? object["status", "loadBalancer", "ingress"]?.items ?? [] : []
        let given = balancer.compactMap { item in
            (item["ip"] ?? item["hostname"]).flatMap { ServiceFront($0, "load balancer", isBalancer: true) }
        }
        let external = (object.spec?["externalIPs"]?.items ?? []).compactMap {
            ServiceFront($0, "external address", isBalancer: false)
        }
        return given + external.filter { $0.address != nil }
    }
}

extension ServiceFront {
    fileprivate init?(_ node: YAMLNode, _ what: String, isBalancer: Bool) {
        guard let text = node.text, !text.isEmpty else { return nil }
        host = text
        address = IPAddress(text)
        self.what = what
        self.isBalancer = isBalancer
        line = Int(node.mark.line)
    }
}

extension DeclaredState {
    /// The internal address of each Node, the first of several.
    fileprivate var nodeAddresses: [(name: String, address: IPAddress)] {
        objects("Node", "").sorted { $0.name < $1.name }.compactMap { node in
            let addresses = (node["status", "addresses"]?.items ?? []).filter { $0["type"]?.text == "InternalIP" }
            return addresses.lazy.compactMap { $0["address"]?.text }.compactMap { IPAddress($0) }.first.map {
                (node.name, $0)
            }
        }
    }
}
