import Kubernetes
import LinuxIO

extension FuzzTarget {
    /// A kubeconfig: whatever it holds, it gives an access or a mistake with its place, and nothing of it is run.
    static let kubeconfig = FuzzTarget(
        "kubeconfig",
        words: [
            "clusters:", "users:", "contexts:", "current-context: x", "- name: x", "cluster:", "user:", "context:",
            "server: https://h:1", "certificate-authority-data: QQ==", "certificate-authority: a", "client-key: a",
            "token: t", "tokenFile: t", "exec:", "command: c", "apiVersion: client.authentication.k8s.io/v1",
            "insecure-skip-tls-verify: true", "tls-server-name: h", "proxy-url: p", "namespace: n", "&a ", "*a",
            "<<: *a",
        ],
        seeds: {
            [
                """
                current-context: x
                clusters: [{name: c, cluster: {server: "https://h:1/p", certificate-authority: a}}]
                users: [{name: u, user: {client-certificate-data: QQ==, client-key: k}}]
                contexts: [{name: x, context: {cluster: c, user: u, namespace: n}}]
                """,
                """
                current-context: x
                clusters: [{name: c, cluster: {server: "h:1", insecure-skip-tls-verify: true}}]
                users: [{name: u, user: {exec: {command: c, apiVersion: client.authentication.k8s.io/v1, args: [a]}}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                """,
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        do throws(ClusterProblem) {
            var config = Kubeconfig()
            try config.merge(bytes, file: "f")
            let access = try KubeconfigChoice(config, among: ["f"]) { path in
                path == "a" ? .success([0x41]) : .failure(UnreadableFile(reason: "No such file or directory"))
            }.access(context: nil)
            guard access.place.contains("://") else { throw ClusterProblem(.inability, place: "", cause: "", fix: "") }
        } catch {
            try hold(error.kind == .input && error.place.hasPrefix("f"), "a mistake without its place: \(error)")
            let text = error.description
            try hold(text.utf8.count < 16_384, "\(text.utf8.count) bytes of words")
            try hold(text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0a }, "control characters in a mistake")
        }
    }
}
