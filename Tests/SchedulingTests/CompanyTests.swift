import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing

@testable import Scheduling

/// Checks that run beside others.
@Suite struct CompanyTests {
    /// Lets the others start after a while, and ends when they have.
    struct Watcher: Probe {
        static let description = ProbeDescription(
            kind: "watcher", summary: "", targetForm: .host, latency: "", parameters: [], expectations: [], rights: "",
            notes: "")

        let check: Check

        init(check: Check) throws(PlanProblem) {
            self.check = check
        }

        func run(in context: ProbeContext) async throws(ProbeInterruption) {
            let playbook = Playbook.current
            let script = playbook.begin("\(check.name) opens", at: context.time.now())
            if case .cannot(let inability) = script { throw .unable(inability) }
            try await context.time.sleep(until: context.time.now() + .milliseconds(50))
            _ = playbook.begin("\(check.name) has begun", at: context.time.now())
            context.company.hasBegun()
            await context.company.untilOver()
            if Task.isCancelled { throw .cancelled }
            _ = playbook.begin("\(check.name) ends", at: context.time.now())
            context.record(Sample(index: 0, startedAt: .zero, outcome: .answered, latency: nil, facts: []))
        }
    }

    private func watch(_ name: String, during: [String], needs: [String] = []) -> Check {
        var check = Check.scripted(name, needs: needs)
        check.kind = "watcher"
        check.parameters = Parameters(["during": .list(during)])
        return check
    }

    private func run(
        _ checks: [Check], _ playbook: Playbook, limits: Limits = Limits(),
        complete: (@Sendable (CheckRecord) async -> CheckRecord)? = nil
    ) async -> Records {
        let records = Records()
        let scheduler = Scheduler(
            catalogue: ProbeCatalogue([ScriptedProbe.self, Watcher.self]), capabilities: .scripted(),
            time: ManualTime(), limits: limits, complete: complete)
        await Playbook.$current.withValue(playbook) { await scheduler.run(checks) { records.take($0) } }
        return records
    }

    @Test("The others start when it has begun, and it ends when they have, though only one may run at a time")
    func order() async {
        let playbook = Playbook()
        let records = await run(
            [.scripted("one"), watch("watch", during: ["one", "two"]), .scripted("two")], playbook,
            limits: Limits(inFlight: 1))
        #expect(playbook.order.prefix(2) == ["watch opens", "watch has begun"] && playbook.order.last == "watch ends")
        #expect(Set(playbook.order[2...3]) == ["one", "two"] && playbook.order.count == 5)
        #expect(records.all.allSatisfy { $0.ending == .measured } && records.names.last == "watch")
    }

    @Test("Where it cannot begin the others run all the same")
    func unable() async {
        let inability = Inability(.notPermitted, action: "capture", reason: "no", fix: "yes")
        let playbook = Playbook(["watch opens": .cannot(inability)])
        let records = await run([watch("watch", during: ["one"]), .scripted("one")], playbook)
        #expect(records.ending(of: "watch") == .unmeasured(inability) && records.ending(of: "one") == .measured)
    }

    @Test("It is over when what it watches is skipped")
    func skipped() async {
        let playbook = Playbook(["bad": .failsFirst(1)])
        let records = await run(
            [.scripted("bad"), .scripted("child", needs: ["bad"]), watch("watch", during: ["child"])], playbook)
        #expect(records.ending(of: "child") == .skipped(because: "bad"))
        #expect(records.ending(of: "watch") == .measured)
    }

    @Test("What it needs and does not get keeps it from running, and nobody from starting")
    func itselfSkipped() async {
        let playbook = Playbook(["bad": .failsFirst(1)])
        let records = await run(
            [.scripted("bad"), watch("watch", during: ["one"], needs: ["bad"]), .scripted("one")], playbook)
        #expect(records.ending(of: "watch") == .skipped(because: "bad") && records.ending(of: "one") == .measured)
    }

    @Test("What completes a record is waited for, and takes no place of those that could run")
    func completion() async {
        let others = Gate()
        let waiting = Mutex(0)
        let records = await run(
            (0..<3).map { .scripted("c\($0)") }, Playbook(), limits: Limits(inFlight: 1)
        ) { record in
            // The first record is only complete when the last check has been measured as well.
            let count = waiting.withLock { count in
                count += 1
                return count
            }
            if count == 3 { others.open() } else if count == 1 { await others.wait() }
            var record = record
            record.packets = CheckPackets(flows: [])
            return record
        }
        #expect(records.all.count == 3 && records.all.allSatisfy { $0.packets != nil })
        #expect(records.names.first != "c0")
    }
}
