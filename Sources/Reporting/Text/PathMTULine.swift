import JSON
import NetValues

/// A search for the path MTU on one line.
enum PathMTULine {
    /// `mtu to 198.18.3.2 by icmp: 1400 bytes get there, 1401 do not (198.18.2.1 says so); the own link takes 1500`
    static func parts(_ fact: JSONValue) -> (String, String)? {
        guard let destination = fact["destination"]?.string, let carrier = fact["carrier"]?.string else { return nil }
        let port = fact["port"]?.int.map { " port \($0)" } ?? ""
        let way = fact["direction"]?.string == "back" ? "from" : "to"
        return ("mtu \(way) \(destination) by \(carrier)\(port)", result(fact) + link(fact))
    }

    /// `icmp to 198.18.3.2: not tried, since this process cannot open an ICMP socket (…); to have it: …`
    static func untried(_ fact: JSONValue) -> [String] {
        guard let destination = fact["destination"]?.string else { return [] }
        return (fact["untried"]?.array ?? []).compactMap { part in
            guard let carrier = part["carrier"]?.string, let action = part["action"]?.string,
                let reason = part["reason"]?.string
            else { return nil }
            let fix = part["fix"]?.string.map { "; to have it, \($0)" } ?? ""
            return "\(carrier) to \(destination): not tried, since this process cannot \(action): \(reason)\(fix)"
        }
    }

    private static func result(_ fact: JSONValue) -> String {
        let passed = fact["largestPassed"]?.int ?? 0
        switch fact["ending"]?.string {
        case "whole" where fact["direction"]?.string == "back" && passed <= 1152:
            return
                "the answer has no more than \(passed) bytes: the way back of large packets is not tested (--page URL names a large page)"
        case "whole" where fact["direction"]?.string == "back" && fact["agreedSize"]?.int == passed:
            return
                "\(passed) bytes get there, and it sends no larger ones (a router told it so, or its answers fill no more)"
        case "whole":
            let isLink = fact["linkMTU"]?.int == passed
            return "\(passed) bytes get there, \(isLink ? "all that the own link takes" : "the most that was tried")"
        case "unanswered":
            return refusal(fact).map { "no size could be tried: \($0)" } ?? "not even small packets are answered"
        case "unsteady": return "\(passed) bytes get there; whether more do could not be told"
        default: return "\(passed) bytes get there, \(fact["smallestLost"]?.int ?? 0) do not (\(teller(fact)))"
        }
    }

    /// What stood in the way of every packet, whatever its size.
    private static func refusal(_ fact: JSONValue) -> String? {
        let names = Set((fact["trials"]?.array ?? []).map { $0["failure"]?["name"]?.string })
        guard names.count == 1, let name = names.first ?? nil, name != "ETIMEDOUT" else { return nil }
        return name == "ECONNREFUSED" && fact["carrier"]?.string == "tcp" ? "the port is closed (a reset)" : name
    }

    private static func teller(_ fact: JSONValue) -> String {
        let (lost, passed) = (fact["smallestLost"]?.int, fact["largestPassed"]?.int)
        let told = (fact["trials"]?.array ?? []).filter { trial in
            trial["outcome"]?.string == "tooBig" && (trial["size"]?.int == lost || trial["mtu"]?.int == passed)
        }
        if let trial = told.first(where: { $0["ownHost"]?.bool == false }) {
            return "\(trial["router"]?.string ?? "a router") says so"
        }
        if !told.isEmpty { return "the own host says so" }
        return "nobody says so"
    }

    private static func link(_ fact: JSONValue) -> String {
        guard let link = fact["linkMTU"]?.int else { return "" }
        let learned = fact["learnedMTU"]?.int.map { $0 < link ? ", the route cache holds \($0)" : "" } ?? ""
        let isWhole = fact["ending"]?.string == "whole" && link == fact["largestPassed"]?.int
        return isWhole ? learned : "; the own link takes \(link)\(learned)"
    }
}
