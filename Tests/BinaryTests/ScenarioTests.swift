import Foundation
import Testing

/// The built-in plans, as a user meets them.
@Suite struct ScenarioTests {
    private static let names = ["ecommerce", "multi-cluster", "service-mesh", "edge", "hybrid-cloud", "aks"]

    @Test("All are listed, and each tells its variables and what it covers")
    func list() async throws {
        let list = try await Program.run("scenarios")
        #expect(list.status == 0 && Self.names.allSatisfy(list.output.contains))
        for name in Self.names {
            let one = try await Program.run("scenarios", name)
            #expect(one.status == 0 && one.output.contains("Variables") && one.output.contains("What no probe can see"))
        }
        let edge = try await Program.run("scenarios", "edge")
        #expect(edge.output.contains("power and temperature") && edge.output.contains("Temperature issues"))
    }

    @Test("The list as JSON")
    func json() async throws {
        let run = try await Program.run("scenarios", "--format", "json")
        #expect(run.status == 0 && run.json.text("schema") == "leadsman/scenarios/v1")
        let scenarios = run.json.list("scenarios")
        #expect(scenarios.compactMap { $0.text("name") } == Self.names)
        for scenario in scenarios {
            #expect(["A", "B"].contains(scenario.text("document")))
            #expect(!scenario.list("variables").isEmpty && !scenario.list("notProbed").isEmpty)
            for check in scenario.list("checks") {
                #expect(check.text("kind")?.isEmpty == false && check.text("target")?.isEmpty == false)
                let covers = check.list("covers")
                #expect(!covers.isEmpty)
                #expect(
                    covers.allSatisfy { $0["line"] is Int && $0.text("statement") != nil && $0.text("kind") != nil })
            }
        }
    }

    @Test("What is wrong is told, and nothing is sent")
    func mistakes() async throws {
        let wrong: [([String], String)] = [
            (["run"], "--scenario"),
            (["run", "--scenario", "ecomerce"], "did you mean 'ecommerce'?"),
            (["run", "--scenario", "ecommerce"], "--set SHOP=shop.example.com"),
            (["run", "--scenario", "ecommerce", "--set", "CA=/tmp/x"], "--set SHOP=shop.example.com"),
            (["run", "--scenario", "ecommerce", "--set", "SHOPP=a"], "did you mean SHOP?"),
            (["run", "--scenario", "ecommerce", "--set", "SHOP"], "NAME=VALUE"),
            (["run", "--scenario", "ecommerce", "--set", "SHOP="], "SHOP: it is empty"),
            (["run", "--scenario", "ecommerce", "--set", "SHOP=a", "--set", "SHOP=b"], "twice"),
            (["run", "--scenario", "ecommerce", "--set", "SHOP=a b"], "SHOP: it holds a blank"),
            (["run", "--scenario", "ecommerce", "--set", "SHOP=${env:HOME}"], "SHOP: it refers to a secret"),
            (["run", "--scenario", "edge", "--set", "SPEED_SERVER=a:1", "--set", "UPLINK=fast"], "UPLINK: "),
            (["run", "plan.yaml", "--set", "A=b"], "--set needs --scenario"),
            (["scenarios", "nothing-like-it"], "known are"),
            (["scenarios", "--plan"], "needs the name"),
            (["scenarios", "aks", "--set", "SERVICE=a:1"], "--set needs --plan"),
            (["scenarios", "aks", "--plan"], "--set SERVICE="),
        ]
        for (words, message) in wrong {
            let run = try await Program.shell("$L \(words.map { "'\($0)'" }.joined(separator: " "))")
            #expect(run.status == 2 && run.output.isEmpty, "\(words)")
            #expect(run.errors.contains(message), "\(words)\n\(run.errors)")
        }
    }

    @Test("A scenario runs, and says what it leaves out; as a plan it is the same")
    func runs() async throws {
        let peer = try Peer(.accepting)
        let service = "127.0.0.1:\(peer.port)"
        let words = ["--set", "SERVICE=\(service)", "--samples", "2", "--interval", "10ms", "--format", "json"]
        let run = try await Program.shell("$L run --scenario aks \(words.joined(separator: " "))")
        #expect(run.status == 0)
        let checks = run.json.list("checks")
        #expect(checks.compactMap { $0.text("name") } == ["Service answers", "latency of the Service"])
        #expect((checks.first?["labels"] as? [String: String])?["statements"]?.hasPrefix("A 9 ") == true)
        #expect(run.errors.contains("not run: bandwidth: needs --set SPEED_SERVER=… and --set RATE=…"))
        #expect(run.errors.contains("--duration 6m"))

        let plan = try await Program.run("scenarios", "aks", "--plan", "--set", "SERVICE=\(service)")
        #expect(plan.status == 0 && plan.output.hasPrefix("leadsman: 1\n"))
        let again = try await Program.run(
            "run", "-", "--samples", "2", "--interval", "10ms", "--format", "json", input: plan.output)
        #expect(again.json.list("checks").compactMap { $0.text("name") } == checks.compactMap { $0.text("name") })
    }

    @Test("A scenario and a plan are one run")
    func together() async throws {
        let peer = try Peer(.accepting)
        let service = "127.0.0.1:\(peer.port)"
        let plan = "{leadsman: 1, checks: [{name: mine, tcp: '\(service)', needs: [Service answers]}]}"
        let run = try await Program.run(
            "run", "-", "--scenario", "aks", "--set", "SERVICE=\(service)", "--samples", "2", "--interval", "10ms",
            "--format", "json", input: plan)
        #expect(run.json.list("checks").last?.text("name") == "mine" && run.json.list("checks").count == 3)
    }
}
