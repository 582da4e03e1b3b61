import NetValues
import PacketCapture
import Planning
import ProbeKit

/// Looks at a check as a whole, before anything is sent.
/// - Throws: why it cannot be carried out, whatever the network does.
func ensureFeasible(_ check: Check) throws(PlanProblem) {
    if let contradiction = check.contradiction { throw contradiction }
    _ = try probeCatalogue.probe(for: check)
    try ensureStages(check)
    if check.kind == "capture" { try ensureFilter(check) }
}

/// The plan reader has refused others; on the command line the kind is known only here.
private func ensureStages(_ check: Check) throws(PlanProblem) {
    let stages = probeCatalogue.description(of: check.kind)?.stages ?? []
    for case let stage? in check.expectation.latency.map(\.stage) where !stages.contains(stage) {
        let own = stages.isEmpty ? "times no stages" : "times \(stages.map(\.rawValue).joined(separator: ", "))"
        throw PlanProblem("--latency: `\(stage.rawValue)` is no stage of \(check.kind), which \(own)")
    }
}

/// The probe itself cannot ask libpcap.
private func ensureFilter(_ check: Check) throws(PlanProblem) {
    guard let filter = check.parameters.text("filter") else { return }
    do throws(PacketFilterProblem) {
        _ = try PacketFilterSet(filter)
    } catch {
        throw PlanProblem(error.description, at: check.parameters.places["filter"])
    }
}

/// Names in `during` that no check of the plan has.
func unknownCompanions(in plan: Plan) -> [PlanProblem] {
    guard plan.checks.contains(where: { !$0.during.isEmpty }) else { return [] }
    let names = Set(plan.checks.map(\.name))
    return plan.checks.flatMap { check in
        check.during.filter { !names.contains($0) }.map { name in
            let hint = nearestWord(to: name, among: names).map { ", did you mean `\($0.escaped(limit: 60))`?" } ?? ""
            return PlanProblem(
                "no check is named `\(name.escaped(limit: 60))`\(hint)", at: check.parameters.places["during"])
        }
    }
}
