import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization

@testable import Scheduling

/// A probe that touches no network: it waits as long as its check's name says, and notes who is at work.
struct ScriptedProbe: Probe {
    static let description = ProbeDescription(
        kind: "scripted", summary: "", targetForm: .host, latency: "", parameters: [], expectations: [], rights: "",
        notes: "")

    /// What a check's probe does.
    enum Script: Sendable {
        case takes(Duration)
        /// Bad for so many tries.
        case failsFirst(Int)
        case cannot(Inability)
    }

    let check: Check

    init(check: Check) throws(PlanProblem) {
        self.check = check
    }

    func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let playbook = Playbook.current
        let script = playbook.begin(check.name, at: context.time.now())
        defer { playbook.end(check.name) }
        if case .cannot(let inability) = script { throw .unable(inability) }
        try await context.eachSample { start throws(ProbeInterruption) in
            if case .takes(let duration) = script { try await context.time.sleep(until: start.instant + duration) }
            var isBad = false
            if case .failsFirst(let count) = script { isBad = start.attempt < count }
            return Sample(
                index: start.index, startedAt: start.sinceRunStart,
                outcome: isBad ? .failed(.connect) : .answered, latency: nil, facts: [])
        }
    }
}

/// What the scripted probes of one test do, and what was seen of them.
final class Playbook: Sendable {
    @TaskLocal static var current = Playbook()

    private struct State {
        var scripts: [String: ScriptedProbe.Script] = [:]
        var starts: [(name: String, at: Instant)] = []
        var atWork: Set<String> = []
        var most = 0
    }

    private let state = Mutex(State())

    init(_ scripts: [String: ScriptedProbe.Script] = [:]) {
        state.withLock { $0.scripts = scripts }
    }

    var starts: [(name: String, at: Instant)] { state.withLock { $0.starts } }
    var order: [String] { starts.map(\.name) }
    /// The most that were at work at the same moment.
    var most: Int { state.withLock { $0.most } }

    func begin(_ name: String, at instant: Instant) -> ScriptedProbe.Script {
        state.withLock { state in
            state.starts.append((name, instant))
            state.atWork.insert(name)
            state.most = max(state.most, state.atWork.count)
            return state.scripts[name] ?? .takes(.milliseconds(1))
        }
    }

    func end(_ name: String) {
        _ = state.withLock { $0.atWork.remove(name) }
    }
}

/// Takes records as a run's journal does.
final class Records: Sendable {
    private let taken = Mutex<[CheckRecord]>([])

    var all: [CheckRecord] { taken.withLock { $0 } }
    var names: [String] { all.map(\.check.name) }

    func ending(of name: String) -> CheckRecord.Ending? { all.first { $0.check.name == name }?.ending }

    /// Answers whether checks that need this one may start: when its last sample is good.
    func take(_ record: CheckRecord) -> Bool {
        taken.withLock { $0.append(record) }
        return record.ending == .measured && record.samples.last?.isGood == true
    }
}

extension Check {
    static func scripted(_ name: String, on host: String = "a.test", needs: [String] = []) -> Check {
        Check(
            name: name, kind: "scripted", target: Target(host, form: .host) ?? .host(.address(.v4(.init(bits: 0)))),
            needs: needs)
    }
}

/// Runs checks on a manual clock that jumps.
func runScripted(
    _ checks: [Check], _ playbook: Playbook = Playbook(), limits: Limits = Limits(), time: ManualTime = ManualTime()
) async -> Records {
    let records = Records()
    let scheduler = Scheduler(
        catalogue: ProbeCatalogue([ScriptedProbe.self]), capabilities: .scripted(), time: time, limits: limits)
    await Playbook.$current.withValue(playbook) { await scheduler.run(checks) { records.take($0) } }
    return records
}
