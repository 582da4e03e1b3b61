import DNSProbe
import FaultServers
import LinuxIO
import NameResolution
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import Wire

/// The dns probe's trials over real sockets against a real server on loopback.
@Suite(.onReactor, .timeLimit(.minutes(2))) struct DNSTrialTests {
    private let reactor: Reactor

    init() throws {
        reactor = try Reactor()
    }

    private func facts(
        of keys: [String: ParameterValue], _ fault: DNSFault, timeout: Duration = .seconds(2), isThere: Bool = true
    ) async throws -> [Fact] {
        let server = DNSFaultServer(
            reactor: reactor, address: .v4(IPv4Address(bits: 0x7f00_0001)), listensOnTCP: true,
            faults: ["shop.test": fault])
        let endpoint = try await server.start()
        if !isThere { await server.stop() }
        let check = Check(
            name: "trial", kind: "dns", target: .name(try #require(DomainName("shop.test"))), timeout: timeout,
            parameters: Parameters(
                keys.merging(["servers": .list([endpoint.description]), "type": .list(["A"])]) { one, _ in one }))
        let capabilities = Capabilities(
            dns: AresExchange(reactor: reactor), streams: UnusedStreams(), tls: UnusedTLS(),
            datagrams: UnusedDatagrams(),
            echo: UnusedEcho(), resolver: ResolverConfiguration(servers: []), hosts: HostsTable(),
            flows: UDPFlowOpener(reactor: reactor))
        let run = await recordProbe(
            try DNSProbe(check: check), check: check, capabilities: capabilities, time: SystemTime(reactor: reactor))
        if isThere { await server.stop() }
        if let interruption = run.interruption { throw interruption }
        return run.samples.flatMap(\.facts)
    }

    private let record = DNSRecord(
        name: "shop.test.", type: .a, ttl: 60, data: .address(.v4(IPv4Address(bits: 0xc612_0202))))

    private func rate(_ facts: [Fact]) -> DNSRateFact? {
        facts.compactMap { if case .rate(let fact) = $0 { fact } else { nil } }.first
    }

    @Test func rate_asksAsManyAsItSays_andCountsEachAnswer() async throws {
        let facts = try await facts(of: ["rate": .number(500), "for": .span(.milliseconds(400))], .answer([record]))
        let fact = try #require(rate(facts))
        #expect(fact.sent == 200 && fact.answered == 200)
        #expect(fact.rcodes == ["NOERROR": 200])
        #expect(fact.span >= .milliseconds(390))
        let latency = try #require(fact.latency)
        #expect(latency.min > .zero && latency.min <= latency.p50 && latency.p99 <= latency.max)
    }

    @Test func rate_goesOnWhereAnswersDoNotCome() async throws {
        let facts = try await facts(
            of: ["rate": .number(400), "for": .span(.milliseconds(250))], .delay(.milliseconds(400), .answer([record])))
        let fact = try #require(rate(facts))
        #expect(fact.sent == 100 && fact.answered == 100, "all were sent before the first answer came")
        #expect(try #require(fact.latency).min >= .milliseconds(350))
    }

    @Test func rate_tellsRcodes() async throws {
        let facts = try await facts(of: ["rate": .number(200), "for": .span(.milliseconds(100))], .rcode(.refused))
        #expect(rate(facts)?.rcodes == ["REFUSED": 20])
    }

    @Test func noTrial_atAServerThatIsNotThere() async throws {
        let facts = try await facts(of: ["rate": .number(200), "pairs": .number(20)], .silent, isThere: false)
        #expect(rate(facts) == nil && facts.allSatisfy { if case .pairs = $0 { false } else { true } })
    }

    @Test func pairs_areTriedInFourManners() async throws {
        let facts = try await facts(of: ["pairs": .number(20)], .answer([record]))
        let fact = try #require(facts.compactMap { if case .pairs(let fact) = $0 { fact } else { nil } }.first)
        #expect(fact.tallies.map(\.manner) == DNSPairFact.Manner.allCases)
        #expect(fact.tallies.allSatisfy { $0.trials == 20 && $0.oneLost == 0 && $0.bothLost == 0 && $0.median != nil })
    }
}

@Suite struct DNSTrialKeyTests {
    private func problem(_ keys: [String: ParameterValue]) -> String? {
        let check = Check(name: "trial", kind: "dns", target: .name(.root), parameters: Parameters(keys))
        do throws(PlanProblem) {
            _ = try DNSProbe(check: check)
            return nil
        } catch { return error.message }
    }

    @Test func keysThatDoNotGoTogether_areMistakes() throws {
        #expect(try #require(problem(["for": .span(.seconds(1))])).contains("there is none"))
        #expect(try #require(problem(["rate": .number(1), "for": .span(.seconds(601))])).contains("at most 10m"))
        #expect(try #require(problem(["rate": .number(1), "transport": .text("tcp")])).contains("UDP"))
        #expect(problem(["rate": .number(1), "for": .span(.seconds(1)), "pairs": .number(20)]) == nil)
    }
}
