import JSON
import LinuxIO
import NetValues
import Wire
import YAML

/// A program that gives credentials (client-go credential plugins, client.authentication.k8s.io).
struct ExecPlugin: Sendable {
    let apiVersion: String
    let command: String
    let arguments: [String]
    let environment: [(name: String, value: String)]
    let installHint: String?
    let wantsCluster: Bool
    /// Where it is written.
    let place: String

    private static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    init(_ node: YAMLNode, of entry: Kubeconfig.Entry) throws(ClusterProblem) {
        guard let command = node["command"]?.text, !command.isEmpty else {
            throw entry.mistake(node, "`exec` has no `command`", fix: "name the program that gives the credentials")
        }
        let version = node["apiVersion"]?.text ?? ""
        guard Self.versions.contains(version) else {
            throw entry.mistake(
                node["apiVersion"] ?? node,
                "`exec` must have the apiVersion \(Self.versions.joined(separator: " or "))",
                fix:
                    "write the kubeconfig anew with a newer plug-in (kubelogin convert-kubeconfig, aws eks update-kubeconfig)"
            )
        }
        if let mode = node["interactiveMode"], mode.text == "Always" {
            throw entry.mistake(
                mode, "`interactiveMode: Always`: the plug-in wants to ask at the terminal, and it is run without one",
                fix:
                    "log in with it by hand and use a mode without questions (kubelogin convert-kubeconfig -l azurecli), "
                    + "or read what kubectl prints: kubectl get … -o yaml | leadsman audit -")
        }
        apiVersion = version
        // As kubectl: a name is looked for on the PATH, a path with a slash begins at the file's folder.
        self.command = command.contains("/") ? entry.path(command) : command
        arguments = node["args"]?.texts ?? []
        environment = (node["env"]?.items ?? []).compactMap { item in
            item["name"]?.text.map { ($0, item["value"]?.text ?? "") }
        }
        installHint = node["installHint"]?.text
        wantsCluster = node["provideClusterInfo"]?.bool ?? false
        place = entry.place(node.mark)
    }

    private static let patience = Duration.seconds(60)
    private static let mostOutput = 1 << 20

    /// Runs it and reads what it says.
    func credentials(for cluster: ClusterAccess, reactor: Reactor) async throws(ClusterProblem) -> Credentials {
        let added = environment.map { "\($0.name)=\($0.value)" } + ["KUBERNETES_EXEC_INFO=\(request(cluster))"]
        let child = ChildProgram(command: command, arguments: arguments, addedEnvironment: added)
        let end = await child.run(on: reactor, deadline: .now + Self.patience, mostOutput: Self.mostOutput)
        switch end {
        case .notStarted(let reason): throw problem("cannot be started: \(reason)", installHint ?? "install it")
        case .tooLate: throw problem("did not end within 60 s", "run it by hand: does it wait for somebody?")
        case .tooMuch: throw problem("wrote more than 1 MiB", "run it by hand and see what it writes")
        case .ended(let status, let output, let complaint):
            guard status == 0 else {
                // As its output, what it complains of may hold the token.
                let words =
                    complaint.isEmpty ? "" : ", and wrote to standard error, which is not shown: it may hold a token"
                throw problem("ended with status \(status)\(words)", "run it by hand: does it need a login first?")
            }
            return try answer(output)
        }
    }

    private func problem(_ cause: String, _ fix: String) -> ClusterProblem {
        ClusterProblem(
            .inability, place: place, cause: "the exec plug-in \(command.escaped(limit: 200)) \(cause)",
            fix: fix.escaped(limit: 1000))
    }

    /// KUBERNETES_EXEC_INFO
    private func request(_ cluster: ClusterAccess) -> String {
        var spec = JSONObject([("interactive", .bool(false))])
        if wantsCluster {
            var info = JSONObject([("server", .string(cluster.address))])
            if let name = cluster.serverName { info["tls-server-name"] = .string(name.plain) }
            if cluster.isUnverified { info["insecure-skip-tls-verify"] = .bool(true) }
            if let authorities = cluster.authorities {
                info["certificate-authority-data"] = .string(HTTPCredentials.base64(authorities))
            }
            spec["cluster"] = .object(info)
        }
        let whole: JSONValue = [
            "kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": .object(spec),
        ]
        return JSONWriter.text(whole, layout: .compact)
    }

    /// Its text is never shown: it holds the token.
    private func answer(_ output: [UInt8]) throws(ClusterProblem) -> Credentials {
        let wrong = "run it by hand: it must write an ExecCredential of \(apiVersion) to standard output"
        guard let json = try? JSONParser.parse(output) else { throw problem("wrote no JSON", wrong) }
        guard json["kind"]?.string == "ExecCredential" else { throw problem("wrote no ExecCredential", wrong) }
        guard json["apiVersion"]?.string == apiVersion else {
            throw problem("answered in another apiVersion than it was asked in", wrong)
        }
        guard let status = json["status"], status.object != nil else { throw problem("wrote no `status`", wrong) }
        var found = Credentials()
        found.token = status["token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        found.certificate = status["clientCertificateData"]?.string.map { Array($0.utf8) }
        found.key = status["clientKeyData"]?.string.map { Array($0.utf8) }
        guard found.token != nil || (found.certificate != nil && found.key != nil) else {
            throw problem("gave neither a token nor a client certificate with its key", wrong)
        }
        found.end = status["expirationTimestamp"]?.string.flatMap { WallTime(rfc3339: $0) }
        if let end = found.end, end < .now { throw problem("gave credentials that have ended already", "log in anew") }
        return found
    }
}
