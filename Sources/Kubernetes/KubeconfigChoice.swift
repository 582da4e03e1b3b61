import LinuxIO
import NetValues
import Planning
import YAML

/// One context of kubeconfigs, with its cluster and its user.
package struct KubeconfigChoice {
    private let config: Kubeconfig
    private let paths: [String]
    private let readFile: ReadFile

    package typealias ReadFile = (String) -> Result<[UInt8], UnreadableFile>

    /// - Parameter paths: of the kubeconfigs, for messages.
    package init(
        _ config: Kubeconfig, among paths: [String],
        readFile: @escaping ReadFile = { FileBytes.read($0, limit: 4 << 20, patience: .seconds(5)) }
    ) {
        self.config = config
        self.paths = paths
        self.readFile = readFile
    }

    /// - Parameter wanted: nil is the current context.
    package func access(context wanted: String?) throws(ClusterProblem) -> ClusterAccess {
        let (name, context) = try self.context(wanted)
        var remarks = try KubeconfigKeys.context.check(context.node, of: context)
        let shown = name.escaped(limit: 100)
        let cluster = try entry("cluster", of: context, shown, in: config.clusters)
        remarks += try KubeconfigKeys.cluster.check(cluster.node, of: cluster)
        let namespace = context.node["namespace"]?.text ?? "default"
        let origin = "context \(shown) of \(context.file.escaped(limit: 1000))"
        var found = ClusterAccess(server: try server(cluster), namespace: namespace, origin: origin)
        try readTrust(cluster, into: &found)
        if context.node["user"] != nil {
            let user = try entry("user", of: context, shown, in: config.users)
            remarks += try KubeconfigKeys.user.check(user.node, of: user)
            if let exec = user.node["exec"] { remarks += try KubeconfigKeys.exec.check(exec, of: user) }
            try KubeconfigUser(user, readFile).read(into: &found)
            if found.isAnonymous { remarks.append("\(user.place()): this user has no credentials: \(Self.asNobody)") }
        } else {
            remarks.append("\(context.place()): the context “\(shown)” names no `user`: \(Self.asNobody)")
        }
        // `kubectl proxy` asks in its own name.
        found.remarks = found.server.scheme == .https ? remarks : remarks.filter { !$0.hasSuffix(Self.asNobody) }
        return found
    }

    private static let asNobody =
        "the cluster is asked as nobody in particular (system:anonymous), who may read next to nothing"

    private func context(_ wanted: String?) throws(ClusterProblem) -> (String, Kubeconfig.Entry) {
        let known = config.contexts.keys.sorted().map { $0.escaped(limit: 100) }
        let files = paths.joined(separator: ", ").escaped(limit: 1000)
        let choice =
            known.isEmpty
            ? "there is no context in it; for AKS: az aks get-credentials"
            : "choose one by --context: \(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", …" : "")"
        guard let name = wanted ?? config.currentContext?.name else {
            throw ClusterProblem(
                .input, place: files, cause: "it has no current-context, and none was named", fix: choice)
        }
        guard let entry = config.contexts[name] else {
            throw ClusterProblem(
                .input, place: wanted == nil ? config.currentContext?.place ?? files : files,
                cause: "there is no context “\(name.escaped(limit: 100))”", fix: choice)
        }
        return (name, entry)
    }

    private func entry(
        _ key: String, of context: Kubeconfig.Entry, _ shown: String, in table: [String: Kubeconfig.Entry]
    ) throws(ClusterProblem) -> Kubeconfig.Entry {
        guard let node = context.node[key], let name = node.text else {
            throw context.mistake("the context “\(shown)” names no `\(key)`", fix: "add `\(key): NAME` to it")
        }
        guard let entry = table[name] else {
            throw context.mistake(
                node, "the context “\(shown)” names the \(key) “\(name.escaped(limit: 100))”, which is not there",
                fix: "add it to `\(key)s`, or choose another context by --context")
        }
        return entry
    }

    private func server(_ cluster: Kubeconfig.Entry) throws(ClusterProblem) -> HTTPURL {
        guard let node = cluster.node["server"], let text = node.text else {
            throw cluster.mistake("this cluster has no `server`", fix: "add `server: https://HOST:PORT`")
        }
        guard let url = HTTPURL(text.contains("://") ? text : "https://\(text)") else {
            throw cluster.mistake(
                node, "`server` is no URL such as https://HOST:PORT (user information is not allowed in it)",
                fix: "correct `server`")
        }
        if let proxy = cluster.node["proxy-url"] {
            throw cluster.mistake(
                proxy, "`proxy-url` is not supported: this program reaches an API server directly only",
                fix:
                    "run it where the API server can be reached (a pod, the proxy's host), or read what kubectl prints: "
                    + "kubectl get … -o yaml | leadsman audit -")
        }
        return url
    }

    private func readTrust(_ cluster: Kubeconfig.Entry, into found: inout ClusterAccess) throws(ClusterProblem) {
        let node = cluster.node
        found.isUnverified = node["insecure-skip-tls-verify"]?.bool ?? false
        found.authorities = try cluster.material("certificate-authority", readFile)
        if found.isUnverified, found.authorities != nil {
            throw cluster.mistake(
                node["insecure-skip-tls-verify"],
                "insecure-skip-tls-verify and a certificate authority exclude each other",
                fix: "remove insecure-skip-tls-verify")
        }
        guard let name = node["tls-server-name"] else { return }
        guard let host = name.text.flatMap({ Host($0) }) else {
            throw cluster.mistake(name, "`tls-server-name` is no host name", fix: "correct it, or remove it")
        }
        found.serverName = host
    }
}

/// Who asks, of a kubeconfig.
private struct KubeconfigUser {
    private let entry: Kubeconfig.Entry
    private var node: YAMLNode { entry.node }

    private let readFile: KubeconfigChoice.ReadFile

    init(_ entry: Kubeconfig.Entry, _ readFile: @escaping KubeconfigChoice.ReadFile) {
        self.entry = entry
        self.readFile = readFile
    }

    func read(into found: inout ClusterAccess) throws(ClusterProblem) {
        try refuseOthers()
        found.certificate = try entry.material("client-certificate", readFile)
        found.key = try entry.material("client-key", readFile)
        if (found.certificate == nil) != (found.key == nil) {
            let missing = found.key == nil ? "client-key" : "client-certificate"
            throw entry.mistake("this user has no `\(missing)` beside its other half", fix: "add `\(missing)-data`")
        }
        let token = node["token"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        if let file = node["tokenFile"]?.text, !file.isEmpty {
            found.user = .tokenFile(entry.path(file), otherwise: token)
        } else if let token {
            found.user = .token(token)
        } else if let exec = node["exec"] {
            found.user = .plugin(try ExecPlugin(exec, of: entry))
        }
    }

    private func refuseOthers() throws(ClusterProblem) {
        if let basic = node["username"] ?? node["password"] {
            throw entry.mistake(
                basic, "a user name with a password is not supported: no API server has taken it since Kubernetes 1.19",
                fix: "use a token, a client certificate or an exec plug-in")
        }
        if let provider = node["auth-provider"] {
            throw entry.mistake(
                provider, "`auth-provider` is not supported: Kubernetes removed it in 1.26",
                fix: "use the exec plug-in of your cloud: kubelogin convert-kubeconfig, gke-gcloud-auth-plugin, aws eks"
            )
        }
        for key in ["as", "as-uid", "as-groups", "as-user-extra"] {
            guard let node = node[key] else { continue }
            throw entry.mistake(
                node, "asking in the name of somebody else (`\(key)`) is not supported",
                fix: "use a context whose user may read by itself")
        }
    }
}

extension Kubeconfig.Entry {
    /// PEM of a key that may be written out in base64 (KEY-data, which counts first) or stand in a file.
    fileprivate func material(
        _ key: String, _ readFile: KubeconfigChoice.ReadFile
    ) throws(ClusterProblem) -> [UInt8]? {
        if let data = node["\(key)-data"] {
            guard let bytes = data.text.flatMap({ [UInt8](base64: $0.utf8) }), !bytes.isEmpty else {
                throw mistake(data, "`\(key)-data` is not base64", fix: "write the PEM text in base64, in one line")
            }
            return bytes
        }
        guard let file = node[key], let text = file.text else { return nil }
        switch readFile(path(text)) {
        case .success(let bytes): return bytes
        case .failure(let failure):
            throw mistake(
                file, "cannot read \(path(text).escaped(limit: 1000)): \(failure.reason)", fix: "correct `\(key)`")
        }
    }
}
