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

    /// Rows go out as they come, in as many passes as there are lists of them.
    /// - Parameter write: takes UTF-8, whole lines.
    package func write<Failure: Error>(
        asJSON: Bool, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        if asJSON { try writeJSON(to: write) } else { try writeText(to: write) }
    }

    private func writeJSON<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var text = JSONWriter()
        let tool = JSONObject([("name", "leadsman"), ("version", .string(toolVersion))])
        text.add("{\n  \"schema\": ")
        text.add(.string(ConnectivityReport.schema), layout: .compact)
        text.add(",\n  \"tool\": ")
        text.add(.object(tool), layout: .compact)
        for (key, isGained) in [("gained", true), ("lost", false)] {
            text.add(",\n  \"\(key)\": [")
            var isFirst = true
            try difference.forEach { row throws(Failure) in
                guard row.isGained == isGained else { return }
                text.add(isFirst ? "\n    " : ",\n    ")
                text.add(Self.json(row), layout: .compact)
                isFirst = false
                try text.flush(least: ConnectivityReport.blockSize, to: write)
            }
            text.add(isFirst ? "]" : "\n  ]")
        }
        let leftOut = ConnectivityReport.leftOut(difference.old) + ConnectivityReport.leftOut(difference.new)
        text.add(",\n  \"leftOut\": ")
        text.add(.strings(leftOut.unique()), layout: .compact)
        text.add("\n}\n")
        try text.flush(to: write)
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

    private func writeText<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var gained = 0
        var lost = 0
        difference.forEach { if $0.isGained { gained += 1 } else { lost += 1 } }
        var page = TextPage(style: style)
        guard gained + lost > 0 else {
            page.paragraph("SAME  the same pairs may talk in both.", .bold)
            return try write(Array(page.text.utf8))
        }
        page.paragraph(
            "\(counted(gained, "pair")) gained, \(counted(lost, "pair")) lost (or some ports of them).", .bold)
        for (isGained, count) in [(false, lost), (true, gained)] where count > 0 && style.verbosity != .quiet {
            page.blank()
            page.paragraph(isGained ? "Gained" : "Lost", isGained ? .good : .bad)
            try difference.forEach { row throws(Failure) in
                guard row.isGained == isGained else { return }
                page.paragraph(words(row), indent: 2, lead: [TextPage.Run(isGained ? "+ " : "- ")])
                guard page.text.utf8.count >= ConnectivityReport.blockSize else { return }
                try write(Array(page.text.utf8))
                page = TextPage(style: style)
            }
        }
        try write(Array(page.text.utf8))
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
