import NetValues
import YAML

/// Keys of one kind of mapping in a kubeconfig (client-go, tools/clientcmd/api/v1), and what each of them takes. kubectl passes over what
/// it does not know: a token behind a mistyped key then asks as nobody.
struct KubeconfigKeys {
    enum Shape {
        case text, truth, texts
        /// Not read here, or by its own table.
        case any
    }

    /// "user", for messages.
    private let what: String
    private let shapes: [String: Shape]

    private init(_ what: String, _ shapes: [String: Shape]) {
        self.what = what
        self.shapes = shapes
    }

    static let context = KubeconfigKeys(
        "context", ["cluster": .text, "user": .text, "namespace": .text, "extensions": .any])

    static let cluster = KubeconfigKeys(
        "cluster",
        [
            "server": .text, "tls-server-name": .text, "insecure-skip-tls-verify": .truth,
            "certificate-authority": .text,
            "certificate-authority-data": .text, "proxy-url": .text, "disable-compression": .truth, "extensions": .any,
        ])

    static let user = KubeconfigKeys(
        "user",
        [
            "client-certificate": .text, "client-certificate-data": .text, "client-key": .text,
            "client-key-data": .text,
            "token": .text, "tokenFile": .text, "as": .any, "as-uid": .any, "as-groups": .any, "as-user-extra": .any,
            "username": .any, "password": .any, "auth-provider": .any, "exec": .any, "extensions": .any,
        ])

    static let exec = KubeconfigKeys(
        "exec plug-in",
        [
            "command": .text, "args": .texts, "env": .any, "apiVersion": .text, "installHint": .text,
            "provideClusterInfo": .truth, "interactiveMode": .text,
        ])

    /// - Returns: keys that mean nothing, in words with their place.
    /// - Throws: at a key that is nearly one of ours, or has a value of another type.
    func check(_ node: YAMLNode, of entry: Kubeconfig.Entry) throws(ClusterProblem) -> [String] {
        var strange: [String] = []
        for item in node.entries {
            let shown = item.key.escaped(limit: 80)
            guard let shape = shapes[item.key] else {
                if let near = nearestWord(to: item.key, among: shapes.keys) {
                    throw ClusterProblem(
                        .input, place: entry.place(item.keyMark), cause: "a \(what) has no key `\(shown)`",
                        fix: "write `\(near)`, if that is meant")
                }
                strange.append("\(entry.place(item.keyMark)): `\(shown)` is no key of a \(what), and is passed over")
                continue
            }
            guard !item.value.isNothing, let wanted = Self.wanted(shape, item.value) else { continue }
            // What it holds may be a token.
            throw entry.mistake(item.value, "`\(shown)` must be \(wanted)", fix: "correct `\(shown)`")
        }
        return strange
    }

    /// Nil where it is as it should be.
    private static func wanted(_ shape: Shape, _ value: YAMLNode) -> String? {
        switch shape {
        case .any: nil
        case .text: value.text == nil ? "one text, not \(value.isList ? "a list" : "a mapping")" : nil
        case .truth: value.bool == nil ? "true or false" : nil
        case .texts: value.isList && value.texts.count == value.items.count ? nil : "a list of texts"
        }
    }
}
