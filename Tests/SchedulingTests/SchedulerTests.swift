import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@testable import Scheduling

@Suite struct SchedulerTests {
    private let inability = Inability(.notPermitted, action: "work", reason: "not allowed", fix: "allow it")

    @Test("Every check ends once")
    func all() async {
        let checks = (0..<300).map { Check.scripted("c\($0)") }
        let records = await runScripted(checks)
        #expect(Set(records.names).count == 300 && records.all.count == 300)
        #expect(records.all.allSatisfy { $0.ending == .measured && $0.samples.count == 1 })
    }

    @Test("A check starts after all that it needs, whatever their order in the plan")
    func needs() async {
        let playbook = Playbook()
        let records = await runScripted(
            [
                .scripted("last", needs: ["first", "second"]), .scripted("second", needs: ["first"]),
                .scripted("first"),
            ],
            playbook)
        #expect(playbook.order == ["first", "second", "last"])
        #expect(records.names == playbook.order)
    }

    @Test("What needs a failed check is skipped with all that follows from it, each once and never started")
    func skips() async {
        let playbook = Playbook(["bad": .failsFirst(1)])
        let records = await runScripted(
            [
                .scripted("bad"), .scripted("good"), .scripted("child", needs: ["good", "bad"]),
                .scripted("grandchild", needs: ["child", "bad"]), .scripted("other", needs: ["good"]),
            ], playbook)
        #expect(Set(playbook.order) == ["bad", "good", "other"])
        #expect(records.all.count == 5)
        #expect(records.ending(of: "child") == .skipped(because: "bad"))
        let grandchild = records.ending(of: "grandchild")
        #expect(grandchild == .skipped(because: "bad") || grandchild == .skipped(because: "child"))
        #expect(records.ending(of: "other") == .measured)
    }

    @Test("What we could not do is unmeasured, and what needs it is skipped")
    func unable() async {
        let records = await runScripted(
            [.scripted("ping"), .scripted("after", needs: ["ping"])], Playbook(["ping": .cannot(inability)]))
        #expect(records.ending(of: "ping") == .unmeasured(inability))
        #expect(records.ending(of: "after") == .skipped(because: "ping"))
    }

    /// Each sample takes three intervals: so of eleven that were due four are taken, and the series is not longer for it.
    @Test("A series that has a duration ends with it, however many samples are missing")
    func duration() async {
        var check = Check.scripted("slow")
        check.samples = 11
        check.interval = .seconds(1)
        check.duration = .seconds(10)
        let records = await runScripted([check], Playbook(["slow": .takes(.seconds(3))]))
        #expect(records.all.first?.samples.map(\.startedAt) == [.zero, .seconds(3), .seconds(6), .seconds(9)])
    }

    @Test("A kind without a probe is our own inability")
    func unknownKind() async {
        var check = Check.scripted("a")
        check.kind = "telepathy"
        let records = await runScripted([check])
        guard case .unmeasured = records.ending(of: "a") else {
            Issue.record("\(records.all)")
            return
        }
    }

    @Test(
        "No more at work than the limits say: overall, per host, per kind",
        arguments: [
            Limits(inFlight: 7), Limits(perTarget: 7), Limits(perKind: ["scripted": 7]),
        ])
    func limits(_ limits: Limits) async {
        let playbook = Playbook()
        let records = await runScripted((0..<100).map { .scripted("c\($0)") }, playbook, limits: limits)
        #expect(records.all.count == 100)
        #expect(playbook.most == 7)
    }

    @Test("A crowd at one host keeps nobody from another")
    func crowd() async {
        let playbook = Playbook()
        let checks = (0..<20).map { Check.scripted("a\($0)") } + [.scripted("b", on: "b.test")]
        _ = await runScripted(checks, playbook, limits: Limits(perTarget: 1))
        #expect(playbook.order.prefix(2).contains("b"))
    }

    @Test("Every retry is recorded, and none after a good one")
    func retries() async {
        var (twice, always) = (Check.scripted("twice"), Check.scripted("always"))
        twice.retries = 5
        twice.samples = 2
        always.retries = 2
        let records = await runScripted(
            [twice, always], Playbook(["twice": .failsFirst(2), "always": .failsFirst(99)]))
        #expect(records.all.first { $0.check.name == "twice" }?.samples.map(\.attempt) == [0, 1, 2, 0, 1, 2])
        #expect(records.all.first { $0.check.name == "always" }?.samples.map(\.attempt) == [0, 1, 2])
    }

    @Test("Samples start an interval apart, or when the one before ends")
    func intervals() async {
        var (quick, slow) = (Check.scripted("quick"), Check.scripted("slow"))
        quick.samples = 3
        slow.samples = 3
        let playbook = Playbook(["slow": .takes(.milliseconds(350))])
        // One after the other, since both move the clock.
        let first = await runScripted([quick], playbook).all[0].samples.map(\.startedAt)
        let second = await runScripted([slow], playbook).all[0].samples.map(\.startedAt)
        #expect(first == [.zero, .milliseconds(200), .milliseconds(400)])
        #expect(second == [.zero, .milliseconds(350), .milliseconds(700)])
    }

    // MARK: Being stopped

    @Test("When the run is stopped every check ends: those at work with the samples they have, the others without")
    func cancellation() async {
        let time = ManualTime(jumps: false)
        let playbook = Playbook(["waits": .takes(.seconds(3600))])
        var series = Check.scripted("series")
        series.samples = 100
        let checks =
            [series, .scripted("waits"), .scripted("needs it", needs: ["waits"])]
            + (0..<5).map { Check.scripted("c\($0)") }
        let run = Task { await runScripted(checks, playbook, limits: Limits(inFlight: 2), time: time) }
        #expect(await time.waitForSleepers(2))
        time.advance(by: .milliseconds(1))
        // The series now waits for its second sample.
        while time.sleeperCount < 2 { await Task.yield() }
        run.cancel()
        let records = await run.value
        #expect(Set(records.names) == Set(checks.map(\.name)) && records.all.count == checks.count)
        #expect(records.all.allSatisfy { $0.ending == .interrupted })
        #expect(records.all.first { $0.check.name == "series" }?.samples.count == 1)
        #expect(records.all.filter { $0.check.name != "series" }.allSatisfy { $0.samples.isEmpty })
        #expect(Set(playbook.order) == ["series", "waits"])
    }

    @Test("A stop during a pause of the pacing starts nothing more and loses nothing")
    func cancellationWhilePaced() async {
        let time = ManualTime(jumps: false)
        let playbook = Playbook(["c0": .takes(.zero)])
        let run = Task {
            await runScripted(
                (0..<4).map { .scripted("c\($0)") }, playbook, limits: Limits(startsPerSecond: 0.5), time: time)
        }
        #expect(await time.waitForSleepers(1))
        run.cancel()
        let records = await run.value
        #expect(records.all.count == 4 && playbook.order == ["c0"])
        #expect(records.ending(of: "c3") == .interrupted)
    }

    // MARK: Pacing

    @Test("Ten thousand checks start evenly, two thousand a second")
    func pacing() async {
        let playbook = Playbook()
        let records = await runScripted(
            (0..<10_000).map { .scripted("c\($0)", on: "h\($0 % 500).test") }, playbook,
            limits: Limits(inFlight: 20_000, startsPerSecond: 2000))
        #expect(records.all.count == 10_000)
        let starts = playbook.starts.map { $0.at.nanoseconds }
        let first = starts.min() ?? 0
        let perSecond = Dictionary(grouping: starts) { ($0 - first) / 1_000_000_000 }.mapValues(\.count)
        #expect(perSecond.values.allSatisfy { $0 <= 2010 }, "\(perSecond)")
        let perGroup = Dictionary(grouping: starts) { ($0 - first) / 5_000_000 }.mapValues(\.count)
        #expect(perGroup.values.allSatisfy { $0 <= 20 })
    }

    @Test("A check that ends during a pause of the pacing is heard of at once")
    func endsWhilePaced() async {
        let time = ManualTime(jumps: false)
        let records = Records()
        let scheduler = Scheduler(
            catalogue: ProbeCatalogue([ScriptedProbe.self]), capabilities: .scripted(), time: time,
            limits: Limits(startsPerSecond: 0.1))
        let run = Task {
            await Playbook.$current.withValue(Playbook(["a": .takes(.zero)])) {
                await scheduler.run([.scripted("a"), .scripted("b")]) { records.take($0) }
            }
        }
        for _ in 0..<1_000_000 where records.all.isEmpty { await Task.yield() }
        #expect(records.names == ["a"] && time.sleeperCount == 1)
        run.cancel()
        await run.value
        #expect(records.names == ["a", "b"])
    }
}

@Suite struct PaceTests {
    private let start = Instant(nanoseconds: 0)

    /// The instants at which so many starts happen when each waits as it is told.
    private func starts(_ count: Int, at rate: Double) -> [Duration] {
        var pace = Pace(startsPerSecond: rate, now: start)
        var now = start
        return (0..<count).map { _ in
            if let pause = pace.delay(at: now) { now = pause }
            return now - start
        }
    }

    @Test("Groups of five milliseconds' worth")
    func groups() {
        let spans = starts(30, at: 2000)
        #expect(Set(spans) == [.zero, .milliseconds(5), .milliseconds(10)])
        #expect(spans.filter { $0 == .zero }.count == 10)
    }

    @Test("A slow pace starts one at a time", arguments: [0.5, 1, 10, 199])
    func slow(_ rate: Double) {
        let spans = starts(4, at: rate)
        for (index, span) in spans.enumerated() {
            let expected = Double(index) / rate * 1e9
            #expect(abs(Double(span.nanoseconds) - expected) < 10)
        }
    }

    @Test("Time that passed without starts is no credit")
    func credit() {
        var pace = Pace(startsPerSecond: 2000, now: start)
        let later = start + .seconds(10)
        for _ in 0..<10 { #expect(pace.delay(at: later) == nil) }
        #expect(pace.delay(at: later) == later + .milliseconds(5))
    }
}
