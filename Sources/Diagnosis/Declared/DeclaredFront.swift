import Manifests
import NetValues
import YAML

/// Where a declared Ingress or HTTPRoute sends a request.
struct DeclaredFront {
    let object: ManifestObject
    let namespace: String
    let service: String
    let port: BackendPort?
    /// Of the Service's name, and of its port.
    let line: Int
    let portLine: Int

    var serviceTitle: String { "Service \(namespace)/\(service.escaped(limit: 63))" }
}

extension DeclaredView {
    /// Backends of the rules that take the request: of each class of controllers one. Empty where no rule takes it, and where a pattern
    /// may.
    func fronts(of request: AskedRequest) -> [DeclaredFront] {
        ingressFronts(request) ?? routeFronts(request)
    }

    /// Nil where no Ingress has the host.
    private func ingressFronts(_ request: AskedRequest) -> [DeclaredFront]? {
        let byClass = ingressesByClass.compactMap { candidates(of: $0, request) }
        guard !byClass.isEmpty else { return nil }
        // What may be of a pattern may be anybody's.
        return byClass.contains(where: \.isEmpty) ? [] : byClass.flatMap(\.self)
    }

    private var ingressesByClass: [[DeclaredIngress]] {
        let lasting = state.ingresses.filter {
            $0.object.annotations["nginx.ingress.kubernetes.io/canary"] != "true"
        }
        return grouped(lasting, by: { $0.className ?? "" }).map(\.members)
    }

    /// Nil where none of these Ingresses has the host; empty where it is not clear who takes the path.
    private func candidates(of ingresses: [DeclaredIngress], _ request: AskedRequest) -> [DeclaredFront]? {
        let hosts = ingresses.flatMap { ingress in
            ingress.paths.map { (ingress: ingress, path: $0, rank: rank(of: $0.host, ingress, request)) }
        }
        guard let best = hosts.compactMap(\.rank).max() else { return nil }
        let takings = hosts.filter { $0.rank == best }.map { entry in
            (entry: entry, taking: PathTaking(entry.path.path, entry.path.pathType, request.path))
        }
        guard !takings.contains(where: { $0.taking == .perhaps }) else { return [] }
        guard let length = takings.compactMap(\.taking.length).max() else {
            let owners = takings.map(\.entry.ingress)
            return owners.compactMap { ingress in ingress.defaultBackend.map { DeclaredFront($0, ingress) } }
        }
        return takings.filter { $0.taking.length == length }.map {
            DeclaredFront($0.entry.path.backend, $0.entry.ingress)
        }
    }

    /// 2 for the name itself, 1 for a wildcard; a rule for every host counts only at the Ingress' own address.
    private func rank(of host: String?, _ ingress: DeclaredIngress, _ request: AskedRequest) -> Int? {
        guard let host = host?.lowercased(), !host.isEmpty else {
            return ingress.addresses.contains(request.endpoint.address) ? 0 : nil
        }
        return HostPattern.rank(of: request.host, host)
    }

    private func routeFronts(_ request: AskedRequest) -> [DeclaredFront] {
        takingRules(of: request).flatMap { entry in
            entry.rule.backends.filter { $0.weight > 0 && $0.reference.kind == "Service" && $0.reference.group.isEmpty }
                .map { DeclaredFront($0, entry.route) }
        }
    }

    /// Rules of HTTPRoutes that take the request and redirect nobody; none where it is not clear which.
    func takingRules(of request: AskedRequest) -> [(route: DeclaredRoute, rule: DeclaredRoute.Rule)] {
        let routes = state.objects("HTTPRoute", GatewayAPI.group).compactMap(DeclaredRoute.init)
        let ranked = routes.compactMap { route in
            route.hostnames.compactMap { HostPattern.rank(of: request.host, $0.lowercased()) }.max().map {
                (route: route, rank: $0)
            }
        }
        guard let best = ranked.map(\.rank).max() else { return [] }
        let takings = ranked.filter { $0.rank == best }.flatMap { entry in
            entry.route.rules.map { rule in (route: entry.route, rule: rule, taking: rule.taking(request.path)) }
        }
        guard !takings.contains(where: { $0.taking == .perhaps }),
            let length = takings.compactMap(\.taking.length).max()
        else { return [] }
        return takings.filter { $0.taking.length == length && !$0.rule.redirects }.map { ($0.route, $0.rule) }
    }
}

extension DeclaredFront {
    fileprivate init(_ backend: DeclaredIngress.Backend, _ ingress: DeclaredIngress) {
        self.init(
            object: ingress.object, namespace: ingress.namespace, service: backend.service, port: backend.port,
            line: backend.line, portLine: backend.portLine)
    }

    fileprivate init(_ backend: DeclaredRoute.Backend, _ route: DeclaredRoute) {
        self.init(
            object: route.object, namespace: backend.reference.namespace, service: backend.reference.name,
            port: backend.port.map(BackendPort.number), line: backend.reference.line, portLine: backend.portLine)
    }
}

/// Whether a path of an Ingress or a route takes that of a request.
enum PathTaking: Hashable {
    case no
    /// By so many bytes: the longest wins, and an exact one before all.
    case yes(length: Int)
    /// A pattern, which is not followed here.
    case perhaps

    var length: Int? { if case .yes(let length) = self { length } else { nil } }

    init(_ path: String, _ type: String?, _ asked: String) {
        switch type {
        case "Exact":
            self = path == asked ? .yes(length: .max) : .no
        case "RegularExpression":
            self = .perhaps
        default:
            // Each controller has patterns of its own for paths of the type ImplementationSpecific.
            let isPlain = type == "Prefix" || type == "PathPrefix"
            if !isPlain, path.utf8.contains(where: { "*()[]$?+^|\\".utf8.contains($0) }) {
                self = .perhaps
                return
            }
            // Element by element: /api takes /api/x, and not /apix.
            let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
            let isTaken = asked == trimmed || asked.hasPrefix(trimmed + "/") || trimmed.isEmpty
            self = isTaken ? .yes(length: trimmed.utf8.count) : .no
        }
    }
}

extension DeclaredRoute.Rule {
    fileprivate func taking(_ path: String) -> PathTaking {
        guard !matches.isEmpty else { return .yes(length: 0) }
        let takings = matches.map { match -> PathTaking in
            let taking = PathTaking(match.path.value, match.path.type, path)
            // Which of two rules wins may be up to its other conditions.
            return taking != .no && match.isConditional ? .perhaps : taking
        }
        if takings.contains(.perhaps) { return .perhaps }
        return takings.max { ($0.length ?? -1) < ($1.length ?? -1) } ?? .no
    }
}

/// Hosts of Ingresses and routes: names, and `*.` before a name.
enum HostPattern {
    /// 2 for the name itself, 1 for a wildcard of one label more, nil for another name.
    static func rank(of host: String, _ pattern: String) -> Int? {
        if pattern == host { return 2 }
        guard pattern.hasPrefix("*."), host.hasSuffix(pattern.dropFirst()) else { return nil }
        let first = host.dropLast(pattern.utf8.count - 1)
        return !first.isEmpty && !first.contains(".") ? 1 : nil
    }
}
