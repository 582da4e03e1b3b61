import Planning
import ProbeKit

/// Looks at a check as a whole, before anything is sent.
/// - Throws: why it cannot be carried out, whatever the network does.
func ensureFeasible(_ check: Check) throws(PlanProblem) {
    if let contradiction = check.contradiction { throw contradiction }
    _ = try probeCatalogue.probe(for: check)
}
