import Connectivity
import Manifests
import NetValues
import YAML

/// Hosts of Ingresses, as a client outside sees them: certificate, redirect, and each path.
extension PlanDerivation {
    /// Any of the application's own answers, also one that asks for credentials.
    static let answered = [PlanKey].expect(PlanKey("status", .list(["2xx", "3xx", "401", "403"].map { .word($0) })))

    mutating func deriveIngresses() {
        for ingress in state.ingresses.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) {
            guard frontIsKnown(ingress.object, ingress.paths.isEmpty) else { continue }
            var seen: Set<String> = []
            for path in ingress.paths {
                let reason = because(ingress.object, "path \(path.path)", line: path.hostLine)
                guard let written = path.host else {
                    note("\(reason): it is for every host, and names none")
                    continue
                }
                guard let host = single(written, because: reason) else { continue }
                if seen.insert(host).inserted { deriveHost(host, ingress, line: path.hostLine) }
                derive(path, host, ingress)
            }
            noteBackends(ingress)
        }
    }

    /// What stands in front of a cluster has an address that no manifest says: policies must let everything out.
    func frontIsOpen(_ port: UInt16) -> Bool {
        !isEgressIsolated
            || evaluation.verdict(from: .workload(vantage), to: .external, transport: .tcp, port: port).isAllowed
    }

    private mutating func frontIsKnown(_ object: ManifestObject, _ isEmpty: Bool) -> Bool {
        guard !isEmpty else { return false }
        guard !names.isDenied else {
            note("\(because(object)): its hosts cannot be resolved from here")
            return false
        }
        guard frontIsOpen(443), frontIsOpen(80) else {
            note(
                "\(because(object)): the address of its controller is in no manifest, and policies isolate the vantage for egress; so whether it may be reached is not known"
            )
            return false
        }
        return true
    }

    private mutating func deriveHost(_ host: String, _ ingress: DeclaredIngress, line: Int) {
        let reason = because(ingress.object, "host \(host)", line: line)
        let name = addForeignName(host, because: reason)
        guard ingress.isTLS(host) else { return }
        deriveCertificate(host, 443, needs: name, because: reason)
        guard ingress.redirectsToTLS else { return }
        add(
            "redirect of \(host) to https", "http", "http://\(host)/", .expect(PlanKey("redirect", .word("https"))),
            needs: [name], because: because(ingress.object, "ssl-redirect", line: ingress.redirectLine))
    }

    mutating func deriveCertificate(_ host: String, _ port: UInt16, needs name: String?, because reason: String) {
        guard let server = DomainName(host), !server.looksLikeAddress, !server.labels.isEmpty else {
            return note("\(reason): \(host.escaped(limit: 253)) is no name that a certificate could be for")
        }
        add(
            "tls \(hostPort(host, port))", "tls", hostPort(host, port),
            [PlanKey("serverName", .text(host))] + .expect(PlanKey("validFor", .word("14d"))), needs: [name],
            because: reason)
    }

    private mutating func derive(_ path: DeclaredIngress.Path, _ host: String, _ ingress: DeclaredIngress) {
        let reason = because(
            ingress.object, "\(host)\(path.path) leads to Service \(path.backend.service)", line: path.backend.line)
        let isPattern =
            path.pathType != "Prefix" && path.pathType != "Exact"
            && path.path.utf8.contains { "*()[]$?+".utf8.contains($0) }
        guard path.path.isURLPath, !isPattern else {
            return note("\(reason): the path is a pattern, or no path of a URL")
        }
        let scheme = ingress.isTLS(host) ? "https" : "http"
        add(
            "\(scheme) \(host)\(path.path)", "http", "\(scheme)://\(host)\(path.path)", Self.answered,
            needs: [hasCheck("dns of \(host)") ? "dns of \(host)" : nil], because: reason)
    }

    /// The backend's own port is checked as a Service's.
    private mutating func noteBackends(_ ingress: DeclaredIngress) {
        for backend in ingress.backends where state.service(ingress.namespace, backend.service) == nil {
            note(
                because(ingress.object, "Service \(ingress.namespace)/\(backend.service)", line: backend.line)
                    + ": its backend is in no manifest")
        }
    }
}

extension DeclaredIngress {
    fileprivate func isTLS(_ host: String) -> Bool {
        tls.contains { entry in
            entry.hosts.isEmpty
                || entry.hosts.contains { name in
                    name == host
                        || name.hasPrefix("*.") && host.hasSuffix(name.dropFirst())
                            && !host.dropLast(name.utf8.count - 1).contains(".")
                }
        }
    }

    /// nginx, Azure's application gateway, and AWS's, which names a port.
    private static let redirects = [
        "nginx.ingress.kubernetes.io/ssl-redirect", "nginx.ingress.kubernetes.io/force-ssl-redirect",
        "appgw.ingress.kubernetes.io/ssl-redirect", "alb.ingress.kubernetes.io/ssl-redirect",
    ]

    private var redirectKey: String? {
        Self.redirects.first { key in object.annotations[key].map { $0 == "true" || $0 == "443" } ?? false }
    }

    fileprivate var redirectsToTLS: Bool { redirectKey != nil }

    fileprivate var redirectLine: Int? {
        redirectKey.flatMap { object["metadata", "annotations"]?.entry($0) }.map { Int($0.keyMark.line) }
    }
}
