import Connectivity
import Manifests
import NetValues

/// What policies say of a flow from the vantage that may end at any of several pods.
enum FlowJudgement {
    case allowed
    /// By the policies that isolate one end, and have no rule for it.
    case denied([PolicyDecision])
    /// Some of the ends are allowed.
    case mixed([PolicyDecision])
    /// Addresses of pods or labels of namespaces that rules ask for are in no manifest.
    case undecided
    /// All of the ends are the vantage itself.
    case own
}

struct FlowEnd: Hashable {
    let party: Party
    let port: UInt16
}

extension PlanDerivation {
    func judge(_ ends: [FlowEnd], _ transport: PortTransport) -> FlowJudgement {
        let others = ends.filter { $0.party != .workload(vantage) }.unique()
        guard !others.isEmpty else { return .own }
        let verdicts = others.map {
            evaluation.verdict(from: .workload(vantage), to: $0.party, transport: transport, port: $0.port)
        }
        let denied = verdicts.filter { !$0.isAllowed }
        if denied.isEmpty { return .allowed }
        let decisions = denied.flatMap(\.decidedBy).filter { $0.rule == nil }.unique()
        let isUndecided = others.contains {
            evaluation.isUndecided(from: .workload(vantage), to: $0.party, transport: transport, port: $0.port)
        }
        if isUndecided { return .undecided }
        // Of several pods the vantage's own is reached all the same.
        let isWhole = denied.count == others.count && !ends.contains { $0.party == .workload(vantage) }
        return isWhole ? .denied(decisions) : .mixed(decisions)
    }

    /// "blocked: egress is isolated by policy shop/web (shop.yaml:40), and no rule lets this pass"
    func words(_ decisions: [PolicyDecision]) -> String {
        let shown = decisions.prefix(3).map { "\($0.direction.rawValue) by policy \($0.policy)\(Self.at($0.place))" }
        let rest = decisions.count > 3 ? " and \(decisions.count - 3) more" : ""
        return "blocked: isolated for \(shown.joined(separator: ", "))\(rest), and no rule lets this pass"
    }

    /// Of what is neither expected to pass nor to be blocked.
    static let undecidedWords =
        "whether policies let it pass depends on addresses of pods or labels of namespaces that are in no manifest"

    var isEgressIsolated: Bool { evaluation.isIsolated(vantage, .egress) }
}
