import Connectivity
import Manifests
import NetValues
import YAML

/// Routes that carry streams: TCPRoutes and UDPRoutes at the addresses of their Gateways, `tcp` and `tls` of VirtualServices.
extension PlanDerivation {
    /// A route without hosts is reached by the address that its Gateway was given.
    mutating func derive(stream route: DeclaredRoute, at gateway: DeclaredGateway, _ parent: DeclaredRoute.Parent) {
        let reason = because(route.object)
        let transport: PortTransport = route.object.kind == "UDPRoute" ? .udp : .tcp
        let listeners = gateway.listeners.filter { listener in
            listener.transport == transport.rawValue && (parent.section.map { $0 == listener.name } ?? true)
                && (parent.port.map { $0 == listener.port } ?? true)
        }
        guard !listeners.isEmpty else {
            return note("\(reason): no listener of \(gateway.object.title.escaped(limit: 320)) is for it")
        }
        let addresses = (gateway.object["status", "addresses"] ?? gateway.object.spec?["addresses"])?.items ?? []
        let hosts = addresses.compactMap { $0["value"]?.text }
        guard !hosts.isEmpty else {
            return note("\(reason): neither status nor spec of its Gateway holds an address")
        }
        for listener in listeners {
            for host in hosts { derive(stream: host, listener.port, transport, of: route.object, reason) }
        }
    }

    private mutating func derive(
        stream host: String, _ port: UInt16, _ transport: PortTransport, of object: ManifestObject, _ reason: String
    ) {
        guard frontIsOpen(port) else {
            return note("\(reason): policies isolate the vantage for egress; whether it may be reached is not known")
        }
        let needs = IPAddress(host) == nil ? [addForeignName(host, because: reason)] : []
        let aim = Aim(
            name: "\(object.namespace)/\(object.name) at \(hostPort(host, port))", host: host, port: port, needs: needs,
            labels: [], reason: reason)
        if transport == .udp {
            _ = deriveDatagram(aim, words: [], isAllowed: true, nil)
        } else {
            _ = deriveStream(aim, isAllowed: true, nil)
        }
    }

    // MARK: Istio

    /// `tls` and `tcp` of a VirtualService. Services of the mesh itself are checked as Services.
    mutating func deriveStreams(mesh object: ManifestObject) {
        for layer in ["tls", "tcp"] {
            for route in object.spec?[layer]?.items ?? [] { derive(mesh: route, layer, object) }
        }
    }

    private mutating func derive(mesh route: YAMLNode, _ layer: String, _ object: ManifestObject) {
        let gateways = object.spec?["gateways"]?.texts ?? ["mesh"]
        let matches = route["match"]?.items ?? []
        for match in matches.isEmpty ? [route] : matches {
            let line = Int(match.mark.line)
            for gateway in match["gateways"]?.texts ?? gateways {
                guard gateway != "mesh" else {
                    note(
                        "\(because(object, "\(layer) route", line: line)): of the mesh; the ports of its Service are checked"
                    )
                    continue
                }
                let hosts = (layer == "tls" ? match["sniHosts"]?.texts : nil) ?? object.spec?["hosts"]?.texts ?? []
                for host in hosts { derive(mesh: host, match, layer, gateway, object) }
            }
        }
    }

    private mutating func derive(
        mesh written: String, _ match: YAMLNode, _ layer: String, _ gateway: String, _ object: ManifestObject
    ) {
        let reason = because(object, "\(layer) route, host \(written)", line: Int(match.mark.line))
        guard let host = single(written, because: reason) else { return }
        guard let found = meshGateway(gateway, of: object) else {
            return note("\(reason): its Gateway \(gateway.escaped(limit: 253)) is in no manifest")
        }
        let wanted = match["port"]?.int
        let ports = Self.streamPorts(of: found, layer, host).filter { port in wanted.map { $0 == Int(port) } ?? true }
        guard !ports.isEmpty else {
            return note(
                "\(reason): no server of its Gateway \(layer == "tls" ? "passes TLS through" : "is for TCP") at that host"
            )
        }
        for port in ports {
            guard frontIsOpen(port) else {
                note(
                    "\(reason): the address of its gateway is in no manifest, and policies isolate the vantage for egress"
                )
                continue
            }
            let name = addForeignName(host, because: reason)
            if layer == "tls" {
                deriveCertificate(host, port, needs: name, because: reason)
            } else {
                add("tcp \(hostPort(host, port))", "tcp", hostPort(host, port), needs: [name], because: reason)
            }
        }
    }

    private func meshGateway(_ name: String, of object: ManifestObject) -> MeshGateway? {
        let parts = name.split(separator: "/").map(String.init)
        return state.mesh.gateway(
            parts.count == 2
                ? DeclaredState.Name(parts[0], parts[1]) : DeclaredState.Name(object.namespace, name))
    }

    private static func streamPorts(of gateway: MeshGateway, _ layer: String, _ host: String) -> [UInt16] {
        let servers = gateway.servers.filter { server in
            let isOfLayer =
                layer == "tls"
                ? server.tlsMode == "PASSTHROUGH" || server.tlsMode == "AUTO_PASSTHROUGH"
                : server.transport == "TCP" || server.transport == "TLS" && server.tlsMode != "PASSTHROUGH"
            return isOfLayer
                && server.hosts.contains { MeshHost.matches(host, String($0.split(separator: "/").last ?? "")) }
        }
        return servers.compactMap { $0.port.flatMap(UInt16.init(exactly:)) }.filter { $0 > 0 }.unique()
    }
}
