import Diagnosis
import JSON
import NetValues
import Observations
import Planning

/// What the searches of a check came to, for each address: that everything is well says nothing of how large packets may be.
enum PathMTUSummary {
    // MARK: In the document

    /// `"pathMTU": [{"address": "198.18.3.2", "bytes": 1500, "linkMTU": 1500, "back": true}]` of a check of that kind.
    static func members(of record: CheckRecord, redact: (String) -> String) -> JSONObject {
        guard record.check.kind == "mtu" else { return JSONObject() }
        let facts = record.facts.compactMap { if case .pathMTU(let fact) = $0 { fact } else { nil } }
        let addresses = facts.map(\.destination.address).unique()
        let found = addresses.compactMap { address in
            summary(of: facts.filter { $0.destination.address == address }, address)
        }
        guard !found.isEmpty else { return JSONObject() }
        return JSONObject([("pathMTU", JSONValue.array(found.map { .object($0) }).mapStrings(redact))])
    }

    /// Nil where the size is not known. By the carrier that came furthest: filters let some carriers through with small packets only.
    private static func summary(of facts: [PathMTUFact], _ address: IPAddress) -> JSONObject? {
        let out = facts.filter { $0.direction != .back && $0.pathMTU != nil }
        guard let best = out.max(by: { ($0.pathMTU ?? 0) < ($1.pathMTU ?? 0) }), let bytes = best.pathMTU else {
            return nil
        }
        var object = JSONObject([("address", .string(address.description)), ("bytes", .int(bytes))])
        object["linkMTU"] = facts.compactMap(\.linkMTU).max().map { .int($0) }
        // Nothing larger was tried, though the own link may take it.
        object["mostTried"] = best.ending == .whole && best.linkMTU != bytes ? true : nil
        object["silent"] = facts.contains(where: \.isSilent) ? true : nil
        // Echo answers show nothing of that way: most systems send large ones in fragments.
        object["back"] = facts.contains { $0.direction == .back && ($0.largestPassed ?? 0) >= bytes } ? true : nil
        return object
    }

    // MARK: In the verdict

    private static let mostNamed = 3

    /// `path MTU 1500 to 198.18.3.2, no black hole on the way there`; nil of a report that is about other things too.
    static func headline(of report: Report) -> String? {
        guard !report.checks.isEmpty, report.checks.allSatisfy({ $0.kind == "mtu" && $0.status == .passed }) else {
            return nil
        }
        let found = report.checks.flatMap { $0.additions["pathMTU"]?.array ?? [] }
        let sizes = found.compactMap { $0["bytes"]?.int }
        guard sizes.count == found.count, let least = sizes.min(), let most = sizes.max() else { return nil }
        // Of one that is hidden from TCP the finding says more.
        if found.contains(where: { $0["silent"]?.bool == true }) {
            return VerdictLine.headline(report.findings.map(\.finding))
        }
        if found.count > mostNamed {
            let span = least == most ? "\(least)" : "\(least) to \(most)"
            return "path MTU \(span) to \(grouped(found.count)) addresses"
        }
        let isBack = found.allSatisfy { $0["back"]?.bool == true }
        return found.map(words).joined(separator: ", ")
            + ", no black hole \(isBack ? "either way" : "on the way there")"
    }

    private static func words(_ found: JSONValue) -> String {
        let (bytes, address) = (found["bytes"]?.int ?? 0, (found["address"]?.string ?? "?").escaped(limit: 80))
        if found["mostTried"]?.bool == true {
            return "packets of \(bytes) bytes, the most that was tried, get to \(address)"
        }
        let link = found["linkMTU"]?.int.map { $0 > bytes ? " (the own link takes \($0))" : "" } ?? ""
        return "path MTU \(bytes) to \(address)\(link)"
    }
}
