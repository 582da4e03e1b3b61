import Connectivity
import Manifests
import NetValues
import YAML

/// What the kubelet asks to see whether a pod is ready.
struct Readiness: Hashable {
    enum Way: Hashable {
        case http(path: String, host: String?, isTLS: Bool, headers: [PlanKey])
        case grpc
        case tcp
        case command
    }

    let way: Way
    /// Nil for a command, and for a port that no container has.
    let port: UInt16?
    let line: Int

    /// Headers whose value may be a credential are never repeated.
    private static let safeHeaders: Set<String> = ["accept", "accept-language", "user-agent", "x-forwarded-proto"]

    init?(_ container: YAMLNode, _ template: PodTemplate) {
        guard let entry = container.entry("readinessProbe"), case let probe = entry.value, probe.isMap else {
            return nil
        }
        line = Int(entry.keyMark.line)
        func port(_ node: YAMLNode?) -> UInt16? {
            node?.int.flatMap { UInt16(exactly: $0) } ?? node?.text.flatMap { template.port(named: $0, .tcp) }
        }
        if let http = probe["httpGet"] {
            self.port = port(http["port"])
            let headers = http["httpHeaders"]?.items ?? []
            func value(_ name: String) -> String? {
                headers.first { $0["name"]?.text?.lowercased() == name }.flatMap { $0["value"]?.text }
            }
            let kept = headers.compactMap { header -> PlanKey? in
                guard let name = header["name"]?.text, Self.safeHeaders.contains(name.lowercased()),
                    let value = header["value"]?.text, value.isFieldValue
                else { return nil }
                return PlanKey(name, .text(value))
            }
            way = .http(
                path: http["path"]?.text ?? "/", host: value("host"),
                isTLS: http["scheme"]?.text?.uppercased() == "HTTPS",
                headers: kept.unique())
        } else if let grpc = probe["grpc"] {
            self.port = port(grpc["port"])
            way = .grpc
        } else if let tcp = probe["tcpSocket"] {
            self.port = port(tcp["port"])
            way = .tcp
        } else if probe["exec"] != nil {
            self.port = nil
            way = .command
        } else {
            return nil
        }
    }
}

extension String {
    /// Of a header (RFC 9110 section 5.5), in ASCII.
    var isFieldValue: Bool { !isEmpty && utf8.allSatisfy { (0x20...0x7e).contains($0) } && first != " " && last != " " }

    /// Begins with a slash, in characters that stand in a URL as they are.
    var isURLPath: Bool {
        hasPrefix("/") && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"\"<>\\^`{|}#".utf8.contains($0) }
    }
}

extension PlanDerivation {
    func readiness(of index: Int) -> [Readiness] {
        let template = state.workloads[index].template
        return template.containers.compactMap { Readiness($0, template) }
    }

    /// The path that the kubelet asks for, where all pods behind the port have the same.
    mutating func deriveReadiness(_ aim: Aim, _ ends: [FlowEnd], needs check: String?) {
        var found: [Readiness?] = []
        var places: [ReadinessKey] = []
        for end in ends {
            guard case .workload(let index) = end.party else { return }
            places.append(ReadinessKey(workload: index, port: end.port))
            found.append(readiness(of: index).first { $0.port == end.port && $0.way.isHTTP })
        }
        guard case .some(.some(let first)) = found.first else { return }
        askedReadiness.formUnion(places)
        let object = state.workloads[places[0].workload].object
        let reason = because(object, "readiness", line: first.line)
        guard found.allSatisfy({ $0?.way == first.way }) else {
            return note("\(reason): the pods behind \(aim.name) have different ones")
        }
        guard case .http(let path, let host, let isTLS, let headers) = first.way else { return }
        guard !isTLS else {
            return note(
                "\(reason): by https, where the kubelet takes any certificate, and a check would judge it; its port is checked"
            )
        }
        guard path.isURLPath else { return note("\(reason): its path cannot stand in a URL") }
        let hostKey = host.flatMap { isHost($0) ? [PlanKey("host", .text($0))] : nil } ?? []
        let headerKey = headers.isEmpty ? [] : [PlanKey("headers", .map(headers))]
        add(
            "http \(aim.name)\(path)", "http", "http://\(aim.target)\(path)",
            hostKey + headerKey + .expect(PlanKey("status", .words("2xx", "3xx"))), needs: aim.needs + [check],
            labels: aim.labels, because: reason)
    }

    private func isHost(_ text: String) -> Bool { Host(text) != nil || HostPort(text) != nil }

    /// Readiness that nothing else asks for.
    mutating func noteReadiness() {
        for index in state.workloads.indices where index != vantage {
            for found in readiness(of: index) {
                let object = state.workloads[index].object
                let reason = because(object, "readiness", line: found.line)
                switch (found.way, found.port) {
                case (.command, _): note("\(reason): a command in the container")
                case (.http, let port?) where !askedReadiness.contains(ReadinessKey(workload: index, port: port)):
                    note("\(reason): no flow from here leads to its port \(port)")
                case (.http, nil): note("\(reason): no container has its port")
                default: continue
                }
            }
        }
    }
}

extension Readiness.Way {
    var isHTTP: Bool { if case .http = self { true } else { false } }
}
