import NetValues
import Planning
import Testing

@testable import PlanFile

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct ValidPlanTests {
    @Test func contractExample_isReadWhole() throws {
        let plan = try Fixture.valid("contract")
        #expect(plan.vantage == VantageName(name: "us-east-a", labels: ["cluster": "us-east"]))
        #expect(plan.limits == Limits())
        #expect(plan.secrets.isEmpty)
        #expect(plan.checks.map(\.kind) == ["http", "tcp", "dns", "icmp", "trace", "mtu"])
        #expect(
            plan.checks.map(\.name) == [
                "storefront", "database is isolated", "cluster dns", "gateway", "path to eu", "mtu to eu",
            ])
        #expect(plan.checks.map(\.samples) == [5, 5, 5, 20, 5, 5])
        #expect(plan.checks.allSatisfy { $0.timeout == .seconds(3) && $0.interval == .milliseconds(200) && $0.isAsked })
        #expect(plan.checks[5].needs == ["path to eu"])
    }

    @Test func contractExample_keepsTargetsAndExpectations() throws {
        let checks = try Fixture.valid("contract").checks
        #expect(checks[0].target == Target("https://shop.example.com/health", form: .url))
        #expect(checks[0].expectation.parameters.values == ["status": .list(["200"])])
        #expect(checks[0].expectation.latency == [LatencyLimit(.p95, .seconds(2))])
        #expect(checks[1].expectation.word == .blocked)
        #expect(checks[1].expectation.isDeclared)
        #expect(checks[2].parameters.values == ["type": .text("A"), "servers": .list(["10.96.0.10"])])
        #expect(
            checks[2].expectation.parameters.values == ["rcode": .text("NOERROR"), "answers": .list(["10.96.0.1"])])
        #expect(checks[3].expectation.parameters.values == ["loss": .share(0.01)])
        #expect(!checks[4].expectation.isDeclared)
        #expect(checks[4].expectation.word == .reachable)
    }

    @Test func everyType_isDecoded() throws {
        let plan = try Fixture.valid("every-type")
        #expect(plan.limits == Limits(inFlight: 50, perTarget: 4, startsPerSecond: 200))
        let names = plan.checks[0]
        #expect(names.parameters.values["edns"] == .number(1232))
        #expect(names.parameters.values["search"] == .flag(false))
        #expect(names.parameters.values["servers"] == .list(["[fd00::10]:5353"]))
        #expect(names.expectation.parameters.values["ttl"] == .map(["min": "30", "max": "300"]))
        let certificate = plan.checks[1]
        #expect(certificate.parameters.values["alpn"] == .list(["h2", "http/1.1"]))
        #expect(certificate.expectation.parameters.values["validFor"] == .span(.seconds(14 * 86400)))
        #expect(certificate.expectation.parameters.values["version"] == .text("1.3"))
        let page = plan.checks[2]
        #expect(page.parameters.values["headers"] == .map(["X-Trace": "yes", "X-Count": "5"]))
        #expect(page.parameters.values["body"] == .text("line one\nline two\n"))
        #expect(page.expectation.parameters.values["status"] == .list(["200", "3xx"]))
        #expect(page.expectation.parameters.values["headers"] == .map(["content-type": "^text/"]))
        let quantiles: [LatencyLimit] = [
            LatencyLimit(.p50, .milliseconds(100)), LatencyLimit(.p99, .seconds(90)), LatencyLimit(.max, .seconds(2)),
        ]
        #expect(page.expectation.latency == quantiles)
        #expect(plan.checks[3].expectation.parameters.values["loss"] == .share(0.005))
    }

    @Test func defaults_holdUnlessACheckSaysOtherwise() throws {
        let checks = try Fixture.valid("every-type").checks
        #expect(checks.map(\.family) == [.v4, .v6, .both, .v6, .both])
        #expect(checks.map(\.severity) == [.critical, .warning, .warning, .warning, .warning])
        #expect(checks.map(\.retries) == [2, 2, 0, 2, 2])
        #expect(checks[0].labels == ["team": "dns", "cluster": "us-east", "shift": "3"])
        #expect(checks[1].labels == ["team": "net", "cluster": "us-east"])
        #expect(checks[0].source == IPAddress("10.0.0.9"))
        #expect(checks[3].needs == ["names"])
        #expect(checks[4].timeout == .milliseconds(1500))
        #expect(checks[4].samples == Check.Defaults.samples)
        #expect(checks[4].interval == Check.Defaults.interval)
    }

    @Test func defaults_countWhereverTheyStand() throws {
        let plan = try Fixture.reader.read(
            text: "checks: [{name: a, icmp: 10.0.0.1}]\ndefaults: {samples: 7}\nleadsman: 1\n", file: "plan.yaml")
        #expect(plan.checks.map(\.samples) == [7])
    }

    @Test func parameters_knowTheirPlaces() throws {
        let check = try Fixture.valid("contract").checks[2]
        #expect(check.parameters.places["type"] == SourcePlace(file: "contract.yaml", line: 13, column: 11))
        #expect(
            check.expectation.parameters.places["rcode"] == SourcePlace(file: "contract.yaml", line: 15, column: 21))
    }

    @Test func aliases_standForWhatTheirAnchorHolds() throws {
        let checks = try Fixture.valid("aliases").checks
        #expect(checks[1].parameters.values["servers"] == .list(["10.0.0.1", "10.0.0.2"]))
        #expect(checks[1].labels == ["team": "net"])
    }

    @Test(arguments: ["byte-order-mark", "json", "document-markers"])
    func otherWritings_areReadToo(_ name: String) throws {
        let plan = try Fixture.valid(name)
        #expect(plan.checks.map(\.name) == ["a"])
        #expect(plan.vantage == nil)
    }

    @Test func vantageWithoutName_keepsItsLabels() throws {
        let plan = try Fixture.reader.read(
            text: "leadsman: 1\nvantage: {labels: {zone: b}}\nchecks: [{name: a, icmp: 10.0.0.1}]\n", file: "plan.yaml")
        #expect(plan.vantage == VantageName(name: "", labels: ["zone": "b"]))
    }

    @Test func manyChecks_areRead() throws {
        let count = 100_000
        let items = (0..<count).map {
            "  - {name: check \($0), icmp: 10.0.0.1, samples: 3, needs: [check \(($0 + 1) % count)]}\n"
        }
        // The chain of needs is as long as the plan; without its last link it is no cycle.
        let text =
            "leadsman: 1\nchecks:\n" + items.dropLast().joined() + "  - {name: check \(count - 1), icmp: 10.0.0.1}\n"
        let plan = try Fixture.reader.read(text: text, file: "plan.yaml")
        #expect(plan.checks.count == count)
        #expect(plan.checks.last?.name == "check 99999")
    }
}
