import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import TraceProbe

/// What is sent beside a trace, to compare.
@Suite struct TraceContrastTests {
    private let target = IPAddress.v4(IPv4Address(bits: 0xc612_0302))  // 198.18.3.2
    private let router = IPAddress.v4(IPv4Address(bits: 0xc612_0101))

    /// One router, and behind it a target that answers packets of these kinds.
    private func run(
        _ check: Check, answering: Set<SoundingFact.Carrier>, _ soundings: ScriptedSoundings
    ) async throws -> [Fact] {
        let time = ManualTime()
        let router = router
        let paths = ScriptedPaths(time: time) { departure in
            if departure.packet.limit == 1 { return ScriptedPaths.Arrival(.expired(router)) }
            // Silence that is given up on, so that the clock of the test does not jump to the deadline.
            return answering.contains(departure.request.carrier)
                ? ScriptedPaths.Arrival(.answered) : ScriptedPaths.Arrival(.silent, after: .milliseconds(300))
        }
        let samples = try await runProbe(
            TraceProbe(check: check), check: check, capabilities: .scripted(soundings: soundings, paths: paths),
            time: time)
        return samples.flatMap(\.facts)
    }

    private func check(_ parameters: [String: ParameterValue], samples: Int = 1) -> Check {
        Check(
            name: "path", kind: "trace", target: .host(.address(target)), samples: samples, timeout: .seconds(600),
            parameters: Parameters(parameters))
    }

    private func soundings(_ facts: [Fact]) -> [SoundingFact] {
        facts.compactMap { if case .sounding(let fact) = $0 { fact } else { nil } }
    }

    @Test func besideDatagramsThatDoNotArrive_echoesAreSent_once() async throws {
        let facts = try await run(check([:], samples: 2), answering: [.icmp], ScriptedSoundings([:]))
        let beside = soundings(facts)
        #expect(beside.map(\.carrier) == [.icmp])
        #expect(beside.first?.hops.map(\.outcome) == [.expired(router), .answered])
    }

    @Test func besideDatagramsThatArrive_nothingIs() async throws {
        #expect(soundings(try await run(check([:]), answering: [.udp], ScriptedSoundings([:]))).isEmpty)
    }

    @Test func besideSYNsThatEnd_soundingsAreMade() async throws {
        let script = ScriptedSoundings([Endpoint(target, 33434): [1: .expired(router), 2: .answered]])
        let facts = try await run(check(["port": .number(81)]), answering: [], script)
        #expect(Set(soundings(facts).map(\.carrier)) == [.tcp, .udp])
    }

    @Test func besideAHandshake_datagramsAreAskedAtItsDistance() async throws {
        let script = ScriptedSoundings([:])
        let facts = try await run(check(["port": .number(80)]), answering: [.tcp], script)
        #expect(script.requests.map(\.carrier) == [.udp])
        #expect(script.requests.map(\.limits) == [2...3])
        #expect(soundings(facts).count == 1)
    }
}
