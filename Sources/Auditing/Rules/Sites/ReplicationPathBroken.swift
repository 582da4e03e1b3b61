import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Replicas of a database that cannot follow each other (catalogue section 12, the static half).
enum ReplicationPathBroken: AuditRule {
    static let explanation = FindingExplanation(
        id: "replication-path-broken", severity: .error, title: "Replicas of a database do not reach each other",
        signals: [
            "the policies of a database's replicas let them out to each other and not in, or in and not out",
            "all replicas of a StatefulSet are told to be the writer",
            "the policy for traffic between sites allows some ports to ranges only, and the database's is not among them",
            "the database's port fails between sites where others work (seen by probes)",
        ],
        lookalikes: [
            "authentication of the database: then the server greets", "headless-service-missing: the peers' names",
        ],
        traps: ["an operator may choose the writer itself: then nothing of it stands in the environment"],
        remedy: [
            "allow the database's port between the sites, in both directions",
            "have one writer: let an operator (CloudNativePG, Patroni) choose it, or give the first pod alone that role",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let databases = state.workloads.compactMap { Database($0) }
        let siblings = ReplicaPaths(state).findings
        guard !databases.isEmpty else { return siblings }
        return databases.compactMap(writers) + paths(databases, state) + siblings
    }

    /// Several pods of one template with the writer's role.
    private static func writers(_ database: Database) -> Finding? {
        guard let role = database.role, database.isWriter, (database.workload.replicas ?? 1) > 1,
            let name = role["name"]?.text, let value = role["value"]
        else { return nil }
        let count = database.workload.replicas ?? 1
        return finding(
            database.workload.object, at: database.workload.object.place(value), confidence: .likely,
            summary: "All \(count) replicas of \(database.workload.object.title) are told to be the writer.",
            evidence: ["\(name.escaped(limit: 63)) stands in the template, which all \(count) pods have in common"],
            cause: "Pods of one template are told the same: no replica follows another, and each has data of its own.")
    }

    /// Policies between sites that leave the database's port out.
    private static func paths(_ databases: [Database], _ state: DeclaredState) -> [Finding] {
        guard !state.hasForeignPolicies else { return [] }
        let groups = PodGroups(state)
        return groups.policies.indices.compactMap { index -> Finding? in
            let policy = groups.policies[index]
            guard let entry = betweenSites(policy) else { return nil }
            for database in databases {
                let isSelected =
                    policy.namespace == database.workload.namespace && policy.selector.matches(database.workload.labels)
                let union =
                    isSelected ? groups.policies(around: policy, .egress).flatMap(\.egress) : policy.egress
                guard isSelected || database.isAkin(to: policy),
                    !union.contains(where: { $0.covers(.tcp, database.port) })
                else { continue }
                return tell(policy, database, entry, isSelected)
            }
            return nil
        }
    }

    /// Egress to two ranges and more, each with its ports: the last port entry.
    private static func betweenSites(_ policy: NetworkPolicy) -> NetworkPolicy.PortEntry? {
        let peers = policy.egress.flatMap { $0.peers ?? [] }
        guard policy.isolates.contains(.egress), peers.count > 1, peers.allSatisfy({ $0.block != nil }),
            policy.egress.allSatisfy({ $0.peers != nil && $0.ports?.isEmpty == false })
        else { return nil }
        return policy.egress.last?.ports?.last
    }

    private static func tell(
        _ policy: NetworkPolicy, _ database: Database, _ entry: NetworkPolicy.PortEntry, _ isSelected: Bool
    ) -> Finding {
        let peers = policy.egress.flatMap { $0.peers ?? [] }.compactMap(\.block?.range)
        return finding(
            policy.object, at: policy.place(of: entry, .egress).place, confidence: isSelected ? .likely : .possible,
            summary:
                "\(policy.object.title) allows no TCP/\(database.port) between the sites, which \(database.workload.object.title) replicates over.",
            evidence: [
                "allowed out: \(EgressWords.of(policy))",
                "\(database.workload.object.title)\(database.workload.object.place.words.map { " (\($0))" } ?? "") replicates",
            ]
                + (isSelected
                    ? []
                    : ["as written the policy does not select the database's pods: no label and no namespace says so"]),
            cause:
                "What the rules do not name is dropped: replicas at the other site wait for a writer that never answers.",
            patch: PolicyPatch.adding(to: policy, .egress, peers.map { .block($0) }, [database.port], .tcp))
    }

    struct Database {
        let workload: Workload
        let port: UInt16
        /// The variable that says which part a pod plays.
        let role: YAMLNode?

        private static let ports: [(String, UInt16)] = [
            ("postgres", 5432), ("mysql", 3306), ("mariadb", 3306), ("mongo", 27017), ("redis", 6379),
        ]

        /// Of a StatefulSet with several pods of a known database.
        static func port(ofReplicas workload: Workload) -> UInt16? {
            guard workload.kind == "StatefulSet", (workload.replicas ?? 1) > 1, !workload.isHostNetwork else {
                return nil
            }
            let images = workload.template.containers.compactMap { $0["image"]?.text?.lowercased() }
            return ports.first { known in images.contains { $0.contains(known.0) } }?.1
        }

        /// Nil for what is no database, or says nothing of replication.
        init?(_ workload: Workload) {
            let images = workload.template.containers.compactMap { $0["image"]?.text?.lowercased() }
            let variables = workload.template.containers.flatMap { $0["env"]?.items ?? [] }
            let replication = variables.filter { $0["name"]?.text?.uppercased().contains("REPLICATION") == true }
            guard workload.kind == "StatefulSet", !replication.isEmpty,
                let known = Self.ports.first(where: { known in images.contains { $0.contains(known.0) } })
            else { return nil }
            self.workload = workload
            port = known.1
            role = replication.first { $0["name"]?.text?.uppercased().hasSuffix("REPLICATION_MODE") == true }
        }

        var isWriter: Bool {
            role?["value"]?.text.map { ["master", "primary", "source"].contains($0.lowercased()) } == true
        }

        /// Named after the same application: "financial-db" and app=financial-service.
        func isAkin(to policy: NetworkPolicy) -> Bool {
            guard workload.object.writtenNamespace == nil, workload.labels.isEmpty else { return false }
            let own = Set(workload.name.split(separator: "-").filter { $0.count > 4 })
            return policy.selector.requirements.flatMap(\.values).contains { value in
                !own.isDisjoint(with: value.split(separator: "-"))
            }
        }
    }
}
