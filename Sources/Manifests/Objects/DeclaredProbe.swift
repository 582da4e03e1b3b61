import YAML

/// A probe of a container: what the kubelet asks it.
package struct DeclaredProbe: Sendable {
    package enum Purpose: String, Hashable, Sendable, CaseIterable {
        case readiness = "readinessProbe"
        case liveness = "livenessProbe"
        case startup = "startupProbe"
    }

    package enum Way: String, Hashable, Sendable {
        case http = "httpGet"
        case tcp = "tcpSocket"
        case grpc
    }

    package let purpose: Purpose
    package let way: Way
    /// Nil where none is written that could be one.
    package let port: BackendPort?
    /// Of httpGet, "/" where none is written.
    package let path: String?
    /// "HTTP" or "HTTPS"
    package let scheme: String?
    package let portLine: Int
    package let pathLine: Int

    /// All of a container, or of a piece of YAML that shows some. Those that run a command ask nothing over the network.
    package static func all(in container: YAMLNode) -> [DeclaredProbe] {
        Purpose.allCases.compactMap { purpose in
            container.entry(purpose.rawValue).flatMap { DeclaredProbe($0, purpose) }
        }
    }

    private init?(_ entry: YAMLEntry, _ purpose: Purpose) {
        guard let way = [Way.http, .tcp, .grpc].first(where: { entry.value[$0.rawValue] != nil }),
            let handler = entry.value[way.rawValue]
        else { return nil }
        self.purpose = purpose
        self.way = way
        let line = entry.keyMark.line
        port = BackendPort(handler["port"])
        portLine = Int(handler.entry("port")?.keyMark.line ?? line)
        path = way == .http ? handler["path"]?.text ?? "/" : nil
        pathLine = Int(handler.entry("path")?.keyMark.line ?? handler.entry("port")?.keyMark.line ?? line)
        scheme = way == .http ? handler["scheme"]?.text ?? "HTTP" : nil
    }
}
