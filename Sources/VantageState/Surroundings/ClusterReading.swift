import NetValues
import Observations

/// Whether this is a pod, and of what cluster: by what kubelet mounts and sets (kubernetes.io, "Accessing the Kubernetes API
/// from a Pod"), since a pod has no right to ask.
struct ClusterReading {
    static let variables = [
        "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "NODE_NAME", "MY_NODE_NAME", "KUBE_NODE_NAME", "POD_NAME",
        "MY_POD_NAME", "POD_NAMESPACE", "MY_POD_NAMESPACE", "HOSTNAME",
    ]
    private static let account = "/var/run/secrets/kubernetes.io/serviceaccount"

    private(set) var signs = ClusterSigns()

    init(files: SurroundingsFiles, environment: [String: String], resolver: ResolverConfiguration) {
        readAccount(files)
        readVariables(environment)
        signs.domain = Self.domain(in: resolver.search)
        if let domain = signs.domain { signs.signs.append("search list of \(domain)") }
        readPlace(files, environment)
    }

    private mutating func readAccount(_ files: SurroundingsFiles) {
        if files.exists("\(Self.account)/token") {
            signs.tokenPath = "\(Self.account)/token"
            if case .failure(let problem) = AccountToken.read("\(Self.account)/token", in: files) {
                signs.tokenProblem = problem.reason
            }
            signs.signs.append("service account")
        }
        if files.exists("\(Self.account)/ca.crt") { signs.authorityPath = "\(Self.account)/ca.crt" }
        signs.namespace = files.text("\(Self.account)/namespace")?.trimmedBlanks.escaped(limit: 63)
    }

    private mutating func readVariables(_ environment: [String: String]) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }?.escaped(limit: 253)
        }
        if let host = environment["KUBERNETES_SERVICE_HOST"].flatMap({ Host($0) }) {
            let port = environment["KUBERNETES_SERVICE_PORT"].flatMap { UInt16(decimal: $0) } ?? 443
            signs.apiServer = HostPort(host: host, port: port)
            signs.signs.append("KUBERNETES_SERVICE_HOST")
        }
        signs.node = first("NODE_NAME", "MY_NODE_NAME", "KUBE_NODE_NAME")
        signs.namespace = signs.namespace ?? first("POD_NAMESPACE", "MY_POD_NAMESPACE")
        signs.pod = first("POD_NAME", "MY_POD_NAME")
    }

    private mutating func readPlace(_ files: SurroundingsFiles, _ environment: [String: String]) {
        // kubelet writes this line into the file that it mounts (pkg/kubelet/kubelet_pods.go, managedHostsHeader).
        let managed = files.text("/etc/hosts")?.split(separator: "\n").first {
            $0.hasPrefix("# Kubernetes-managed hosts file")
        }
        let isMounted = files.text("/proc/self/mountinfo").map { $0.contains("/kubelet/pods/") } ?? false
        let isGrouped = files.text("/proc/self/cgroup").map { $0.contains("kubepods") } ?? false
        if managed != nil { signs.signs.append("hosts file written by kubelet") }
        if isMounted { signs.signs.append("volumes of kubelet") }
        if isGrouped { signs.signs.append("cgroup of pods") }
        if signs.tokenPath != nil || signs.apiServer != nil || managed != nil || isMounted || isGrouped {
            signs.place = .pod
            signs.pod = signs.pod ?? environment["HOSTNAME"]?.escaped(limit: 253)
            if let managed { signs.usesHostNetwork = managed.contains("host network") }
        } else if let path = ["/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet.conf"].first(where: files.exists)
        {
            signs.place = .node
            signs.signs.append(path)
        }
        // A pod on its node's network has its node's name; another pod has its own.
        if signs.place == .pod, signs.usesHostNetwork == nil, let node = signs.node, let name = environment["HOSTNAME"]
        {
            signs.usesHostNetwork = name == node
        }
    }

    /// `default.svc.cluster.local svc.cluster.local cluster.local`: what follows `svc`.
    private static func domain(in search: [DomainName]) -> DomainName? {
        for name in search {
            guard let place = name.labels.prefix(2).firstIndex(of: "svc"), name.labels.count > place + 1 else {
                continue
            }
            return DomainName(name.labels.dropFirst(place + 1).joined(separator: "."))
        }
        return nil
    }
}
