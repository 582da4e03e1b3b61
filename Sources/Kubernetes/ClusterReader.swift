import JSON
import LinuxIO
import Manifests
import NetValues
import Observations
import ProbeKit

/// Reads the declared state of a cluster from its API, as far as RBAC allows; it changes nothing there.
package struct ClusterReader: Sendable {
    private static let patience = Duration.seconds(600)

    private let capabilities: Capabilities
    private let reactor: Reactor
    private let time: any TimeSource
    private let agent: String
    private let largestAnswer: Int
    private let certificates: (any CertificateDescribing)?

    /// - Parameter agent: how this program names itself to the server.
    /// - Parameter largestAnswer: in bytes.
    /// - Parameter certificates: to say that a client certificate has ended.
    package init(
        capabilities: Capabilities, reactor: Reactor, time: any TimeSource, agent: String,
        largestAnswer: Int = 128 << 20, certificates: (any CertificateDescribing)? = nil
    ) {
        self.largestAnswer = largestAnswer
        self.certificates = certificates
        self.capabilities = capabilities
        self.reactor = reactor
        self.time = time
        self.agent = agent
    }

    /// - Throws: where the API cannot be asked at all; what is forbidden stands in the set as not readable.
    package func read(_ access: ClusterAccess) async throws(ClusterProblem) -> ManifestSet {
        let credentials = CredentialSource(access, reactor: reactor)
        let budget = ReadingBudget(deadline: time.now() + Self.patience)
        let clients = (0..<2).map { _ in
            APIClient(
                access: access,
                connection: APIConnection(
                    access, capabilities: capabilities, time: time, agent: agent, largestBody: largestAnswer),
                credentials: credentials, time: time, budget: budget, certificates: certificates)
        }
        let result = await reading(clients, access)
        for client in clients { await client.connection.close() }
        return try result.get()
    }

    private func reading(_ clients: [APIClient], _ access: ClusterAccess) async -> Result<ManifestSet, ClusterProblem> {
        do throws(ClusterProblem) {
            let discovery = try await Discovery.of(clients[0])
            let tasks = discovery.served.map { ReadingTask.kind($0) } + [.secretNames, .certificates]
            let harvests = try await harvest(tasks, clients)
            var state = ClusterState(discovery, namespace: access.namespace)
            for harvest in harvests { state.take(harvest) }
            for place in ResourceKind.configMaps where state.mayHold(place.namespace) {
                state.take(try await KindReader(clients[0]).configMap(place.namespace, place.name))
            }
            var set = state.set
            set.release = await Self.release(clients[0])
            return .success(set)
        } catch {
            return .failure(error)
        }
    }

    /// "20+" of `/version`, which everybody may read. Nothing hangs on it: a server that does not say it is no problem.
    private static func release(_ client: APIClient) async -> Int? {
        guard case .json(let json)? = try? await client.get("/version"), json["major"]?.string == "1" else {
            return nil
        }
        return json["minor"]?.string.flatMap { Int($0.prefix { ("0"..."9").contains($0) }) }
    }

    /// Each connection takes the next task when it is free; the order of the tasks is that of the result.
    private func harvest(_ tasks: [ReadingTask], _ clients: [APIClient]) async throws(ClusterProblem) -> [Harvest] {
        let queue = TaskQueue(tasks)
        let results = await withTaskGroup(of: Result<[(Int, Harvest)], ClusterProblem>.self) { group in
            for client in clients { group.addTask { await Self.work(client, queue) } }
            var all: [Result<[(Int, Harvest)], ClusterProblem>] = []
            for await result in group { all.append(result) }
            return all
        }
        var found: [(Int, Harvest)] = []
        for result in results { found += try result.get() }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func work(_ client: APIClient, _ queue: TaskQueue) async -> Result<[(Int, Harvest)], ClusterProblem>
    {
        var found: [(Int, Harvest)] = []
        do throws(ClusterProblem) {
            while let (index, task) = queue.next() { found.append((index, try await KindReader(client).read(task))) }
            return .success(found)
        } catch {
            queue.stop()
            return .failure(error)
        }
    }
}

extension ClusterReader {
    /// What it asks for cluster-wide, for the role that allows it: resources by API group.
    package static var resources: [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for kind in ResourceKind.all {
            for group in kind.groups { found[group, default: []].insert(kind.plural) }
        }
        return found
    }

    /// ConfigMaps that it asks for by name: names by namespace.
    package static var configMaps: [String: Set<String>] {
        ResourceKind.configMaps.reduce(into: [:]) { $0[$1.namespace, default: []].insert($1.name) }
    }
}
