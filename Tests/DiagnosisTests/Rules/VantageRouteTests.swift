import Diagnosis
import NetValues
import Observations
import Testing

// What the own routes, rules and neighbours say joined with what the sockets said.

@Suite struct NamedRouteTests {
    private let denied = tcp(.failed(failure("EACCES", 13)), elapsed: .zero)

    @Test func aProhibitingRoute_isNamed_withTheRuleThatLedThere() throws {
        let rule = RoutingRuleState(family: .v4, preference: 100, action: .table(100), source: range("198.18.1.2/32"))
        let state = vantage(
            routes: vantage().routes + [route("198.18.2.2/32", kind: .prohibit, table: 100)], rules: [rule])
        let finding = try #require(judge(denied, at: state).findings.first)
        #expect(finding.id == "local-egress-denied" && finding.confidence == .certain)
        #expect(finding.summary.contains("`prohibit 198.18.2.2/32 table 100`"))
        #expect(finding.summary.contains("`100: from 198.18.1.2/32 lookup 100`"))
    }

    @Test func aProhibitingRule_isNamed() throws {
        let rule = RoutingRuleState(
            family: .v4, preference: 50, action: .prohibit, destination: range("198.18.2.0/24"))
        let finding = try #require(judge(denied, at: vantage(rules: [rule])).findings.first)
        #expect(finding.summary.contains("the rule `50: from all to 198.18.2.0/24 prohibit`"))
    }

    /// The routes do not agree with the error: they are not blamed.
    @Test func aRouteThatLetsItOut_isNotBlamed() throws {
        let finding = try #require(judge(denied, at: vantage()).findings.first)
        #expect(finding.id == "local-egress-denied")
        #expect(!finding.summary.contains("route") && finding.cause.contains("prohibiting route"))
    }

    @Test func eperm_isAFilter_whereTheRouteLetsItOut() throws {
        let contrast = Fact.datagram(
            DatagramFact(endpoint: target, elapsed: .zero, outcome: .failed(failure("EPERM", 1))))
        let record = tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [contrast])
        let finding = try #require(judge(record, at: vantage()).findings.first)
        #expect(finding.id == "local-egress-denied")
        #expect(finding.evidence.contains { $0.contains("default via 198.18.1.1 dev eth0") })
        #expect(!finding.cause.contains("prohibiting route"))
    }

    /// WireGuard's rules (wg-quick): main without its default route, then a table of its own for what is not marked.
    @Test func rulesOfWireGuard_areFollowed() throws {
        let rules = [
            RoutingRuleState(
                family: .v4, preference: 100, action: .table(254), suppressedLength: 0),
            RoutingRuleState(
                family: .v4, preference: 101, action: .table(51820), mark: 0xca6c, isInverted: true),
        ]
        let state = vantage(
            routes: vantage().routes + [route("default", kind: .blackhole, table: 51820)], rules: rules)
        let record = tcp(.failed(failure("EINVAL", 22)), elapsed: .zero)
        let finding = try #require(judge(record, at: state).findings.first)
        #expect(finding.summary.contains("`blackhole default table 51820`"))
        #expect(finding.summary.contains("not from all fwmark 0xca6c"))
    }

    @Test func aRuleThatGoesByWhatIsNotKnown_leavesItOpen() throws {
        let rule = RoutingRuleState(family: .v4, preference: 50, action: .prohibit, sourcePorts: 1000...2000)
        let finding = try #require(judge(denied, at: vantage(rules: [rule])).findings.first)
        #expect(!finding.summary.contains("forbids it"))
    }

    @Test func anotherUsersRule_isPassedOver() throws {
        let rule = RoutingRuleState(family: .v4, preference: 50, action: .prohibit, users: 0...999)
        let finding = try #require(judge(denied, at: vantage(rules: [rule])).findings.first)
        #expect(!finding.summary.contains("forbids it"))
    }
}

@Suite struct MissingRouteTests {
    private let unrouted = tcp(.failed(failure("ENETUNREACH", 101)), elapsed: .zero)

    @Test func aMissingDefaultRoute_isSaid() throws {
        let state = vantage(routes: [route("198.18.1.0/24", dev: "eth0")])
        let finding = try #require(judge(unrouted, at: state).findings.first)
        #expect(finding.id == "no-route-local")
        #expect(finding.summary.contains("there is no default route"))
        #expect(finding.evidence.contains { $0.contains("198.18.1.0/24") })
    }

    @Test func anInterfaceThatIsDown_isNamed() throws {
        let state = vantage(interfaces: [interface("eth0", "198.18.1.2/24", carrier: false, up: false)], routes: [])
        let finding = try #require(judge(unrouted, at: state).findings.first)
        #expect(finding.evidence.contains { $0.contains("eth0 is down") })
        #expect(finding.cause.contains("down"))
    }

    @Test func anUnreachableRoute_isNamed() throws {
        let state = vantage(routes: vantage().routes + [route("198.18.2.0/24", kind: .unreachable)])
        let record = tcp(.failed(failure("EHOSTUNREACH", 113)), elapsed: .zero)
        let finding = try #require(judge(record, at: state).findings.first)
        #expect(finding.id == "no-route-local")
        #expect(finding.summary.contains("`unreachable 198.18.2.0/24`"))
    }

    /// The kernel's word stands where the routes were not read to their end.
    @Test func unreadRoutes_addNothing() throws {
        var state = vantage(routes: [])
        state.familiesRouted = []
        let finding = try #require(judge(unrouted, at: state).findings.first)
        #expect(finding.id == "no-route-local" && !finding.summary.contains("default route"))
    }
}

@Suite struct NextHopTests {
    private let silence = tcp(.timedOut, elapsed: .seconds(1), retransmits: 1)

    @Test func aGatewayThatDoesNotAnswerARP_isNamed_forASilenceToo() throws {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth0", .failed)])
        let judgement = judge(silence, at: state)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["next-hop-unresolved"])
        #expect(finding.subject == "gateway 198.18.1.1" && finding.confidence == .certain)
        #expect(finding.summary.contains("198.18.1.1 does not answer on eth0"))
    }

    @Test func aTargetOnTheLink_isNamedItself() throws {
        let state = vantage(neighbours: [
            neighbour("198.18.1.77", on: "eth0", .incomplete), neighbour("198.18.1.1", on: "eth0", .reachable),
        ])
        let record = tcp(
            "db", to: Endpoint(address("198.18.1.77"), 80), .timedOut, elapsed: .seconds(1), retransmits: 1)
        let finding = try #require(judge(record, at: state).findings.first)
        #expect(finding.id == "next-hop-unresolved" && finding.subject == "198.18.1.77")
        #expect(finding.evidence.contains { $0.contains("others on eth0 answer: 198.18.1.1") })
    }

    @Test(arguments: [NeighbourState.Reachability.reachable, .stale, .delay, .permanent])
    func aGatewayThatIsThere_isNotBlamed(_ reachability: NeighbourState.Reachability) {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth0", reachability)])
        #expect(judge(silence, at: state).ids == ["tcp-filtered-drop"])
    }

    /// It may be filled the next moment.
    @Test func anEntryThatIsIncomplete_afterAShortWait_showsNothing() {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth0", .incomplete)])
        let short = tcp(.timedOut, elapsed: .milliseconds(400), retransmits: 1)
        #expect(judge(short, at: state).ids == ["tcp-filtered-drop"])
        #expect(judge(silence, at: state).findings.first?.confidence == .likely)
    }

    /// It failed at the end of the run, and something else had got through it before.
    @Test func aGatewayThatSomethingGotThrough_isNotBlamed() {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth0", .failed)])
        let judgement = judge(silence, tcp("other", to: Endpoint(address("198.18.5.5"), 80), .connected), at: state)
        #expect(judgement.ids == ["tcp-filtered-drop"])
    }

    /// Another gateway of another interface.
    @Test func aGatewayOfAnotherWay_isNotBlamed() {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth1", .failed)])
        #expect(judge(silence, at: state).ids == ["tcp-filtered-drop"])
    }

    @Test func aNameServerBehindASilentGateway_isNotBlamed() {
        let state = vantage(neighbours: [neighbour("198.18.1.1", on: "eth0", .incomplete)])
        let query = dnsFact(resolverA, "db.prod.", elapsed: .seconds(1), .timedOut)
        #expect(judge(dns([query, query]), at: state).ids == ["next-hop-unresolved"])
        #expect(judge(dns([query, query]), at: vantage()).ids == ["dns-server-unreachable"])
    }

    @Test func anOwnAddressThatAnotherMachineHas_isSaid() throws {
        var card = interface("eth0", "198.18.1.2/24")
        card.assignments[0].state = .duplicate
        let state = vantage(interfaces: [card], neighbours: [neighbour("198.18.1.1", on: "eth0", .failed)])
        let finding = try #require(judge(silence, at: state).findings.first)
        #expect(finding.evidence.contains { $0.contains("198.18.1.2 of eth0 is not used") })
    }

    @Test func anInterfaceWithoutCarrier_isSaid() throws {
        let state = vantage(
            interfaces: [interface("eth0", "198.18.1.2/24", carrier: false)],
            neighbours: [neighbour("198.18.1.1", on: "eth0", .failed)])
        let finding = try #require(judge(silence, at: state).findings.first)
        #expect(finding.cause.contains("no carrier"))
    }
}
