import Connectivity
import Manifests
import NetValues
import YAML

/// Routes of Istio's VirtualServices, each by a request that it takes.
extension PlanDerivation {
    private static let group = "networking.istio.io"

    /// Where a host of the mesh is asked.
    private struct Door {
        let host: String
        let port: UInt16
        var isTLS = false
        var needs: String?
        var labels: [PlanKey] = []
        /// What had to be supposed.
        var remark: String?

        var origin: String {
            let isUsual = port == (isTLS ? 443 : 80)
            return "\(isTLS ? "https" : "http")://\(host)\(isUsual ? "" : ":\(port)")"
        }
    }

    mutating func deriveMeshRoutes() {
        let objects = state.objects("VirtualService", Self.group)
        for object in objects.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) { derive(mesh: object) }
    }

    private mutating func derive(mesh object: ManifestObject) {
        guard !names.isDenied else { return note("\(because(object)): its hosts cannot be resolved from here") }
        deriveStreams(mesh: object)
        guard object.spec?["http"] != nil else { return }
        let gateways = object.spec?["gateways"]?.texts ?? ["mesh"]
        for host in object.spec?["hosts"]?.texts ?? [] {
            guard let host = single(host, because: because(object)) else { continue }
            for gateway in gateways {
                guard let door = gateway == "mesh" ? meshDoor(host, object) : gatewayDoor(host, gateway, object) else {
                    continue
                }
                for route in object.spec?["http"]?.items ?? [] { derive(route, of: object, by: door, gateway) }
            }
        }
    }

    private mutating func meshDoor(_ host: String, _ object: ManifestObject) -> Door? {
        let labels = host.split(separator: ".").map(String.init)
        let found: DeclaredService? =
            switch labels.count {
            case 1: state.service(object.namespace, labels[0])
            case 2: state.service(labels[1], labels[0])
            default: labels.count > 2 && labels[2] == "svc" ? state.service(labels[1], labels[0]) : nil
            }
        guard let service = found, names.isOfCluster else {
            note(
                "\(because(object)): the Service \(host.escaped(limit: 253)) is in no manifest, or its name is not resolved from here"
            )
            return nil
        }
        let ports = service.ports.filter { $0.transport == .tcp }
        let isHTTP = { (port: DeclaredService.Port) in
            (port.name ?? "") == "http" || (port.name ?? "").hasPrefix("http-") || port.appProtocol == "http"
        }
        guard let port = ports.first(where: isHTTP) ?? (ports.count == 1 ? ports[0] : nil) else {
            note("\(because(object)): no port of Service \(service.namespace)/\(service.name) is http by its name")
            return nil
        }
        let title = "\(service.namespace)/\(service.name)"
        guard hasCheck("tcp \(title):\(port.number)") else {
            note("\(because(object)): the port of Service \(title) is not checked as open")
            return nil
        }
        return Door(
            host: fullName(service), port: port.number, needs: "tcp \(title):\(port.number)",
            labels: self.labels(to: service.namespace))
    }

    private mutating func gatewayDoor(_ host: String, _ name: String, _ object: ManifestObject) -> Door? {
        let reason = because(object, "host \(host)")
        let parts = name.split(separator: "/").map(String.init)
        let place = parts.count == 2 ? (parts[0], parts[1]) : (object.namespace, name)
        let gateway = state.objects("Gateway", Self.group).first { ($0.namespace, $0.name) == place }
        var door = Door(host: host, port: 80)
        if let gateway {
            guard let server = Self.server(gateway, host) else {
                note("\(reason): no server of its Gateway is for that host")
                return nil
            }
            door = Door(host: host, port: server.port, isTLS: server.isTLS)
        } else {
            door.remark = "its Gateway \(name.escaped(limit: 253)) is in no manifest: http at port 80 is supposed"
        }
        guard frontIsOpen(door.port) else {
            note("\(reason): the address of its gateway is in no manifest, and policies isolate the vantage for egress")
            return nil
        }
        door.needs = addForeignName(host, because: reason)
        if door.isTLS { deriveCertificate(host, door.port, needs: door.needs, because: because(gateway ?? object)) }
        return door
    }

    /// The one with TLS, where there are several.
    private static func server(_ gateway: ManifestObject, _ host: String) -> (port: UInt16, isTLS: Bool)? {
        let servers = (gateway.spec?["servers"]?.items ?? []).compactMap { server -> (port: UInt16, isTLS: Bool)? in
            let hosts = (server["hosts"]?.texts ?? []).map { String($0.split(separator: "/").last ?? "") }
            guard
                hosts.contains(where: {
                    $0 == host || $0 == "*" || $0.hasPrefix("*.") && host.hasSuffix($0.dropFirst())
                }),
                let port = server[["port", "number"]]?.int.flatMap({ UInt16(exactly: $0) }), port > 0,
                let word = server[["port", "protocol"]]?.text?.uppercased(),
                ["HTTP", "HTTP2", "HTTPS"].contains(word)
            else { return nil }
            return (port, word == "HTTPS")
        }
        return servers.first(where: \.isTLS) ?? servers.first
    }

    private mutating func derive(_ route: YAMLNode, of object: ManifestObject, by door: Door, _ gateway: String) {
        let matches = route["match"]?.items ?? []
        for match in matches.isEmpty ? [route] : matches {
            let reason = because(object, "route", line: Int(match.mark.line))
            var shape = RequestShape()
            if !matches.isEmpty, let why = obstacle(match, &shape, gateway, door.port) {
                note("\(reason): \(why)")
                continue
            }
            guard route["fault"] == nil else {
                note("\(reason): faults are injected into it")
                continue
            }
            let told = shape.headers.isEmpty ? "" : " with \(shape.headers.map(\.key).joined(separator: ", "))"
            let name = "mesh \(door.isTLS ? "https" : "http") \(door.host)\(shape.path)\(told)"
            let keys = shape.keys + Self.expected(of: route)
            let target = door.origin + shape.requestTarget
            if let remark = door.remark {
                add(name, "http", target, keys, needs: [door.needs], labels: door.labels, because: reason, remark)
            } else {
                add(name, "http", target, keys, needs: [door.needs], labels: door.labels, because: reason)
            }
        }
    }

    private static func expected(of route: YAMLNode) -> [PlanKey] {
        if route["redirect"] != nil { return .expect(PlanKey("status", .words("3xx"))) }
        guard let status = route[["directResponse", "status"]]?.int, (200...599).contains(status) else {
            return answered
        }
        return .expect(PlanKey("status", .list([.word(String(status))])))
    }

    private func obstacle(_ match: YAMLNode, _ shape: inout RequestShape, _ gateway: String, _ port: UInt16) -> String?
    {
        if let gateways = match["gateways"]?.texts, !gateways.contains(gateway) {
            return "not for \(gateway.escaped(limit: 253))"
        }
        if let wanted = match["port"]?.int, wanted != Int(port) { return "for port \(wanted) only" }
        let labels = match["sourceLabels"]?.textMap ?? [:]
        let isSource =
            labels.allSatisfy { workload.labels[$0.key] == $0.value }
            && (match["sourceNamespace"]?.text.map { $0 == workload.namespace } ?? true)
        guard isSource else { return "not for requests of this vantage" }
        if let uri = match["uri"] {
            guard let path = Self.value(uri), path.isURLPath else { return "its path is a pattern" }
            shape.path = path
        }
        if let method = match["method"] {
            guard let word = Self.value(method), RequestShape.safeMethods.contains(word) else {
                return "its method may change something"
            }
            shape.method = word
        }
        if let authority = match["authority"] {
            guard let host = Self.value(authority), Host(host) != nil || HostPort(host) != nil else {
                return "its authority is a pattern"
            }
            shape.host = host
        }
        return Self.obstacle(fields: match, &shape)
    }

    private static func obstacle(fields match: YAMLNode, _ shape: inout RequestShape) -> String? {
        for header in match["headers"]?.entries ?? [] {
            guard let value = value(header.value) else {
                return "its header \(header.key.escaped(limit: 60)) is a pattern"
            }
            if let why = shape.add(header: header.key, value) { return why }
        }
        for query in match["queryParams"]?.entries ?? [] {
            guard let value = value(query.value) else { return "its query is a pattern" }
            if let why = shape.add(query: query.key, value) { return why }
        }
        return nil
    }

    /// Of a StringMatch: what meets it; a prefix is met by itself.
    private static func value(_ match: YAMLNode) -> String? { match["exact"]?.text ?? match["prefix"]?.text }
}
