import NetValues
import Planning
import YAML

/// Joins the drafts of one or more files into a plan: names, needs, the vantage and limits.
struct PlanLinker {
    private let drafts: [PlanDraft]
    private var mistakes: [PlanProblem]
    /// Where the checks of all files are, in order.
    private let checks: [(file: Int, place: Int)]
    private var indexOfName: [String: Int] = [:]
    /// Comparisons that may still be spent on finding the nearest name: each costs a walk through all of them.
    private var comparisonsLeft = 2_000_000
    private let mostTargets: Int

    /// - Parameter mostTargets: endpoints of all ranges together, over what the files say.
    static func link(_ drafts: [PlanDraft], mostTargets: Int?) throws(PlanProblems) -> Plan {
        var linker = PlanLinker(drafts, mostTargets)
        linker.countEndpoints()
        linker.indexNames()
        linker.compareWithEndpoints()
        linker.checkNeeds()
        linker.compareVantages()
        guard linker.mistakes.isEmpty else { throw PlanProblems(inOrderOfPlace: linker.mistakes) }
        return linker.plan()
    }

    private init(_ drafts: [PlanDraft], _ mostTargets: Int?) {
        self.drafts = drafts
        self.mostTargets = mostTargets ?? drafts.compactMap(\.limits.targets).min() ?? TargetRange.usualLimit
        mistakes = drafts.flatMap(\.mistakes)
        checks = drafts.enumerated().flatMap { file, draft in draft.checks.indices.map { (file, $0) } }
    }

    private func draft(_ index: Int) -> CheckDraft { drafts[checks[index].file].checks[checks[index].place] }

    private func place(_ mark: Mark, ofCheck index: Int) -> SourcePlace { drafts[checks[index].file].place(mark) }

    /// Ranges are only counted, so that what is written never decides how much room is taken.
    private mutating func countEndpoints() {
        var used = 0
        for index in checks.indices {
            guard let range = draft(index).range else { continue }
            if let problem = range.excess(over: mostTargets, used: used) {
                mistakes.append(PlanProblem(problem.message, at: place(draft(index).targetMark, ofCheck: index)))
            } else {
                used += range.count
            }
        }
    }

    private mutating func indexNames() {
        for index in checks.indices {
            let check = draft(index)
            guard let name = check.name else { continue }
            guard let first = indexOfName[name] else {
                indexOfName[name] = index
                continue
            }
            let taken = place(draft(first).nameMark, ofCheck: first)
            mistakes.append(
                PlanProblem(
                    "the name `\(name.escaped(limit: 80))` is taken already, at \(taken): names are unique in a plan",
                    at: place(check.nameMark, ofCheck: index)))
        }
    }

    /// The endpoints of a range are named after it.
    private mutating func compareWithEndpoints() {
        for index in checks.indices {
            guard let name = draft(index).name, name.hasSuffix("]"), let bracket = name.range(ofASCII: " ["),
                let owner = indexOfName[String(name[..<bracket.lowerBound])], draft(owner).range != nil
            else { continue }
            mistakes.append(
                PlanProblem(
                    "the name `\(name.escaped(limit: 80))` may be that of an endpoint of the range above it: choose another",
                    at: place(draft(index).nameMark, ofCheck: index)))
        }
    }

    private mutating func checkNeeds() {
        var graph = [[NeedsGraph.Edge]](repeating: [], count: checks.count)
        for index in checks.indices {
            let check = draft(index)
            for (position, need) in check.needs.enumerated() {
                if need.name == check.name {
                    mistakes.append(PlanProblem("a check cannot need itself", at: place(need.mark, ofCheck: index)))
                } else if let needed = indexOfName[need.name], draft(needed).range != nil {
                    mistakes.append(
                        PlanProblem(
                            "`\(need.name.escaped(limit: 80))` is a range of many endpoints: need a check of the one that matters",
                            at: place(need.mark, ofCheck: index)))
                } else if let needed = indexOfName[need.name] {
                    graph[index].append(NeedsGraph.Edge(target: needed, position: position))
                } else {
                    reportUnknown(need, of: index)
                }
            }
        }
        for cycle in NeedsGraph(edges: graph).cycles() { report(cycle) }
    }

    private mutating func reportUnknown(_ need: CheckDraft.Need, of index: Int) {
        var hint = ""
        if indexOfName.count <= comparisonsLeft {
            comparisonsLeft -= indexOfName.count
            hint = PlanReading.suggestion(nearestWord(to: need.name, among: indexOfName.keys))
        }
        mistakes.append(
            PlanProblem(
                "no check is named `\(need.name.escaped(limit: 80))`\(hint)", at: place(need.mark, ofCheck: index)))
    }

    private mutating func report(_ cycle: NeedsGraph.Cycle) {
        let shown = cycle.nodes.map { "`\((draft($0).name ?? "").escaped(limit: 60))`" }
        let gap = cycle.isCut ? " needs …" : ""
        let first = shown.first ?? ""
        let need = draft(cycle.closing.node).needs[cycle.closing.position]
        mistakes.append(
            PlanProblem(
                "these checks wait for each other: \(shown.joined(separator: " needs "))\(gap) needs \(first)",
                at: place(need.mark, ofCheck: cycle.closing.node)))
    }

    private mutating func compareVantages() {
        let declared = drafts.compactMap { draft in draft.vantage.map { (draft, $0) } }
        guard let (firstDraft, first) = declared.first else { return }
        for (draft, other) in declared.dropFirst() where other.vantage != first.vantage {
            mistakes.append(
                PlanProblem(
                    "this vantage is not that of \(firstDraft.place(first.mark)), but plans that run together have one",
                    at: draft.place(other.mark)))
        }
    }

    private func plan() -> Plan {
        var seen: Set<Secret> = []
        return Plan(
            vantage: drafts.lazy.compactMap(\.vantage).first?.vantage,
            checks: drafts.flatMap { $0.checks.lazy.flatMap { members(of: $0) } },
            limits: limits(), secrets: drafts.flatMap(\.secrets).filter { seen.insert($0).inserted })
    }

    private func members(of draft: CheckDraft) -> [Check] {
        guard let check = draft.check else { return [] }
        return draft.range.map { check.members(of: $0, upTo: mostTargets) } ?? [check]
    }

    /// Limits protect the machine and the network, so the tightest of several files holds.
    private func limits() -> Limits {
        var limits = Limits()
        limits.inFlight = drafts.compactMap(\.limits.inFlight).min() ?? limits.inFlight
        limits.perTarget = drafts.compactMap(\.limits.perTarget).min() ?? limits.perTarget
        limits.startsPerSecond = drafts.compactMap(\.limits.startsPerSecond).min() ?? limits.startsPerSecond
        return limits
    }
}

extension PlanProblems {
    /// By place, each mistake once (an alias brings the same text to several places); those without a place come first.
    init(inOrderOfPlace problems: [PlanProblem]) {
        var seen: Set<PlanProblem> = []
        let kept = problems.enumerated().filter { seen.insert($0.element).inserted }
        self.init(kept.sorted { Self.key($0) < Self.key($1) }.map(\.element))
    }

    private static func key(_ problem: (offset: Int, element: PlanProblem)) -> (String, Int, Int, Int) {
        let place = problem.element.place
        return (place?.file ?? "", place?.line ?? 0, place?.column ?? 0, problem.offset)
    }
}
