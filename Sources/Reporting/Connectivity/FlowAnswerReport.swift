import Connectivity
import JSON
import Manifests
import NetValues

/// The answer to one question about a flow.
package struct FlowAnswerReport: Sendable {
    private let answer: FlowAnswer
    private let evaluation: PolicyEvaluation

    package init(_ answer: FlowAnswer, _ evaluation: PolicyEvaluation) {
        self.answer = answer
        self.evaluation = evaluation
    }

    package func json(toolVersion: String) -> String {
        var members: [(String, JSONValue)] = [
            ("schema", .string(ConnectivityReport.schema)),
            ("tool", .object(JSONObject([("name", "leadsman"), ("version", .string(toolVersion))]))),
            ("from", .string(answer.from)), ("to", .string(answer.to)),
            ("port", answer.port.map { .string($0.words) } ?? .null), ("allowed", .bool(answer.isAllowed)),
            ("decidedBy", .array(answer.decidedBy.map(\.json))),
        ]
        if let ports = answer.ports { members.append(("ports", ports.json)) }
        members += [
            ("notes", .strings(answer.notes)), ("patches", .strings(answer.patches)),
            ("notEvaluated", .strings(ForeignPolicies.counted(in: evaluation.state))),
        ]
        return JSONWriter.text(.object(JSONObject(members)), layout: .indented) + "\n"
    }

    package func text(style: TextStyle) -> String {
        var page = TextPage(style: style)
        let lead = TextPage.Run(answer.isAllowed ? "ALLOWED" : "DENIED", answer.isAllowed ? .good : .bad)
        page.paragraph("\(headline): \(reason)", .bold, lead: [lead, TextPage.Run("  ")])
        guard style.verbosity != .quiet else { return page.text }
        for flow in answer.flows.dropFirst() { page.paragraph(line(flow), indent: 2, lead: [TextPage.Run("- ")]) }
        let notes = answer.notes + foreign
        if !notes.isEmpty { page.blank() }
        for note in notes { page.paragraph(note, indent: 2, lead: [TextPage.Run("- ")]) }
        guard !answer.patches.isEmpty else { return page.text }
        page.blank()
        page.paragraph("To allow it, apply beside what is there:", .bold)
        page.blank()
        // As it stands, so that it can be pasted: never cut, never broken.
        return page.text + answer.patches.joined(separator: "\n---\n") + "\n"
    }

    private var headline: String {
        "\(answer.from) → \(answer.to)\(answer.port.map { " \($0.words)" } ?? "")"
    }

    private var reason: String {
        guard let first = answer.flows.first else { return "nothing answers there" }
        if let ports = answer.ports, answer.isAllowed, !ports.isEverything { return "\(ports); \(words(first))" }
        let count = answer.flows.count
        let denied = answer.flows.count { !$0.verdict.isAllowed }
        let part = count > 1 && denied > 0 ? "\(denied) of \(count) ways there are denied: " : ""
        return part + words(first)
    }

    private func line(_ flow: FlowAnswer.Flow) -> String {
        let target = "\(evaluation.title(of: flow.to)) \(flow.transport.rawValue)/\(flow.port)"
        return "\(target) \(flow.verdict.isAllowed ? "allowed" : "denied"): \(words(flow))"
    }

    /// The direction that denies comes first.
    private func words(_ flow: FlowAnswer.Flow) -> String {
        if flow.verdict.exemption == .itself { return "a pod always reaches itself" }
        if flow.verdict.exemption == .ownNode { return "between a node and its own pods everything passes" }
        let sides: [NetworkPolicy.Direction] = [.egress, .ingress]
        let ordered = sides.filter { flow.verdict.side($0).isDenied } + sides.filter { !flow.verdict.side($0).isDenied }
        // That no policy isolates an address outside goes without saying.
        let inside = ordered.filter { direction in
            if case .workload = direction == .egress ? flow.from : flow.to { true } else { false }
        }
        let told = inside.map { words(flow, $0) }
        return told.isEmpty ? "no policy is about traffic outside the cluster" : told.joined(separator: "; ")
    }

    private func words(_ flow: FlowAnswer.Flow, _ direction: NetworkPolicy.Direction) -> String {
        let own = evaluation.title(of: direction == .egress ? flow.from : flow.to)
        switch flow.verdict.side(direction) {
        case .open: return "no policy isolates \(direction.rawValue) of \(own)"
        case .allowed(let decisions):
            let rules = decisions.map { "\($0.words) rule \($0.rule.map(String.init) ?? "?")" }
            return "\(direction.rawValue) of \(own) allows it by \(rules.joined(separator: ", "))"
        case .denied(let decisions):
            let policies = decisions.map(\.words).joined(separator: ", ")
            return "\(direction.rawValue) of \(own) is isolated by \(policies), and no rule allows it"
        }
    }

    private var foreign: [String] {
        let counted = ForeignPolicies.counted(in: evaluation.state)
        return counted.isEmpty ? [] : ["not evaluated, and may decide otherwise: \(counted.joined(separator: ", "))"]
    }
}
