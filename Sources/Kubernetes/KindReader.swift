import JSON
import Manifests
import NetValues
import Synchronization

enum ReadingTask: Sendable {
    case kind(Discovery.Served)
    /// Of all Secrets, what they are called.
    case secretNames
    /// TLS Secrets.
    case certificates
}

/// Tasks, each for one taker.
final class TaskQueue: Sendable {
    private let tasks: [ReadingTask]
    private let taken = Mutex(0)

    init(_ tasks: [ReadingTask]) {
        self.tasks = tasks
    }

    func next() -> (Int, ReadingTask)? {
        taken.withLock { taken in
            guard taken < tasks.count else { return nil }
            defer { taken += 1 }
            return (taken, tasks[taken])
        }
    }

    func stop() { taken.withLock { $0 = tasks.count } }
}

/// What came of one task.
struct Harvest: Sendable {
    enum Reach: Sendable {
        case cluster
        /// The rest of the cluster was refused.
        case namespace(APIRefusal)
        case nothing(APIRefusal)
        /// Asked for by name, and not there.
        case absent
    }

    let kind: String
    /// "networkpolicies.networking.k8s.io"
    let shown: String
    let isNamespaced: Bool
    let reach: Reach
    var objects: [ManifestObject] = []
}

/// Reads all objects of a kind, in the own namespace where the whole cluster is forbidden.
struct KindReader {
    private static let namesOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    private let client: APIClient

    init(_ client: APIClient) {
        self.client = client
    }

    func read(_ task: ReadingTask) async throws(ClusterProblem) -> Harvest {
        switch task {
        case .kind(let served):
            let resource = served.resource
            return try await read(
                Listing(
                    trimming: ObjectTrimming(kind: resource.kind, apiVersion: served.apiVersion), root: served.root,
                    plural: resource.plural, shown: served.shown, isNamespaced: resource.isNamespaced,
                    query: resource.query.map { ("fieldSelector", $0) }))
        case .secretNames:
            return try await read(
                Listing(
                    trimming: Self.secrets, root: "/api/v1", plural: "secrets", shown: "secrets", isNamespaced: true,
                    accept: Self.namesOnly))
        case .certificates:
            return try await read(
                Listing(
                    trimming: Self.secrets, root: "/api/v1", plural: "secrets", shown: "secrets", isNamespaced: true,
                    query: [("fieldSelector", "type=kubernetes.io/tls")]))
        }
    }

    private static let secrets = ObjectTrimming(kind: "Secret", apiVersion: "v1")

    private struct Listing {
        let trimming: ObjectTrimming
        let root: String
        let plural: String
        let shown: String
        let isNamespaced: Bool
        var query: [(String, String)] = []
        var accept = "application/json"
    }

    private func read(_ listing: Listing) async throws(ClusterProblem) -> Harvest {
        func harvest(_ reach: Harvest.Reach, _ objects: [ManifestObject] = []) -> Harvest {
            Harvest(
                kind: listing.trimming.kind, shown: listing.shown, isNamespaced: listing.isNamespaced, reach: reach,
                objects: objects)
        }
        func list(_ path: String) async throws(ClusterProblem) -> ListReader.Outcome {
            try await ListReader(
                client: client, path: path, query: listing.query, accept: listing.accept, trimming: listing.trimming
            ).run()
        }
        let refusal: APIRefusal
        switch try await list("\(listing.root)/\(listing.plural)") {
        case .objects(let objects): return harvest(.cluster, objects)
        case .refused(let word): refusal = word
        }
        // A kind that was removed since discovery: there is none of it.
        if refusal.status == 404 { return harvest(.cluster) }
        if listing.trimming.kind == "Namespace", refusal.status == 403 {
            return harvest(.nothing(refusal), try await ownNamespace(listing))
        }
        guard refusal.status == 403, listing.isNamespaced, Self.isName(client.access.namespace) else {
            return harvest(.nothing(refusal))
        }
        switch try await list("\(listing.root)/namespaces/\(client.access.namespace)/\(listing.plural)") {
        case .objects(let objects): return harvest(.namespace(refusal), objects)
        case .refused(let word): return harvest(.nothing(word))
        }
    }

    /// Its labels decide which policies admit it.
    private func ownNamespace(_ listing: Listing) async throws(ClusterProblem) -> [ManifestObject] {
        guard Self.isName(client.access.namespace),
            case .json(let json) = try await client.get("\(listing.root)/namespaces/\(client.access.namespace)"),
            json["kind"]?.string == "Namespace"
        else { return [] }
        return listing.trimming.object(json).map { [$0] } ?? []
    }

    func configMap(_ namespace: String, _ name: String) async throws(ClusterProblem) -> Harvest {
        func harvest(_ reach: Harvest.Reach, _ objects: [ManifestObject] = []) -> Harvest {
            Harvest(
                kind: "ConfigMap", shown: "configmap \(namespace)/\(name)", isNamespaced: false, reach: reach,
                objects: objects)
        }
        switch try await client.get("/api/v1/namespaces/\(namespace)/configmaps/\(name)") {
        case .refused(let refusal): return harvest(refusal.status == 404 ? .absent : .nothing(refusal))
        case .json(let json):
            let object = ObjectTrimming(kind: "ConfigMap", apiVersion: "v1").object(json)
            guard let object, json["kind"]?.string == "ConfigMap", object.name == name else {
                return harvest(.nothing(APIRefusal(status: 200, message: "the answer is no ConfigMap")))
            }
            return harvest(.absent, [object])
        }
    }

    /// RFC 1123 label, so that a path stays what it is.
    private static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d }
    }
}
