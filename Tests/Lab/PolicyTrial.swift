import Foundation

/// What leadsman predicts of scenes, and what the kernel does with real connects: for every pair and port.
struct PolicyTrial: Sendable {
    /// "p0 198.18.2.2 TCP 80"
    typealias Flow = String

    /// What of a scene may pass, by each of the two.
    struct Outcome: Sendable {
        let seed: UInt64
        let flows: Int
        let predicted: Set<Flow>
        let seen: Set<Flow>

        var differences: [String] {
            predicted.symmetricDifference(seen).sorted().map {
                "seed \(seed): \($0) is \(seen.contains($0) ? "reached, and predicted not to be" : "not reached, and predicted to be")"
            }
        }
    }

    let binary: String

    /// Every pod, and the one outside, on a link of its own to the router.
    private static let network = LabNetwork(
        nodes: PolicyScene.ends.map(\.node) + ["r"],
        links: PolicyScene.ends.map { node, address in
            let router = address.split(separator: ".").dropLast().joined(separator: ".") + ".1"
            return LabNetwork.Link(
                first: LabNetwork.End(node: node, addresses: ["\(address)/24"]),
                second: LabNetwork.End(node: "r", addresses: ["\(router)/24"]))
        },
        routers: ["r"],
        routes: PolicyScene.ends.map { node, address in
            let router = address.split(separator: ".").dropLast().joined(separator: ".") + ".1"
            return LabNetwork.Route(node: node, route: "default via \(router)")
        })

    func run(seeds: [UInt64]) async throws -> [Outcome] {
        try await Lab.with(Self.network) { lab in
            try await require(lab, Self.servers)
            var outcomes: [Outcome] = []
            for seed in seeds { outcomes.append(try await outcome(seed, lab)) }
            return outcomes
        }
    }

    private static let program = Shell.line([LabFiles.python, LabFiles.path("reach.py", for: .root)])

    private static var servers: String {
        let starts = PolicyScene.ends.map { "./enter \($0.node) \(program) serve \($0.node).ready > /dev/null 2>&1 &" }
        let waits = PolicyScene.ends.map { "until [ -e \($0.node).ready ]; do sleep 0.01; done" }
        return (starts + waits).joined(separator: "\n")
    }

    private func outcome(_ seed: UInt64, _ lab: Lab) async throws -> Outcome {
        let scene = PolicyScene(seed: seed)
        lab.world.scratch.write("policies.yaml", scene.manifests)
        lab.world.scratch.write("policies.nft", PolicyFilter(scene).text)
        let trials = PolicyScene.ends.map { node, own in
            let others = PolicyScene.ends.map(\.address).filter { $0 != own }.joined(separator: " ")
            return "./enter \(node) \(Self.program) try \(others) > \(node).seen & trials=\"$trials $!\""
        }
        let files = PolicyScene.ends.map { "sed 's/^/\($0.node) /' \($0.node).seen" }.joined(separator: "\n")
        let seen = try await require(
            lab,
            "./enter r nft -f policies.nft\n\(trials.joined(separator: "\n"))\nfor trial in $trials; do wait $trial; done\n\(files)"
        )
        let report = try await lab.run(
            in: "r", [binary, "audit", "\(lab.world.scratch.path)/policies.yaml", "--connectivity", "--format", "json"])
        let lines = seen.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let flows = lines.filter { $0.count == 5 }
        return Outcome(
            seed: seed, flows: flows.count,
            predicted: try PolicyPrediction(json: report.output).allowed(of: flows.map { Array($0.prefix(4)) }),
            seen: Set(flows.filter { $0[4] == "yes" }.map { $0.prefix(4).joined(separator: " ") }))
    }

    @discardableResult
    private func require(_ lab: Lab, _ script: String) async throws -> String {
        let run = try await lab.world.run("set -e\n" + script, seconds: 60)
        guard run.status == 0 else { throw LabFailure("\(run.errors)\(run.output)\n\(script)") }
        return run.output
    }
}

/// The rows of `leadsman/connectivity/v1`, asked about single flows.
private struct PolicyPrediction {
    private typealias Object = [String: Any]

    private let rows: [Object]

    init(json: String) throws {
        let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? Object
        guard let rows = document?["allowed"] as? [Object] else { throw LabFailure("no rows: \(json)") }
        self.rows = rows
    }

    /// - Parameter flows: node, address, protocol and port.
    func allowed(of flows: [[String]]) throws -> Set<PolicyTrial.Flow> {
        let nodes = Dictionary(uniqueKeysWithValues: PolicyScene.ends.map { ($0.address, $0.node) })
        let pods = Dictionary(
            uniqueKeysWithValues: PolicyScene.pods.map { ($0.node, "\($0.namespace)/\($0.node)[Pod]") })
        return Set(
            flows.filter { flow in
                guard let target = nodes[flow[1]], let port = Int(flow[3]) else { return false }
                return rows.contains { row in
                    Self.holds(row, "from", pods[flow[0]]) && Self.holds(row, "to", pods[target])
                        && Self.has(row["ports"], flow[2], port)
                }
            }.map { $0.joined(separator: " ") })
    }

    /// - Parameter pod: nil for the address outside.
    private static func holds(_ row: Object, _ key: String, _ pod: String?) -> Bool {
        guard let name = row[key] as? String else { return false }
        if let pod { return name == pod }
        if name == "external" { return true }
        let except = row["\(key)Except"] as? [String] ?? []
        let address = PolicyScene.outside.address
        return isWithin(address, name) && !except.contains { isWithin(address, $0) }
    }

    private static func has(_ ports: Any?, _ transport: String, _ port: Int) -> Bool {
        if ports as? String == "all" { return true }
        return (ports as? [Object] ?? []).contains { entry in
            guard let first = entry["from"] as? Int, let last = entry["to"] as? Int else { return false }
            return entry["protocol"] as? String == transport && (first...last).contains(port)
        }
    }

    private static func isWithin(_ address: String, _ range: String) -> Bool {
        let parts = range.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]), !range.contains(":"), !range.contains("[") else {
            return false
        }
        let mask: UInt32 = length == 0 ? 0 : ~0 << UInt32(32 - length)
        return number(address) & mask == number(String(parts[0])) & mask
    }

    private static func number(_ address: String) -> UInt32 {
        address.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) }
    }
}
