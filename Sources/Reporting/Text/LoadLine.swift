import JSON
import NetValues

/// The facts of the opt-in loads on one line each.
enum LoadLine {
    /// `opened 64: 5 connected, 59 silent; first silence at #6; beside ok; after ok`
    static func flows(_ fact: JSONValue) -> (String, String)? {
        guard let endpoint = fact["endpoint"]?.string, let opened = fact["opened"]?.int else { return nil }
        var counts = ["\(fact["connected"]?.int ?? 0) connected"]
        if let silent = fact["silent"]?.int, silent > 0 { counts.append("\(silent) silent") }
        counts += (fact["failures"]?.object?.members ?? []).map { "\($0.value.int ?? 0) \($0.key)" }
        var parts = ["opened \(opened): \(counts.joined(separator: ", "))"]
        if let first = fact["firstShort"]?.int {
            parts.append("first \((fact["silent"]?.int ?? 0) > 0 ? "silence" : "failure") at #\(first)")
        }
        parts += ["beside", "after"].compactMap { name in worked(fact[name]?.array).map { "\(name) \($0)" } }
        if let end = fact["held"]?["end"]?.string { parts.append(end == "satisfied" ? "held answers" : "held silent") }
        return ("flows to \(endpoint)", parts.joined(separator: "; "))
    }

    /// `ok`, `2 of 3`; nil when none was tried.
    private static func worked(_ connects: [JSONValue]?) -> String? {
        guard let connects, !connects.isEmpty else { return nil }
        let count = connects.count { $0["outcome"]?.string == "connected" }
        return count == connects.count ? "ok" : count == 0 ? "fails" : "\(count) of \(connects.count) ok"
    }

    /// `idle 15.0 s: still works`
    static func idle(_ fact: JSONValue) -> (String, String)? {
        guard let endpoint = fact["endpoint"]?.string, let idle = fact["idleMs"]?.number else { return nil }
        let isEarly = fact["whileIdle"]?.bool == true
        let result =
            switch fact["end"]?.string {
            case "satisfied": "still works"
            case "closed": isEarly ? "closed by the server meanwhile" : "closed by the server"
            case "deadline": "no answer, not acknowledged"
            default: (fact["failure"]?["name"]?.string ?? "failed") + (isEarly ? " meanwhile" : "")
            }
        return (idle == 0 ? "\(endpoint) used at once" : "\(endpoint) idle for \(Milliseconds.spoken(idle))", result)
    }
}
