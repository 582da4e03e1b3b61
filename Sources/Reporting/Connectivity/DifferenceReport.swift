import Connectivity
import JSON
import Manifests
import NetValues

/// What may talk in one set of manifests and not in the other.
package struct DifferenceReport: Sendable {
    private typealias Row = ConnectivityDifference.Row

    private let difference: ConnectivityDifference
    private let toolVersion: String
    private let style: TextStyle

    package init(_ difference: ConnectivityDifference, toolVersion: String, style: TextStyle) {
        self.difference = difference
        self.toolVersion = toolVersion
        self.style = style
    }

    package var json: String {
        var gained: [JSONValue] = []
        var lost: [JSONValue] = []
        difference.forEach { row in
            if row.isGained { gained.append(Self.json(row)) } else { lost.append(Self.json(row)) }
        }
        let leftOut = ConnectivityReport.leftOut(difference.old) + ConnectivityReport.leftOut(difference.new)
        let document = JSONObject([
            ("schema", .string(ConnectivityReport.schema)),
            ("tool", .object(JSONObject([("name", "leadsman"), ("version", .string(toolVersion))]))),
            ("gained", .array(gained)), ("lost", .array(lost)), ("leftOut", .strings(leftOut.unique())),
        ])
        return JSONWriter.text(.object(document), layout: .indented) + "\n"
    }

    private static func json(_ row: Row) -> JSONValue {
        var members: [(String, JSONValue)] = [("from", .string(row.from))]
        if !row.fromExcept.isEmpty { members.append(("fromExcept", .strings(row.fromExcept.map(\.description)))) }
        members.append(("to", .string(row.to)))
        if !row.toExcept.isEmpty { members.append(("toExcept", .strings(row.toExcept.map(\.description)))) }
        members.append(("ports", row.ports.json))
        switch row.reason {
        case .decided(let decisions):
            members += [("reason", "policy"), ("decidedBy", .array(decisions.map(\.json)))]
        case .noLonger(let decisions):
            members += [("reason", "no-longer-isolated"), ("decidedBy", .array(decisions.map(\.json)))]
        case .workload(let title):
            members += [("reason", .string(row.isGained ? "workload-added" : "workload-removed"))]
            members += [("workload", .string(title)), ("decidedBy", .array([]))]
        }
        return .object(JSONObject(members))
    }

    package var text: String {
        var lines: [Row] = []
        difference.forEach { lines.append($0) }
        var page = TextPage(style: style)
        let gained = lines.count { $0.isGained }
        guard !lines.isEmpty else {
            page.paragraph("SAME  the same pairs may talk in both.", .bold)
            return page.text
        }
        page.paragraph(
            "\(counted(gained, "pair")) gained, \(counted(lines.count - gained, "pair")) lost (or some ports of them).",
            .bold)
        guard style.verbosity != .quiet else { return page.text }
        for isGained in [false, true] {
            let told = lines.filter { $0.isGained == isGained }
            guard !told.isEmpty else { continue }
            page.blank()
            page.paragraph(isGained ? "Gained" : "Lost", isGained ? .good : .bad)
            for row in told {
                page.paragraph(words(row), indent: 2, lead: [TextPage.Run(isGained ? "+ " : "- ")])
            }
        }
        return page.text
    }

    private func words(_ row: Row) -> String {
        let from = Self.name(row.from, row.fromExcept)
        let to = Self.name(row.to, row.toExcept)
        return "\(from) → \(to)  \(row.ports): \(reason(row))"
    }

    private static func name(_ name: String, _ except: [AddressRange]) -> String {
        except.isEmpty ? name : "\(name) except \(except.map(\.description).joined(separator: ", "))"
    }

    private func reason(_ row: Row) -> String {
        switch row.reason {
        case .workload(let title): return row.isGained ? "\(title) is new" : "\(title) is gone"
        case .noLonger(let decisions):
            let policies = decisions.map(\.words).joined(separator: ", ")
            return policies.isEmpty ? "nothing isolates it" : "no longer isolated by \(policies)"
        case .decided(let decisions) where row.isGained:
            let rules = decisions.map {
                "\($0.direction.rawValue) by \($0.words) rule \($0.rule.map(String.init) ?? "?")"
            }
            return "allowed: \(rules.joined(separator: ", "))"
        case .decided(let decisions):
            let policies = decisions.map { "\($0.direction.rawValue) isolated by \($0.words)" }
            return "\(policies.joined(separator: ", ")), and no rule allows it"
        }
    }
}
