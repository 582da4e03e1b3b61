import NetValues
import PlanFile
import Planning
import Testing

@MainActor @Suite struct RangeTests {
    private static func mistake(_ text: String, _ form: Target.Form = .hostPort) -> String? {
        do {
            _ = try TargetRange(text, form: form)
            return nil
        } catch { return error.message }
    }

    @Test(
        arguments: [
            ("198.18.0.0/28:22,80,443", Target.Form.hostPort, 42, "198.18.0.1:22", "198.18.0.14:443"),
            ("host.test:8000-8010", .hostPort, 11, "host.test:8000", "host.test:8010"),
            ("[fd00:18::/124]:443", .hostPort, 16, "[fd00:18::]:443", "[fd00:18::f]:443"),
            ("198.18.0.1-198.18.0.9:80", .hostPort, 9, "198.18.0.1:80", "198.18.0.9:80"),
            ("198.18.0.1-9:80", .hostPort, 9, "198.18.0.1:80", "198.18.0.9:80"),
            ("[fd00::1-fd00::3]:80", .hostPort, 3, "[fd00::1]:80", "[fd00::3]:80"),
            ("10.0.0.1:443,22,20-23", .hostPort, 5, "10.0.0.1:20", "10.0.0.1:443"),
            ("10.0.0.1/32:80", .hostPort, 1, "10.0.0.1:80", "10.0.0.1:80"),
            ("198.18.0.0/30", .host, 2, "198.18.0.1", "198.18.0.2"),
            ("fd00::/126", .host, 4, "fd00::", "fd00::3"), ("[fd00::/126]", .host, 4, "fd00::", "fd00::3"),
        ] as [(String, Target.Form, Int, String, String)])
    func ranges_areRead(_ text: String, _ form: Target.Form, _ count: Int, _ first: String, _ last: String) throws {
        let range = try #require(try TargetRange(text, form: form))
        #expect(range.count == count)
        let targets = range.targets(upTo: 100).map(\.description)
        #expect(targets.count == count)
        #expect(targets.first == first)
        #expect(targets.last == last)
        #expect(Set(targets).count == count)
    }

    @Test(arguments: ["host.test:80", "10.0.0.1:80", "[fd00::1]:80", "web-1.test:80", "a-b:80", "db", "", ":", "["])
    func aSingleTarget_isNoRange(_ text: String) throws {
        #expect(try TargetRange(text, form: .hostPort) == nil)
        #expect(try TargetRange("web-1.test", form: .host) == nil)
        #expect(try TargetRange("10.0.0.0/8", form: .url) == nil)
    }

    @Test(arguments: [
        ("198.18.0.5/28:80", "did you mean `198.18.0.0/28`"), ("198.18.0.0/33:80", "has no prefix length"),
        ("198.18.0.0/:80", "has no prefix length"), ("10.0.0.9-10.0.0.1:80", "the lower one first"),
        ("10.0.0.1-fd00::1:80", nil), ("10.0.0.1-300:80", "expected FIRST-LAST"), ("10.0.0.1:0-5", "is no port"),
        ("10.0.0.1:5-", "is no port"), ("10.0.0.1:80,", "is no port"), ("10.0.0.1:90-80", "is no port"),
        ("10.0.0.1:1-70000", "is no port"), ("no host:1-2", "is no host name"),
    ])
    func mistakes_areTold(_ text: String, _ words: String?) {
        guard let words else {
            #expect(Self.mistake(text) == nil)
            return
        }
        #expect(Self.mistake(text)?.contains(words) == true)
    }

    @Test func hostileSizes_areCounted_andNeverListed() throws {
        let world = try #require(try TargetRange("0.0.0.0/0:1-65535", form: .hostPort))
        #expect(world.count == 4_294_967_294 * 65535)
        #expect(world.targets(upTo: 2).count == 2)
        #expect(try #require(world.excess(over: 4096)).message.contains("281470681612290 endpoints"))
        let lan = try #require(try TargetRange("[fd00::/64]:1-65535", form: .hostPort))
        #expect(lan.count == .max)
        #expect(try #require(lan.excess(over: 4096)).message.contains("more endpoints than can be counted"))
        let small = try #require(try TargetRange("10.0.0.0/24:80", form: .hostPort))
        #expect(small.excess(over: 254) == nil)
        #expect(small.excess(over: 254, used: 1) != nil)
    }

    // MARK: Plans

    private static func plan(_ checks: String, limits: String = "") throws -> Plan {
        try Fixture.reader.read(text: "leadsman: 1\n\(limits)checks:\n\(checks)\n", file: "plan.yaml")
    }

    @Test func aRange_becomesChecks_thatNameIt() throws {
        let plan = try Self.plan(
            """
              - {name: scan, tcp: "10.0.0.0/30:22,80", timeout: 1s, labels: {team: net}, needs: [first]}
              - {name: first, icmp: 10.0.0.1}
            """)
        #expect(
            plan.checks.map(\.name) == [
                "scan [10.0.0.1:22]", "scan [10.0.0.1:80]", "scan [10.0.0.2:22]", "scan [10.0.0.2:80]", "first",
            ])
        #expect(plan.checks.prefix(4).allSatisfy { $0.range == "10.0.0.0/30:22,80" && $0.needs == ["first"] })
        #expect(plan.checks[0].labels == ["team": "net"])
        #expect(plan.checks[4].range == nil)
    }

    @Test func open_declaresPorts() throws {
        let plan = try Self.plan("  - {name: scan, tcp: \"10.0.0.1:22-24\", expect: {open: [22], latency: {p95: 1s}}}")
        #expect(plan.checks.map(\.expectation.word) == [.reachable, .blocked, .blocked])
        #expect(plan.checks.map(\.expectation.isClosedByOmission) == [false, true, true])
        #expect(plan.checks.map(\.expectation.latency.count) == [1, 0, 0])
    }

    @Test func limits_boundAllRangesTogether() throws {
        let two = """
              - {name: a, tcp: "10.0.0.0/24:80"}
              - {name: b, icmp: 10.0.1.0/24}
            """
        #expect(try Self.plan(two, limits: "limits: {targets: 508}\n").checks.count == 508)
        let mistakes = Fixture.mistakes("leadsman: 1\nlimits: {targets: 507}\nchecks:\n\(two)\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("plan.yaml:5:") == true)
        #expect(mistakes.first?.contains("254 endpoints beside 254 of other ranges") == true)
        let wider = PlanReader(probes: FakeCatalogue.probes, mostTargets: 508)
        #expect(
            try wider.read(text: "leadsman: 1\nlimits: {targets: 1}\nchecks:\n\(two)\n", file: "p").checks.count == 508)
    }

    @Test(arguments: [
        ("{name: a, tcp: \"0.0.0.0/0:1-65535\"}", "and a run probes at most 4096"),
        ("{name: a, tcp: \"10.0.0.1/24:80\"}", "did you mean `10.0.0.0/24`"),
        ("{name: a, http: \"http://10.0.0.0/24/\"}", nil),
        ("{name: a, tcp: \"10.0.0.1:80\", expect: {open: [80]}}", "`open` lists the ports of a range"),
        ("{name: a, icmp: 10.0.0.0/30, expect: {open: [80]}}", "`open` lists the ports of a range"),
        ("{name: a, tcp: \"10.0.0.1:80-90\", expect: {open: [91]}}", "open: port 91 is not in the range"),
        ("{name: a, tcp: \"10.0.0.1:80-90\", expect: {open: [0]}}", "a whole number from 1 to 65535"),
        ("{name: a, tcp: \"10.0.0.1:80\", expect: {within: [10.0.0.0/33]}}", "within: expected CIDR ranges"),
        ("{name: a, tcp: \"10.0.0.1:80\", expect: {within: [10.0.0.1/24]}}", "bits behind the prefix are set"),
        ("{name: a, tcp: \"10.0.0.1:80\", expect: {within: [private, 10.0.0.0/8]}}", "stands alone"),
        ("{name: a, tcp: \"10.0.0.1:80\", expect: {withn: private}}", "did you mean `within`?"),
    ])
    func mistakesOfPlans(_ check: String, _ words: String?) {
        let mistakes = Fixture.mistakes("leadsman: 1\nchecks:\n  - \(check)\n")
        guard let words else {
            #expect(mistakes.isEmpty)
            return
        }
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains(words) == true, "\(mistakes)")
    }

    @Test func aRange_canNotBeNeeded_andItsEndpointsKeepTheirNames() {
        let needed = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: a, tcp: \"10.0.0.1:1-2\"}\n  - {name: b, tcp: \"c:1\", needs: [a]}\n")
        #expect(needed.count == 1 && needed[0].contains("is a range of many endpoints"))
        let taken = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: a, tcp: \"10.0.0.1:1-2\"}\n  - {name: \"a [10.0.0.1:1]\", tcp: \"c:1\"}\n"
        )
        #expect(taken.count == 1 && taken[0].contains("an endpoint of the range"))
    }

    @Test func within_isKept() throws {
        let plan = try Self.plan(
            """
              - {name: a, tcp: "db:1", expect: {within: [10.0.0.0/8, "fd00::/8"]}}
              - {name: b, tcp: "db:1", expect: {within: private}}
            """)
        #expect(plan.checks[0].expectation.within?.words == "10.0.0.0/8 or fd00::/8")
        #expect(plan.checks[1].expectation.within == .privateOnly)
        #expect(plan.checks.map(\.expectation.isDeclared) == [true, true])
        #expect(plan.checks.map(\.expectation.word) == [.reachable, .reachable])
    }

    // MARK: Targets of check

    @Test(arguments: [
        ("198.18.0.0/28:22,80", "tcp"), ("tcp://198.18.0.0/28:22", "tcp"), ("udp://10.0.0.1:1-3", "udp"),
        ("tls://[fd00::/127]:443", "tls"), ("198.18.0.0/28", "icmp"), ("icmp://fd00::/127", "icmp"),
        ("host.test:80-82", "tcp"),
    ])
    func targetsOfCheck(_ text: String, _ kind: String) throws {
        guard case .range(let found, let range) = try CheckTarget(text) else {
            Issue.record("\(text) is not read as a range")
            return
        }
        #expect(found == kind)
        #expect(range.count > 1)
    }

    @Test func udp_isATarget() throws {
        #expect(try CheckTarget("udp://a:53") == .udp(try #require(HostPort("a:53"))))
        #expect(throws: PlanProblem.self) { try CheckTarget("udp://a") }
        #expect(throws: PlanProblem.self) { try CheckTarget("198.18.0.1/28:80") }
    }
}
