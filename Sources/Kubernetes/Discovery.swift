import JSON
import NetValues
import Planning

/// Which kinds this cluster serves, so that a missing CRD costs nothing and is no error.
struct Discovery: Sendable {
    /// A kind, and the group and version to ask for it in.
    struct Served: Sendable {
        let resource: ResourceKind
        let group: String
        let version: String

        var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
        var root: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }
        var shown: String { resource.shown(in: group) }
    }

    private(set) var served: [Served] = []
    /// Kinds of which it could not be found out, and why.
    private(set) var unknown: [(resource: ResourceKind, why: String)] = []

    private static let builtIn: Set<String> = ["apps", "batch", "networking.k8s.io", "discovery.k8s.io"]
    private static let mostVersions = 32

    /// - Throws: where this is no API server, or one that cannot be asked at all.
    static func of(_ client: APIClient) async throws(ClusterProblem) -> Discovery {
        var found = Discovery()
        let groups: [String: [String]]
        switch try await client.get("/apis") {
        case .json(let json): groups = try Self.groups(json, client.access)
        case .refused(let refusal) where refusal.status == 403:
            // RBAC without system:discovery: what every cluster serves can be asked for all the same.
            try await found.guess(refusal)
            return found
        case .refused(let refusal): throw Self.problem(refusal, client.access)
        }
        var listings: [String: Set<String>?] = [:]
        for resource in ResourceKind.all {
            if resource.groups == [""] {
                found.served.append(Served(resource: resource, group: "", version: "v1"))
                continue
            }
            try await found.look(for: resource, in: groups, &listings, client)
        }
        return found
    }

    private mutating func guess(_ refusal: APIRefusal) async throws(ClusterProblem) {
        for resource in ResourceKind.all {
            if let group = resource.groups.first, group.isEmpty || Self.builtIn.contains(group) {
                served.append(Served(resource: resource, group: group, version: resource.versions[0]))
            } else {
                unknown.append((resource, "the list of API groups is forbidden"))
            }
        }
    }

    private mutating func look(
        for resource: ResourceKind, in groups: [String: [String]], _ listings: inout [String: Set<String>?],
        _ client: APIClient
    ) async throws(ClusterProblem) {
        for group in resource.groups {
            guard let offered = groups[group] else { continue }
            let known = resource.versions.filter(offered.contains)
            for version in known.isEmpty ? Array(offered.prefix(1)) : known {
                let path = "/apis/\(group)/\(version)"
                if listings[path] == nil { listings[path] = try await Self.names(path, client) }
                guard let names = listings[path] ?? nil else {
                    unknown.append((resource, "the API group \(group) does not answer"))
                    return
                }
                guard names.contains(resource.plural) else { continue }
                served.append(Served(resource: resource, group: group, version: version))
                return
            }
        }
    }

    /// Plurals of the resources that a group serves; nil where it does not say, as when the server behind an aggregated API is down.
    private static func names(_ path: String, _ client: APIClient) async throws(ClusterProblem) -> Set<String>? {
        switch try await client.get(path) {
        case .json(let json):
            guard json["kind"]?.string == "APIResourceList", let resources = json["resources"]?.array else {
                return nil
            }
            return Set(resources.compactMap { $0["name"]?.string })
        case .refused(let refusal): return refusal.status == 404 ? [] : nil
        }
    }

    /// Groups with their versions, the server's favourite first.
    private static func groups(
        _ json: JSONValue, _ access: ClusterAccess
    ) throws(ClusterProblem) -> [String: [String]] {
        guard json["kind"]?.string == "APIGroupList", let groups = json["groups"]?.array else {
            throw access.problem("answers, but not as a Kubernetes API server does", "check `server`")
        }
        var found: [String: [String]] = [:]
        for group in groups {
            guard let name = group["name"]?.string, isPathPart(name) else { continue }
            let favourite = group["preferredVersion"]?["version"]?.string
            let versions = (group["versions"]?.array ?? []).prefix(mostVersions).compactMap { $0["version"]?.string }
            found[name] = ([favourite].compactMap { $0 } + versions).unique().filter(isPathPart)
        }
        return found
    }

    /// As names of groups and versions are (RFC 1123), so that a path stays what it is.
    private static func isPathPart(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x61...0x7a, 0x2d, 0x2e: true
                default: false
                }
            } && !text.hasPrefix(".")
    }

    private static func problem(_ refusal: APIRefusal, _ access: ClusterAccess) -> ClusterProblem {
        if refusal.status == 200 {
            return access.problem("answers, but not with JSON", "check `server`: is this a Kubernetes API server?")
        }
        if refusal.status == 400, access.server.scheme == .http {
            return access.problem(
                "refuses plain HTTP (400), as a port does that speaks TLS",
                "write `server: https://…`; plain HTTP is for kubectl proxy")
        }
        let words = refusal.message.isEmpty ? "" : ": \(refusal.message)"
        return access.problem(
            "answers with HTTP \(refusal.status)\(words)",
            refusal.status == 404 || (300..<400).contains(refusal.status)
                ? "check `server`: is this a Kubernetes API server?" : "try again, or look at the API server's log")
    }
}
