import Manifests
import NetValues
import YAML

/// Where a workload says by a URL that it uses a host outside the cluster.
struct OutsideName {
    /// In lower case. Never shown: it is part of a value of the environment.
    let host: String
    let port: UInt16?
    /// "env PAYMENT_URL", "an argument"
    let what: String
    let node: YAMLNode

    private static let innerEndings = [".local", ".svc", ".internal", ".lan", ".cluster", ".localdomain", ".test"]

    static func all(_ workload: Workload) -> [OutsideName] {
        workload.template.containers.flatMap { container -> [OutsideName] in
            let variables = (container["env"]?.items ?? []).compactMap { variable -> OutsideName? in
                guard let name = variable["name"]?.text, let value = variable["value"] else { return nil }
                return OutsideName(value, "env \(name.escaped(limit: 80))")
            }
            let words = (container["command"]?.items ?? []) + (container["args"]?.items ?? [])
            return variables + words.compactMap { OutsideName($0, "an argument") }
        }
    }

    /// Of a text that is one URL with a scheme, such as `https://api.example.com/v1`, or `--url=https://…`.
    private init?(_ node: YAMLNode, _ what: String) {
        guard let text = node.text, text.utf8.count < 2000, !text.contains("\n") else { return nil }
        let word = text.split { " =\"'".contains($0) }.first { $0.contains("://") } ?? ""
        guard word.lowercased().hasPrefix("http"), let name = DomainName(ServiceNames.parts(word).host),
            name.labels.count > 1, !name.looksLikeAddress
        else { return nil }
        let parts = ServiceNames.parts(word)
        host = name.relative.description.lowercased()
        guard !Self.innerEndings.contains(where: host.hasSuffix), !host.contains(".svc.") else { return nil }
        port = parts.port ?? parts.scheme
        self.what = what
        self.node = node
    }
}
