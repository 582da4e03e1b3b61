import Glibc
import LinuxIO
import NetValues
import Planning

/// Finds the cluster that is meant as kubectl does: the file that was named, else KUBECONFIG, else ~/.kube/config, else the service account
/// of the pod that this runs in.
package struct ClusterLocator: Sendable {
    /// The folder that the kubelet mounts into a pod.
    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
    private static let largestFile = 8 << 20

    private let file: String?
    private let context: String?
    private let environment: @Sendable (String) -> String?
    private let serviceAccount: String

    package init(
        kubeconfig file: String?, context: String?,
        environment: @escaping @Sendable (String) -> String? = { ProcessEnvironment.value(of: $0) },
        serviceAccount: String = Self.serviceAccountFolder
    ) {
        self.file = file
        self.context = context
        self.environment = environment
        self.serviceAccount = serviceAccount
    }

    package func locate() throws(ClusterProblem) -> ClusterAccess {
        let paths = self.paths
        var config = Kubeconfig()
        for path in paths where file != nil || access(path, F_OK) == 0 {
            switch FileBytes.read(path, limit: Self.largestFile, patience: .seconds(5)) {
            case .success(let bytes): try config.merge(bytes, file: path)
            case .failure(let failure):
                throw ClusterProblem(
                    .input, place: path.escaped(limit: 4096), cause: "cannot be read: \(failure.reason)",
                    fix: "name a kubeconfig that can be read: --kubeconfig FILE, or the variable KUBECONFIG")
            }
        }
        if !config.isEmpty || file != nil {
            return try KubeconfigChoice(config, among: paths).access(context: context)
        }
        guard context == nil, let host = value("KUBERNETES_SERVICE_HOST") else { throw nothingFound(paths) }
        return try podAccess(host)
    }

    private var paths: [String] {
        if let file { return [file] }
        if let list = value("KUBECONFIG") { return list.split(separator: ":").map { String($0) } }
        return value("HOME").map { ["\($0)/.kube/config"] } ?? []
    }

    private func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }

    private func nothingFound(_ paths: [String]) -> ClusterProblem {
        let looked = paths.isEmpty ? "KUBECONFIG and HOME are not set" : "looked for \(paths.joined(separator: ", "))"
        return ClusterProblem(
            .input, place: "cluster",
            cause: "no kubeconfig with anything in it (\(looked.escaped(limit: 1000)))"
                + (context == nil ? ", and this is no pod with a service account" : ""),
            fix: "name one: --kubeconfig FILE, or the variable KUBECONFIG; for AKS: az aks get-credentials")
    }

    // MARK: In a pod

    private func podAccess(_ host: String) throws(ClusterProblem) -> ClusterAccess {
        let port = value("KUBERNETES_SERVICE_PORT").flatMap { UInt16(decimal: $0) } ?? 443
        guard let host = Host(host), port > 0 else {
            throw ClusterProblem(
                .input, place: "KUBERNETES_SERVICE_HOST", cause: "“\(host.escaped(limit: 100))” is no host",
                fix: "leave it as the kubelet sets it")
        }
        let token = "\(serviceAccount)/token"
        var found = ClusterAccess(
            server: HTTPURL(scheme: .https, host: host, port: port), namespace: namespaceOfPod ?? "default",
            origin: "the service account of this pod")
        guard case .success(let authorities) = FileBytes.read("\(serviceAccount)/ca.crt", limit: Self.largestFile),
            access(token, R_OK) == 0
        else {
            throw ClusterProblem(
                .inability, place: serviceAccount,
                cause: "KUBERNETES_SERVICE_HOST is set, but there is no service account token with its ca.crt",
                fix: "let the pod have one: automountServiceAccountToken: true, and serviceAccountName with the rights "
                    + "of Documentation/KUBERNETES.md")
        }
        found.authorities = authorities
        found.user = .tokenFile(token, otherwise: nil)
        return found
    }

    private var namespaceOfPod: String? {
        SmallFile.read("\(serviceAccount)/namespace", limit: 1024).map { String($0.prefix { !$0.isWhitespace }) }
            .flatMap { $0.isEmpty ? nil : $0 }
    }
}
