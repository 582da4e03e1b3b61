import JSON
import NetValues
import Observations

extension VantageSurroundings {
    /// Members of a report's vantage. Of proxies no credentials, of a service account no token.
    var members: JSONObject {
        var object = JSONObject([("cluster", .object(cluster.members))])
        object["cloud"] = cloud.map { .object(JSONObject([("name", .string($0.name)), ("sign", .string($0.sign))])) }
        object["proxy"] = .object(proxies.members)
        return object
    }
}

extension ClusterSigns {
    fileprivate var members: JSONObject {
        var object = JSONObject([("place", .string(place.rawValue)), ("signs", .strings(signs))])
        object["namespace"] = namespace.map { .string($0) }
        object["pod"] = pod.map { .string($0) }
        object["node"] = node.map { .string($0) }
        object["api"] = apiServer.map { .string($0.description) }
        object["tokenProblem"] = tokenProblem.map { .string($0) }
        object["domain"] = domain.map { .string($0.description) }
        object["hostNetwork"] = usesHostNetwork.map { .bool($0) }
        return object
    }
}

extension ProxySettings {
    fileprivate var members: JSONObject {
        JSONObject([
            ("variables", .map([String: String](variables.map { ($0.name, $0.shown) }) { $1 })),
            ("noProxy", .strings(exceptions)), ("traps", .strings(traps)),
        ])
    }
}

extension ResolverConfiguration {
    var members: JSONObject {
        JSONObject([
            ("source", .string(source)), ("servers", .strings(servers.map(\.description))),
            ("search", .strings(search.map(\.description))), ("ndots", .int(ndots)),
            ("timeoutMs", .milliseconds(timeout)), ("attempts", .int(attempts)), ("useTCP", .bool(useTCP)),
            ("traps", .strings(oddities.map(\.description))),
        ])
    }
}
