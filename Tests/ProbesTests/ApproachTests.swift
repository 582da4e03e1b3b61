import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import Wire

@Suite struct ApproachTests {
    private static let port = "192.0.2.1:5432"
    private static let reference = "192.0.2.1:33434"
    private static let near = SoundingFact.Hop.Outcome.expired(IPAddress.v4(IPv4Address(bits: 0xc000_02fe)))
    private static let far = SoundingFact.Hop.Outcome.expired(IPAddress.v4(IPv4Address(bits: 0xc000_02fd)))

    private struct Run {
        let facts: [Fact]
        let requests: [SoundingRequest]

        var soundings: [SoundingFact] { facts.compactMap { if case .sounding(let fact) = $0 { fact } else { nil } } }
    }

    /// One sample's approach to the port, so often.
    private func approach(
        _ script: StreamScript, own: ScriptedSoundings.Hops = [:], reference: ScriptedSoundings.Hops = [:],
        expecting word: Planning.Expectation.Word = .reachable, times: Int = 1,
        service: ServiceName? = nil, dns: any DNSExchanging = NamelessDNS()
    ) async throws -> Run {
        let time = ManualTime(jumps: times > 1)
        let port = try #require(Endpoint(Self.port))
        let soundings = ScriptedSoundings([port: own, try #require(Endpoint(Self.reference)): reference])
        let check = Check(
            name: "database", kind: "tcp", target: try #require(Target(Self.port, form: .hostPort)), samples: times,
            expectation: Planning.Expectation(word: word, isDeclared: true))
        let context = ProbeContext(
            check: check,
            capabilities: .scripted(
                dns: dns, streams: ScriptedStreams([port: [script]], time: time),
                datagrams: ScriptedDatagrams(time: time),
                soundings: soundings), time: time, runStart: time.now(), record: { _ in })
        var facts: [Fact] = []
        for index in 0..<times {
            let now = time.now()
            let start = SampleStart(
                index: index, attempt: 0, instant: now, sinceRunStart: .zero, deadline: now + .seconds(5),
                mayBeLast: index == times - 1)
            let approach = Approach(context, start)
            let result = try await approach.connect(to: port, of: service)
            facts += result.facts
            facts += try await approach.followRefusals(in: result.facts, of: service)
        }
        return Run(facts: facts, requests: soundings.requests)
    }

    @Test func anAcceptedConnection_isNotSounded() async throws {
        #expect(try await approach(StreamScript()).requests.isEmpty)
    }

    @Test func aRefusal_isSounded_byItsOwnPacketsAndByDatagrams() async throws {
        let run = try await approach(.refused, own: [1: Self.near, 2: .reset], reference: [1: Self.near])
        #expect(Set(run.requests.map(\.carrier)) == [.tcp, .udp])
        #expect(run.soundings.map(\.endpoint.description).sorted() == [Self.reference, Self.port])
        #expect(run.soundings.allSatisfy { $0.control == nil })
    }

    @Test func aRefusalThatIsExpected_isNotSounded() async throws {
        #expect(try await approach(.refused, expecting: .refused).requests.isEmpty)
        #expect(try await approach(.refused, expecting: .blocked).requests.isEmpty)
    }

    /// Its packets would be further tries of a series.
    @Test func anEndpoint_isSoundedOnce_withTheLastSample() async throws {
        let run = try await approach(.refused, own: [1: .reset], times: 3)
        #expect(run.requests.count == 2)
        let last = run.facts.suffix(3).map { if case .connect = $0 { "connect" } else { "sounding" } }
        #expect(last.first == "connect" && last.count { $0 == "sounding" } == 2)
    }

    /// Our own host said so: there is no way to be sounded.
    @Test func aLocalError_isNotSounded() async throws {
        let run = try await approach(
            StreamScript(opening: .failed(SocketFailure(code: 101, name: "ENETUNREACH"))))
        #expect(run.requests.isEmpty)
    }

    @Test func aSilentHop_thatDatagramsFind_isAskedOnceMore_andDatagramsAfterIt() async throws {
        let run = try await approach(
            .timedOut, own: [1: Self.near], reference: [1: Self.near, 2: Self.far])
        let own = try #require(run.soundings.first { $0.carrier == .tcp })
        #expect(own.control?.limit == 2)
        #expect(own.control?.outcome == Self.far)
        let last = run.requests.suffix(2)
        #expect(last.map(\.carrier) == [.tcp, .udp])
        #expect(last.allSatisfy { $0.limits == 2...2 })
    }

    @Test func aWayThatDatagramsGoNoFurther_needsNoControl() async throws {
        let run = try await approach(.timedOut, own: [1: Self.near], reference: [1: Self.near])
        #expect(run.requests.count == 2)
        #expect(run.soundings.allSatisfy { $0.control == nil })
    }

    @Test func aRefusalOfAService_asksForItsPorts_onceWithTheLastSample() async throws {
        let service = ServiceName(DomainName("shop.prod.svc.cluster.local") ?? .root)
        let run = try await approach(.refused, own: [1: .reset], times: 2, service: service)
        let questions = run.facts.compactMap { if case .dns(let fact) = $0 { fact } else { nil } }
        #expect(questions.map(\.type) == [.srv])
        #expect(questions.first?.name.description == "shop.prod.svc.cluster.local.")
        #expect(questions.first?.step == .contrast)
    }

    @Test(arguments: [
        ("shop.prod.svc.cluster.local.", "shop", "prod"), ("pod-1.shop.prod.svc.cluster.local", "shop", "prod"),
        ("_http._tcp.shop.prod.SVC.cluster.local", "shop", "prod"),
    ]) func namesOfServices_areKnown(text: String, service: String, namespace: String) throws {
        let name = try #require(ServiceName(DomainName(text) ?? .root))
        #expect(name.service == service && name.namespace == namespace)
        #expect(name.name.labels.prefix(2) == [service, namespace] && name.name.isAbsolute)
    }

    @Test(arguments: ["shop.example", "svc.example", "shop.svc", "prod.svc.cluster.local", "shop.prod.svc"])
    func otherNames_areNone(text: String) {
        #expect(ServiceName(DomainName(text) ?? .root) == nil)
    }

    @Test func theLedger_forgetsAfterAMinute_andNeverLetsMoreThanSixteenBegin() throws {
        let ledger = SoundingLedger()
        let start = Instant(nanoseconds: 0)
        let endpoints = try (1...20).map { try #require(Endpoint("192.0.2.\($0):80")) }
        #expect(endpoints.filter { ledger.mayBegin($0, at: start) }.count == 16)
        #expect(!ledger.mayBegin(endpoints[0], at: start + .seconds(59)))
        #expect(ledger.mayBegin(endpoints[0], at: start + .seconds(60)))
    }
}
