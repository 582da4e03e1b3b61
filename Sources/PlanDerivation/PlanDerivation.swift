import Connectivity
import Manifests
import NetValues
import Planning
import YAML

/// Derives what must and what must not work from one workload, as far as manifests say. Each extension is a source of checks.
package struct PlanDerivation {
    package static let mostChecks = 10_000
    package static let mostNotes = 1000

    let state: DeclaredState
    let evaluation: PolicyEvaluation
    /// An index into `state.workloads`.
    let vantage: Int
    /// "cluster.local"
    let domain: String
    let names: NameAccess
    private let mostChecks: Int
    private(set) var plan: DerivedPlan
    private var takenNames: Set<String> = []
    private var places: [CheckKey: Int] = [:]
    /// Readiness that a check asks for: of a workload, at a port.
    var askedReadiness: Set<ReadinessKey> = []

    private struct CheckKey: Hashable {
        let kind: String
        let target: String
        let keys: [PlanKey]
    }

    /// - Parameters:
    ///   - vantage: an index into `state.workloads`.
    ///   - domain: the cluster's, `cluster.local` unless it was made with another.
    package static func plan(
        _ state: DeclaredState, as vantage: Int, domain: String = "cluster.local", mostChecks: Int = mostChecks
    ) -> DerivedPlan {
        plan(PolicyEvaluation(state), as: vantage, domain: domain, mostChecks: mostChecks)
    }

    /// Of policies that were evaluated before: for many vantages.
    static func plan(_ evaluation: PolicyEvaluation, as vantage: Int, domain: String, mostChecks: Int) -> DerivedPlan {
        var derivation = PlanDerivation(evaluation, vantage, domain, mostChecks)
        derivation.deriveNames()
        derivation.deriveServices()
        derivation.deriveIngresses()
        derivation.deriveGatewayRoutes()
        derivation.deriveMeshRoutes()
        derivation.derivePods()
        derivation.deriveOutside()
        derivation.noteReadiness()
        derivation.noteUnderived()
        derivation.noteUnevaluated()
        return derivation.plan
    }

    private init(_ evaluation: PolicyEvaluation, _ vantage: Int, _ domain: String, _ mostChecks: Int) {
        let state = evaluation.state
        self.state = state
        self.vantage = vantage
        self.domain = domain
        self.mostChecks = mostChecks
        self.evaluation = evaluation
        names = NameAccess(state, evaluation, vantage)
        let own = state.workloads[vantage]
        let files = Set(state.set.objects.compactMap(\.file)).count
        plan = DerivedPlan(
            vantageName: "\(own.namespace)/\(own.name)".escaped(limit: 512),
            vantageLabels: [
                ("namespace", own.namespace.escaped(limit: 255)), ("workload", own.name.escaped(limit: 255)),
            ],
            head: [
                "What must and what must not work from \(own.title)\(Self.at(own.object.place)), as leadsman plan derived it",
                "from \(counted(state.set.objects.count, "object"))\(files > 0 ? " in \(counted(files, "file"))" : "")."
                    + " Run it there: leadsman run PLAN.yaml",
            ])
    }

    var workload: Workload { state.workloads[vantage] }

    // MARK: Writing

    /// - Returns: the name to need it by; nil where the plan cannot hold it.
    @discardableResult
    mutating func add(
        _ name: String, _ kind: String, _ target: String, _ keys: [PlanKey] = [], needs: [String?] = [],
        labels: [PlanKey] = [], because reasons: String...
    ) -> String? {
        guard Self.isTarget(target, of: kind) else {
            note("\(name): \(kind) cannot aim at \(target.escaped(limit: 120)) (\(reasons[0]))")
            return nil
        }
        let key = CheckKey(kind: kind, target: target, keys: keys)
        if let place = places[key] {
            // Where many say the same, the first few tell enough.
            if plan.checks[place].reasons.count < 4 {
                plan.checks[place].reasons += reasons.filter { !plan.checks[place].reasons.contains($0) }
            }
            return plan.checks[place].name
        }
        guard plan.checks.count < mostChecks else {
            plan.droppedChecks += 1
            return nil
        }
        let name = unique(name.escaped(limit: 120))
        places[key] = plan.checks.count
        plan.checks.append(
            DerivedCheck(
                name: name, kind: kind, target: target, keys: keys, needs: needs.compactMap(\.self).unique(),
                labels: labels, reasons: reasons))
        return name
    }

    func hasCheck(_ name: String) -> Bool { takenNames.contains(name) }

    mutating func note(_ text: String) {
        guard plan.notes.count < Self.mostNotes else {
            plan.droppedNotes += 1
            return
        }
        if plan.notes.last != text { plan.notes.append(text) }
    }

    private mutating func unique(_ name: String) -> String {
        var candidate = name
        var number = 2
        while !takenNames.insert(candidate).inserted {
            candidate = "\(name) (\(number))"
            number += 1
        }
        return candidate
    }

    private static func isTarget(_ text: String, of kind: String) -> Bool {
        let form: Target.Form =
            switch kind {
            case "dns": .name
            case "http": .url
            default: .hostPort
            }
        guard let target = Target(text, form: form) else { return false }
        // An address has no addresses to be asked for.
        if form == .name { return if case .name(let name) = target { !name.looksLikeAddress } else { false } }
        return form != .hostPort || !isRange(text)
    }

    /// What reads as a range of endpoints, or nearly so, was meant as a name, and no probe would take it for one.
    private static func isRange(_ text: String) -> Bool {
        do throws(PlanProblem) {
            return try TargetRange(text, form: .hostPort) != nil
        } catch {
            return true
        }
    }

    // MARK: Words

    /// " (shop.yaml:12)"; nothing where there is no file.
    static func at(_ place: ManifestPlace) -> String { place.words.map { " (\($0))" } ?? "" }

    func because(_ object: ManifestObject, _ detail: String = "", line: Int? = nil) -> String {
        let place = line.map { ManifestPlace(file: object.file, line: $0) } ?? object.place
        return "\(object.title)\(detail.isEmpty ? "" : ", \(detail)")\(Self.at(place))"
    }

    /// `from` and `to`, where both namespaces say which environment they are of.
    func labels(to namespace: String) -> [PlanKey] {
        guard let from = state.environment(ofNamespace: workload.namespace),
            let to = state.environment(ofNamespace: namespace)
        else { return [] }
        return [PlanKey("from", .text(from)), PlanKey("to", .text(to))]
    }
}

/// `[v6]:PORT` where it must be.
func hostPort(_ host: String, _ port: UInt16) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

/// A port of the pods of a workload.
struct ReadinessKey: Hashable {
    let workload: Int
    let port: UInt16
}
