import DNSProbe
import FlowsProbe
import Foundation
import HTTPProbe
import ICMPProbe
import MTUProbe
import NetValues
import PlanFile
import Planning
import ProbeKit
import TCPProbe
import TLSProbe
import Testing
import ThroughputProbe
import TraceProbe
import UDPProbe

@testable import Scenarios

@MainActor @Suite struct ScenariosTests {
    private static let probes: [ProbeDescription] = [
        DNSProbe.description, TCPProbe.description, TLSProbe.description, HTTPProbe.description, ICMPProbe.description,
        UDPProbe.description, FlowsProbe.description, MTUProbe.description, TraceProbe.description,
        ThroughputProbe.description,
    ]
    private static let reader = PlanReader(probes: probes, environment: { _ in nil })

    private static func examples(_ scenario: Scenario, where isTaken: (ScenarioVariable) -> Bool) -> [String: String] {
        Dictionary(uniqueKeysWithValues: scenario.variables.filter(isTaken).map { ($0.name, $0.example) })
    }

    @Test(
        "With all variables, and with the required ones alone, every check is in a plan without mistakes",
        arguments: ScenarioBook.all.map(\.name))
    func plansAreRight(_ name: String) throws {
        let scenario = try #require(ScenarioBook.scenario(name))
        for isTaken in [{ _ in true }, \.isRequired] as [(ScenarioVariable) -> Bool] {
            let filled = ScenarioPlan(scenario, given: Self.examples(scenario, where: isTaken))
            #expect(filled.leftOut.isEmpty)
            let plan = try Self.reader.read(text: filled.text, file: "plan")
            #expect(plan.checks.map(\.name) == scenario.checks.map(\.name))
            #expect(plan.checks.map(\.kind) == scenario.checks.map(\.kind))
            #expect(plan.checks.allSatisfy { $0.labels["scenario"] == name && $0.labels["statements"] != nil })
        }
    }

    @Test("Variables are well formed, and each is used", arguments: ScenarioBook.all.map(\.name))
    func variables(_ name: String) throws {
        let scenario = try #require(ScenarioBook.scenario(name))
        #expect(Set(scenario.variables.map(\.name)).count == scenario.variables.count)
        for variable in scenario.variables {
            #expect(variable.form.mistake(in: variable.example) == nil, "\(variable.name)")
            #expect(scenario.checks.contains { $0.variables.contains(variable.name) }, "\(variable.name)")
        }
        for used in scenario.checks.flatMap(\.variables) { #expect(scenario.variable(used) != nil, "\(used)") }
        // Nothing is sent anywhere that the user did not name.
        for check in scenario.checks {
            #expect(check.variables.contains { scenario.variable($0)?.isRequired == true }, "\(check.name)")
        }
    }

    @Test(
        "Every statement is covered or told as not probed, and nothing else is", arguments: ScenarioBook.all.map(\.name)
    )
    func coverage(_ name: String) throws {
        let scenario = try #require(ScenarioBook.scenario(name))
        let stated = scenario.statements.map(\.line)
        #expect(Set(stated).count == stated.count)
        let told = scenario.checks.flatMap(\.covers) + scenario.notProbed.flatMap(\.lines)
        #expect(Set(stated) == Set(told), "\(Set(stated).symmetricDifference(told).sorted())")
        let wanted = try #require(Self.catalogue[name])
        #expect(Set(wanted).isSubset(of: stated), "\(Set(wanted).subtracting(stated).sorted())")
        #expect(scenario.checks.allSatisfy { !$0.covers.isEmpty })
        #expect(Set(scenario.checks.map(\.name)).count == scenario.checks.count)
    }

    /// Lines of the statements that the catalogue of findings maps (its section 16).
    private static let catalogue: [String: [Int]] = [
        "ecommerce": Array(9...14) + Array(194...198) + Array(203...207) + Array(212...216) + Array(223...227)
            + Array(232...236) + [252, 253, 254, 264, 265],
        "multi-cluster": Array(278...284) + Array(508...512) + Array(517...521) + Array(526...530) + Array(537...541)
            + Array(546...550) + [557, 561, 565] + Array(572...576) + [431],
        "service-mesh": Array(585...592) + Array(814...818) + Array(823...827) + Array(832...836) + Array(843...847)
            + Array(852...856) + [872, 873, 874, 884, 885],
        "edge": Array(896...902) + Array(1123...1127) + Array(1132...1136) + Array(1141...1145) + Array(1152...1156)
            + Array(1161...1165) + [1181, 1182, 1183, 1185, 1198],
        "hybrid-cloud": Array(1210...1216) + Array(1427...1431) + Array(1436...1440) + Array(1445...1449)
            + Array(1456...1460) + Array(1465...1469) + [1485, 1486, 1487, 1502, 1504],
        "aks": Array(7...9) + Array(12...15) + Array(20...22) + Array(25...28) + Array(33...35) + Array(38...41)
            + Array(46...48) + Array(51...54) + Array(59...61) + Array(64...67) + Array(72...75) + Array(78...81)
            + Array(86...89) + Array(92...95) + Array(100...103) + Array(106...109) + Array(114...117)
            + Array(120...123),
    ]

    @Test("Statements are in the documents' own words, at their lines", arguments: ScenarioBook.all.map(\.name))
    func words(_ name: String) throws {
        let scenario = try #require(ScenarioBook.scenario(name))
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let path =
            switch scenario.document {
            case .aks: tests.appendingPathComponent("Fixtures/aks.md")
            case .scenarios: tests.appendingPathComponent("../AuditingTests/Fixtures/scenarios.md")
            }
        let lines = try String(contentsOf: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        for statement in scenario.statements {
            let line = try #require(lines.indices.contains(statement.line - 1) ? lines[statement.line - 1] : nil)
            #expect(line.contains(statement.words), "\(statement.line): \(statement.words) / \(line)")
        }
    }

    @Test("The alerts stand with the documents' numbers")
    func alerts() throws {
        for (name, check, limit) in [
            ("ecommerce", "the shop answers within its limit", Duration.seconds(2)),
            ("service-mesh", "latency through the mesh", .seconds(1)),
            ("hybrid-cloud", "AWS is reached in time", .milliseconds(500)),
        ] {
            let scenario = try #require(ScenarioBook.scenario(name))
            let filled = ScenarioPlan(scenario, given: Self.examples(scenario) { _ in true })
            let plan = try Self.reader.read(text: filled.text, file: "plan")
            let limits = plan.checks.first { $0.name == check }?.expectation.latency
            #expect(limits == [LatencyLimit(.p95, limit, for: .seconds(300))])
        }
    }

    @Test("What is a load is made once, however long a run goes on")
    func loads() throws {
        var seen: Set<String> = []
        for scenario in ScenarioBook.all {
            let filled = ScenarioPlan(scenario, given: Self.examples(scenario) { _ in true })
            let plan = try Self.reader.read(text: filled.text, file: "plan")
            for check in plan.checks where ["flows", "throughput"].contains(check.kind) {
                seen.insert(check.kind)
                #expect(check.samples == 1 && check.interval >= .seconds(3600), "\(check.name)")
            }
        }
        #expect(seen.count == 2)
    }

    @Test("A check without its variables is left out, and says what it needs")
    func leftOut() throws {
        let plan = ScenarioPlan(.ecommerce, given: ["SHOP": "shop.test"])
        #expect(plan.checks.map(\.name).contains("certificate of the shop"))
        let database = plan.leftOut.first { $0.check == "database is closed to others" }
        #expect(database?.variables == ["DATABASE"])
        #expect(!plan.text.contains("ca:"))
        #expect(try Self.reader.read(text: plan.text, file: "plan").checks.count == plan.checks.count)
    }

    @Test("An IPv6 address stands in brackets where a port or a URL needs them")
    func brackets() throws {
        let plan = ScenarioPlan(.ecommerce, given: ["SHOP": "fd00:18::1"])
        #expect(plan.text.contains(#"http: "https://[fd00:18::1]/""#))
        #expect(plan.text.contains(#"tcp: "[fd00:18::1]:443""#))
        #expect(plan.text.contains(#"dns: "fd00:18::1""#))
    }

    @Test(
        "Hostile values are mistakes, or stay what they are: one scalar",
        arguments: [
            "", "a\nb", "a\u{0}", "${env:HOME}", "$${env:HOME}", "x\"\n  - name: y", "\"", "\\", "a: b", "[", "{", "*a",
            "&a", "!!binary", "#", "a #b", "\u{2028}", "\u{feff}", "\u{85}", "\u{1b}[31m", "é", "-", "'", "a,b",
            String(repeating: "a", count: 5000), String(repeating: "a,", count: 100),
        ])
    func hostile(_ value: String) throws {
        let isNoValue =
            value.isEmpty || value.utf8.count > 4096 || value.contains("${")
            || value.unicodeScalars.contains { $0.value < 0x20 }
        for scenario in ScenarioBook.all {
            let examples = Self.examples(scenario) { _ in true }
            for variable in scenario.variables {
                if isNoValue { #expect(variable.form.mistake(in: value) != nil, "\(variable.name)") }
            }
            // Even past the first test it cannot leave its place: all of a scenario's variables at once.
            guard !value.contains("${") else { continue }
            let filled = ScenarioPlan(scenario, given: examples.mapValues { _ in value })
            #expect(filled.checks.count == scenario.checks.count)
            do throws(PlanProblems) {
                let plan = try Self.reader.read(text: filled.text, file: "plan")
                #expect(plan.checks.map(\.name) == scenario.checks.map(\.name))
            } catch {
                for problem in error.problems {
                    let place = problem.place.flatMap { filled.place(ofLine: $0.line) }
                    #expect(place?.variables.isEmpty == false, "\(problem)")
                }
            }
        }
    }
}
