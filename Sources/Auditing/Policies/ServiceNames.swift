import Manifests
import NetValues
import YAML

/// Where workloads say which Services they use: literal values of the environment, commands and arguments.
struct ServiceNames {
    struct Reference {
        let service: DeclaredService
        /// Nil where none is said and the Service has several.
        let port: DeclaredService.Port?
        /// "env DB_HOST", "an argument": never the value itself.
        let what: String
        let node: YAMLNode
        /// The workload calls it, surely: a variable for that. An argument, or a list of origins, may name it for another reason.
        let isCalled: Bool
    }

    /// What the place of a name says of its use.
    private struct Use {
        let isHost: Bool
        let isCalled: Bool
    }

    private let state: DeclaredState
    private let names: Set<String>

    init(_ state: DeclaredState) {
        self.state = state
        names = Set(state.services.map(\.name))
    }

    /// What is surely meant: `name.namespace.svc…`, `name.namespace`, or the bare name of a Service of the own namespace with a port or
    /// a scheme beside it.
    func references(of workload: Workload) -> [Reference] {
        guard !names.isEmpty else { return [] }
        var found: [Reference] = []
        for container in workload.template.containers {
            let variables = container["env"]?.items ?? []
            for variable in variables {
                guard let node = variable["value"], let text = node.text, let name = variable["name"]?.text else {
                    continue
                }
                let use = Use(isHost: Self.namesHost(name), isCalled: !Self.namesOther(name))
                found += references(in: text, workload, "env \(name)", node, use) {
                    Self.port(beside: name, variables)
                }
            }
            for node in (container["command"]?.items ?? []) + (container["args"]?.items ?? []) {
                guard let text = node.text, text.utf8.count < 1000, !text.contains("\n") else { continue }
                found += references(in: text, workload, "an argument", node, Use(isHost: false, isCalled: false)) {
                    nil
                }
            }
        }
        return found
    }

    /// DB_HOST, API_ADDR, CACHE_SERVER.
    private static func namesHost(_ variable: String) -> Bool {
        let last = variable.uppercased().split(separator: "_").last ?? ""
        return ["HOST", "HOSTNAME", "ADDR", "ADDRESS", "SERVER", "ENDPOINT", "SERVICE", "URL"].contains(last)
    }

    private static let otherWords: Set<String> = [
        "ORIGIN", "ORIGINS", "CORS", "CSRF", "ALLOW", "ALLOWED", "TRUSTED", "PUBLIC", "EXTERNAL", "LISTEN", "BIND",
        "ADVERTISE", "ADVERTISED", "CALLBACK", "REDIRECT", "REFERER",
    ]

    /// Who may ask, and what the workload itself is called: CORS_ALLOWED_ORIGINS, PUBLIC_URL, OTEL_SERVICE_NAME, NO_PROXY.
    private static func namesOther(_ variable: String) -> Bool {
        let words = variable.uppercased().split { "_-.".contains($0) }.map(String.init)
        return words.last == "NAME" || words.starts(with: ["NO", "PROXY"]) || !otherWords.isDisjoint(with: words)
    }

    /// DB_PORT beside DB_HOST.
    private static func port(beside name: String, _ variables: [YAMLNode]) -> UInt16? {
        guard let cut = name.lastIndex(of: "_") else { return nil }
        let wanted = name[..<cut] + "_PORT"
        return variables.first { $0["name"]?.text.map { $0 == wanted } == true }?["value"]?.text.flatMap { UInt16($0) }
    }

    private func references(
        in text: String, _ workload: Workload, _ what: String, _ node: YAMLNode, _ use: Use, _ other: () -> UInt16?
    ) -> [Reference] {
        guard text.utf8.count < 4000 else { return [] }
        return text.split { " ,;\"'=".contains($0) }.compactMap { word -> Reference? in
            let (scheme, host, port) = Self.parts(word)
            guard
                let service = service(host, workload.namespace, isBareMeant: use.isHost || scheme != nil || port != nil)
            else { return nil }
            let number = port ?? scheme ?? other()
            let chosen =
                number.map { number in service.ports.first { $0.number == number } }
                ?? (service.ports.count == 1 ? service.ports.first : nil)
            return Reference(service: service, port: chosen, what: what, node: node, isCalled: use.isCalled)
        }
    }

    /// Of "http://user@web.shop:8080/path?x": the scheme's port, the host and the port that is written.
    static func parts(_ word: Substring) -> (scheme: UInt16?, host: String, port: UInt16?) {
        var rest = word
        var scheme: UInt16?
        if let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
            scheme = schemes[rest[..<colon].lowercased()]
            rest = rest[colon...].dropFirst(3)
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        let pieces = rest.split(separator: ":", omittingEmptySubsequences: false)
        let port = pieces.count == 2 ? UInt16(pieces[1]) : nil
        return (scheme, String(pieces.first ?? ""), port)
    }

    private static let schemes: [String: UInt16] = [
        "http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306, "redis": 6379, "amqp": 5672,
        "mongodb": 27017, "ws": 80, "wss": 443, "nats": 4222,
    ]

    private func service(_ host: String, _ namespace: String, isBareMeant: Bool) -> DeclaredService? {
        var labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if labels.last == "" { labels.removeLast() }
        guard let name = labels.first, names.contains(name) else { return nil }
        switch labels.count {
        case 1: return isBareMeant ? state.service(namespace, name) : nil
        case 2: return state.service(labels[1], name)
        default: return labels[2] == "svc" ? state.service(labels[1], name) : nil
        }
    }
}
