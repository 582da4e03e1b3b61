import NetValues
import Observations
import Planning

/// Gateways, cluster, cloud and proxies, line by line.
struct SurroundingsLines {
    let surroundings: VantageSurroundings
    let checks: [CheckReport]

    var lines: [VantageLine] { gateways + cluster + cloud + proxies }

    private var gateways: [VantageLine] {
        let checks = checks.of(.gateway)
        return checks.filter { $0.kind == "tcp" }.map { connect in
            let ping = checks.first { $0.kind == "icmp" && connect.name.hasPrefix("\($0.name) ") }
            let isThere = ping?.answers == true || connect.answers
            return VantageLine(
                .routes, ping?.name ?? connect.name, words(ping, connect),
                why: isThere
                    ? "all that leaves this network goes through it"
                    : "some gateways answer nobody and forward all the same: look whether anything beyond it answers")
        }
    }

    private func words(_ ping: CheckReport?, _ connect: CheckReport) -> String {
        if let ping, ping.answers {
            return "answers ping\(ping.latency?["p50"].map { " in \(Milliseconds.spoken($0))" } ?? "")"
        }
        let silence = ping?.wasMeasured == true ? "answers no ping" : "ping needs a right that is not here"
        guard connect.wasMeasured else { return silence }
        return connect.answers
            ? "is there: a closed port of it refuses (\(silence))" : "\(silence), and a closed port of it is silent"
    }

    // MARK: Cluster

    private var cluster: [VantageLine] {
        let cluster = surroundings.cluster
        switch cluster.place {
        case .outside:
            return [
                VantageLine(
                    .cluster, "Kubernetes",
                    cluster.domain.map { "no pod, though the search list is that of the cluster \($0)" }
                        ?? "no sign of it",
                    why: "names of Services and network policies do not matter here")
            ]
        case .node:
            return [
                VantageLine(
                    .cluster, "Kubernetes", "this is a node (\(listed(cluster.signs, limit: 3)))",
                    why: "network policies do not bind a node itself, and names of Services are not resolved here")
            ]
        case .pod: return pod
        }
    }

    private var pod: [VantageLine] {
        let cluster = surroundings.cluster
        let place = [
            cluster.pod.map { "pod \($0)" } ?? "a pod", cluster.namespace.map { "in the namespace \($0)" },
            cluster.node.map { "on the node \($0)" },
        ].compactMap(\.self).joined(separator: " ")
        var lines = [
            VantageLine(
                .cluster, "Kubernetes", "\(place) (\(listed(cluster.signs, limit: 4)))",
                why: "network policies that select this pod decide what it reaches and who reaches it"),
            VantageLine(
                .cluster, "network",
                cluster.networkWords,
                why: cluster.usesHostNetwork == true
                    ? "no network policy binds this pod, and it may reach what only nodes should"
                    : "network policies bind this pod"),
        ]
        if let problem = cluster.tokenProblem {
            lines.append(
                VantageLine(
                    .cluster, "service account token", "not used: \(problem)",
                    why: "the API is asked without it, and answers 401 or 403", isRemarkable: true))
        }
        lines += checks.of(.clusterDNS).map { check in
            VantageLine(
                .cluster, check.name, "\(check.outcomeWords) for \(check.target)",
                why: "Services are found by name: without it hardly anything in a cluster works",
                isRemarkable: check.wasMeasured && !check.answers)
        }
        lines += checks.of(.clusterAPI).map { check in
            let status = check.httpStatus.map { $0 == 200 ? "" : ", status \($0)" } ?? ""
            return VantageLine(
                .cluster, check.name, "\(check.outcomeWords)\(status)",
                why: "controllers and sidecars need it; 401 and 403 show that it is reached as well",
                isRemarkable: check.wasMeasured && !check.answers)
        }
        return lines
    }

    // MARK: Cloud

    private var cloud: [VantageLine] {
        var lines: [VantageLine] = []
        if let cloud = surroundings.cloud {
            lines.append(
                VantageLine(
                    .cloud, "machine", "\(cloud.name) (\(cloud.sign))",
                    why: "security groups and route tables of the cloud decide beside what this machine shows"))
        }
        return lines
            + checks.of(.metadata).map { check in
                let words =
                    check.answers
                    ? "answers, status \(check.httpStatus.map { String($0) } ?? "unknown")"
                    : check.wasMeasured ? "does not answer" : check.outcomeWords
                let isExposed = check.answers && surroundings.isIsolatedPod
                return VantageLine(
                    .cloud, check.name, "\(check.target) \(words)",
                    why: check.answers
                        ? "it hands out the machine's identity to whoever can ask: pods should not be able to"
                        : "it would hand out the machine's identity to whoever can ask", isRemarkable: isExposed)
            }
    }

    // MARK: Proxies

    private var proxies: [VantageLine] {
        let proxies = surroundings.proxies
        guard !proxies.isEmpty else {
            return [VantageLine(.proxy, "variables", "none is set", why: "programs connect directly")]
        }
        let variables = proxies.variables.map { variable in
            VantageLine(
                .proxy, variable.name, variable.shown,
                why: variable.name.lowercasedASCII() == "no_proxy"
                    ? "these are connected to directly" : "programs that know proxies send requests there")
        }
        let reach = checks.of(.proxy).map { check in
            VantageLine(
                .proxy, check.name, check.outcomeWords, why: "every request of those programs stands and falls with it",
                isRemarkable: check.wasMeasured && !check.answers)
        }
        let traps = proxies.traps.map { trap in
            VantageLine(
                .proxy, "trap", trap, why: "programs read these variables each in its own way", isRemarkable: true)
        }
        return variables + reach + traps
    }
}

extension ClusterSigns {
    fileprivate var networkWords: String {
        switch usesHostNetwork {
        case true?: "the node's (hostNetwork)"
        case false?: "the pod's own"
        case nil: "nothing shows whether it is the pod's own or the node's"
        }
    }
}
