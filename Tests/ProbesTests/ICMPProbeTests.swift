import ICMPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import Wire

@Suite struct ICMPProbeTests {
    @Test func healthySeries_hasOneAnsweredSampleForEachRequest() async throws {
        let echo = ScriptedEcho { _ in [.reply(after: .milliseconds(4))] }
        let run = try await Self.run(Self.check(samples: 5), over: echo)
        #expect(run.samples.map(\.index) == [0, 1, 2, 3, 4])
        #expect(run.samples.allSatisfy { $0.outcome == .answered && $0.latency == .milliseconds(4) && $0.isGood })
        #expect(run.samples.map(\.startedAt) == (0..<5).map { .milliseconds(200 * $0) })
        #expect(run.facts.map(\.hopLimit) == [64, 64, 64, 64, 64])
        #expect(run.interruption == nil)
        #expect(echo.openings.count == 1)
        #expect(echo.openSessions == 0)
    }

    /// Each counts from when it leaves until its sample is there, so that who looks on can tell what is late from what is lost.
    @Test func requestsOnTheWay_areTold_toWhoLooksOn() async throws {
        let echo = ScriptedEcho { $0 == 1 ? [] : [.reply(after: .milliseconds(350))] }
        let notes = Mutex<[Int]>([])
        let run = try await Self.run(Self.check(samples: 4), over: echo) { note in notes.withLock { $0.append(note) } }
        #expect(run.samples.count == 4)
        // The first is told before the fourth leaves; those behind the second, which nobody answers, are told with it.
        #expect(notes.withLock { $0 } == [1, 1, 1, -1, 1, -1, -1, -1])
    }

    @Test func requestsOnTheWay_stayTold_whenTheRunIsStopped() async throws {
        let stop = Instant(nanoseconds: 1_000_000_000) + .milliseconds(450)
        let echo = ScriptedEcho(cancelledAt: stop) { _ in [.reply(after: .milliseconds(300))] }
        let sum = Mutex(0)
        let run = try await Self.run(Self.check(samples: 10), over: echo) { note in sum.withLock { $0 += note } }
        #expect(run.interruption == .cancelled)
        let left = echo.sequences.count - run.samples.count
        #expect(left > 0 && sum.withLock { $0 } == left)
    }

    /// A request that never left for want of a route is not on the way, and the other family begins anew.
    @Test func requestsOnTheWay_areNone_whereThereIsNoRoute() async throws {
        let unrouted = SocketFailure(code: 101, name: "ENETUNREACH")
        let isFirst = Mutex(true)
        let echo = ScriptedEcho { _ in
            let isUnrouted = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            return isUnrouted ? [.refusal(unrouted)] : [.reply(after: .milliseconds(1))]
        }
        let notes = Mutex<[Int]>([])
        let run = try await Self.run(Self.check("dual.test", samples: 1), over: echo) { note in
            notes.withLock { $0.append(note) }
        }
        #expect(echo.openings.count == 2 && run.samples.map(\.outcome) == [.answered])
        #expect(notes.withLock { $0 } == [1, -1, 1, -1])
    }

    @Test func settings_areThoseOfTheCheck() async throws {
        let echo = ScriptedEcho { _ in [.reply(after: .milliseconds(1))] }
        var check = Self.check(samples: 1)
        check.parameters = Parameters(["size": .number(1400), "ttl": .number(3), "dontFragment": .flag(true)])
        check.source = IPAddress("198.18.0.1")
        _ = try await Self.run(check, over: echo)
        let settings = EchoSettings(size: 1400, hopLimit: 3, dontFragment: true)
        #expect(echo.openings.map(\.settings) == [settings])
        #expect(echo.openings.map(\.source) == [IPAddress("198.18.0.1")])
    }

    @Test func requests_leaveAtTheInterval_alsoWhenNothingAnswers() async throws {
        let echo = ScriptedEcho { _ in [] }
        let run = try await Self.run(Self.check(samples: 10), over: echo)
        #expect(run.samples.map(\.outcome) == Array(repeating: .failed(.echo), count: 10))
        #expect(run.facts.map(\.outcome) == Array(repeating: .lost, count: 10))
        let first = try #require(echo.sendInstants.first)
        #expect(echo.sendInstants.map { $0 - first } == (0..<10).map { .milliseconds(200 * $0) })
        // The last request is given its whole timeout, and nothing is waited for after it.
        #expect(echo.now() - first == .milliseconds(1800) + .seconds(5))
    }

    @Test func loss_ofOneInTen_isTen() async throws {
        let echo = ScriptedEcho { $0 % 10 == 3 ? [] : [.reply(after: .milliseconds(2))] }
        let run = try await Self.run(Self.check(samples: 100, interval: .milliseconds(10)), over: echo)
        #expect(run.samples.map(\.index) == Array(0..<100))
        #expect(run.samples.filter { $0.outcome != .answered }.map(\.index) == (0..<10).map { 10 * $0 + 3 })
    }

    @Test func reorderedDuplicatedAndForeignReplies_areTold() async throws {
        let echo = ScriptedEcho { sequence in
            switch sequence {
            case 1: [.reply(after: .milliseconds(150))]
            case 2:
                [.reply(after: .milliseconds(5)), .reply(after: .milliseconds(6)), .foreign(after: .milliseconds(3))]
            default: [.reply(after: .milliseconds(5))]
            }
        }
        let run = try await Self.run(Self.check(samples: 4, interval: .milliseconds(50)), over: echo)
        #expect(run.facts.map(\.isLate) == [false, true, false, false])
        #expect(run.facts.map(\.duplicates).reduce(0, +) == 1)
        #expect(run.facts[2].duplicates == 1)
        #expect(run.facts.map(\.foreignReplies).reduce(0, +) == 1)
    }

    @Test func icmpError_failsItsSample_withWhoSentIt() async throws {
        let failure = SocketFailure(
            code: 113, name: "EHOSTUNREACH",
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 13, offender: IPAddress("198.18.1.1")))
        let echo = ScriptedEcho { [.error(failure, after: .milliseconds(1), quoting: $0)] }
        let run = try await Self.run(Self.check(samples: 2), over: echo)
        #expect(run.facts.map(\.outcome) == [.failed(failure), .failed(failure)])
        #expect(run.samples.allSatisfy { $0.outcome == .failed(.echo) && $0.latency == nil })
    }

    @Test func familyWithoutRoute_leavesTheSeriesToTheOtherFamily() async throws {
        let sends = Atomic(0)
        let echo = ScriptedEcho { _ in
            sends.wrappingAdd(1, ordering: .relaxed).oldValue == 0
                ? [.refusal(SocketFailure(code: 101, name: "ENETUNREACH"))] : [.reply(after: .milliseconds(1))]
        }
        var check = Self.check(samples: 2)
        check.target = try #require(Target("dual.test", form: .host))
        let run = try await Self.run(check, over: echo)
        #expect(echo.openings.map(\.address.family) == [.v4, .v6])
        #expect(run.facts.map(\.outcome) == [.replied, .replied])
        #expect(run.samples.map(\.index) == [0, 1])
        #expect(echo.openSessions == 0)
    }

    @Test func requestThatCannotLeave_failsItsSample_andTheSeriesGoesOn() async throws {
        let failure = SocketFailure(code: 101, name: "ENETUNREACH")
        let echo = ScriptedEcho { $0 == 0 ? [.refusal(failure)] : [.reply(after: .milliseconds(1))] }
        let run = try await Self.run(Self.check(samples: 2), over: echo)
        #expect(run.facts.map(\.outcome) == [.failed(failure), .replied])
    }

    @Test func cancelling_keepsDecidedSamples_andClosesTheSession() async throws {
        // Stopped 450 ms after the beginning: two requests answered, the third sent and not yet answered.
        let echo = ScriptedEcho(cancelledAt: Instant(nanoseconds: 1_450_000_000)) {
            $0 < 2 ? [.reply(after: .milliseconds(3))] : []
        }
        let run = try await Self.run(Self.check(samples: 100), over: echo)
        #expect(run.interruption == .cancelled)
        #expect(run.samples.map(\.index) == [0, 1])
        #expect(echo.sequences == [0, 1, 2])
        #expect(echo.openSessions == 0)
    }

    @Test func missingRight_isThrown_andNothingIsRecorded() async throws {
        let inability = Inability(.notPermitted, action: "open an ICMP socket", reason: "EPERM", fix: "grant it")
        let run = try await Self.run(Self.check(samples: 3), over: ScriptedEcho(inability: inability) { _ in [] })
        #expect(run.interruption == .unable(inability))
        #expect(run.samples.isEmpty)
    }

    @Test func unresolvedName_isOneFailedSample() async throws {
        let echo = ScriptedEcho { _ in [] }
        let run = try await Self.run(Self.check("nowhere.test", samples: 5), over: echo)
        #expect(run.samples.map(\.outcome) == [.failed(.resolve)])
        #expect(echo.openings.isEmpty)
        guard case .resolution(let fact)? = run.samples.first?.facts.last else {
            Issue.record("no resolution fact")
            return
        }
        #expect(fact.addresses.isEmpty)
    }

    @Test(arguments: [
        (FamilyChoice.any, ["198.18.0.9"]), (.v4, ["198.18.0.9"]), (.v6, ["fd00:18::9"]),
        (.both, ["198.18.0.9", "fd00:18::9"]),
    ])
    func family_choosesTheAddresses(family: FamilyChoice, expected: [String]) async throws {
        let echo = ScriptedEcho { _ in [.reply(after: .milliseconds(1))] }
        var check = Self.check("dual.test", samples: 2)
        check.family = family
        let run = try await Self.run(check, over: echo)
        #expect(echo.openings.map(\.address.description) == expected)
        #expect(run.samples.map(\.index) == Array(0..<(2 * expected.count)))
        // How the name was found is told once.
        #expect(run.samples.map(\.facts.count) == [2] + Array(repeating: 1, count: 2 * expected.count - 1))
    }

    @Test func missingFamily_isAFailedSample_whenBothAreAskedFor() async throws {
        let echo = ScriptedEcho { _ in [.reply(after: .milliseconds(1))] }
        var check = Self.check("four.test", samples: 2)
        check.family = .both
        let run = try await Self.run(check, over: echo)
        #expect(run.samples.map(\.outcome) == [.answered, .answered, .failed(.resolve)])
    }

    @Test func contradictions_arePlanProblems() {
        var sixth = Self.check("198.18.0.1", samples: 1)
        sixth.family = .v6
        #expect(throws: PlanProblem.self) { try ICMPProbe(check: sixth) }
        var source = Self.check("198.18.0.1", samples: 1)
        source.source = IPAddress("fd00:18::1")
        #expect(throws: PlanProblem.self) { try ICMPProbe(check: source) }
    }

    // MARK: Running

    private struct Run {
        let samples: [Sample]
        let interruption: ProbeInterruption?

        var facts: [EchoFact] {
            samples.flatMap(\.facts).compactMap { if case .echo(let fact) = $0 { fact } else { nil } }
        }
    }

    private static func check(
        _ host: String = "198.18.0.2", samples: Int, interval: Duration = .milliseconds(200)
    ) -> Check {
        let target = Target(host, form: .host) ?? .host(.address(.v4(IPv4Address(bits: 0))))
        return Check(
            name: host, kind: "icmp", target: target, samples: samples, interval: interval, timeout: .seconds(5))
    }

    /// - Parameter note: what the probe tells of packets on the way to who looks on; nil where nobody does.
    private static func run(
        _ check: Check, over echo: ScriptedEcho, note: (@Sendable (Int) -> Void)? = nil
    ) async throws -> Run {
        let samples = Mutex<[Sample]>([])
        let hosts = HostsTable(addresses: [
            "dual.test": ["fd00:18::9", "198.18.0.9"].compactMap { IPAddress($0) }.sorted {
                $0.bytes.count < $1.bytes.count
            },
            "four.test": ["198.18.0.4"].compactMap { IPAddress($0) },
        ])
        let nothing = Unused()
        let context = ProbeContext(
            check: check,
            capabilities: Capabilities(
                dns: NamelessDNS(), streams: nothing, tls: nothing, datagrams: nothing, echo: echo,
                resolver: NamelessDNS.configuration, hosts: hosts),
            time: echo, runStart: echo.now(), isLogBounded: note != nil, noteOnTheWay: note ?? { _ in }
        ) { sample in samples.withLock { $0.append(sample) } }
        let probe = try ICMPProbe(check: check)
        var interruption: ProbeInterruption?
        do throws(ProbeInterruption) {
            try await probe.run(in: context)
        } catch {
            interruption = error
        }
        return Run(samples: samples.withLock { $0 }, interruption: interruption)
    }
}

/// The capabilities that this probe has no business with.
private struct Unused: DNSExchanging, StreamConnecting, TLSSecuring, DatagramProbing {
    private static let fault = ProbeInterruption.unable(
        Inability(.internalFault, action: "use this capability", reason: "an icmp check must not", fix: ""))

    func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply { throw Self.fault }

    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt { throw Self.fault }

    func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake { throw Self.fault }

    func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact { throw Self.fault }
}
