import JSON
import NetValues

/// A fact of a report on one line; nil for one whose form this version does not know.
enum FactLine {
    /// Of what a peer said: the whole of it stands in the JSON report.
    private static let resultWidth = 240

    static func line(_ fact: JSONValue) -> String? {
        guard let (subject, result) = parts(fact) else { return nil }
        let elapsed = (fact["elapsedMs"]?.number ?? fact["roundTripMs"]?.number).map { " (\(Milliseconds.spoken($0)))" }
        return "\(subject): \(result.escaped(limit: 2000).cutInMiddle(to: resultWidth))\(elapsed ?? "")"
    }

    private static func parts(_ fact: JSONValue) -> (String, String)? {
        switch fact["type"]?.string {
        case "resolution": resolution(fact)
        case "dns": dns(fact)
        case "connect": fact["endpoint"]?.string.map { ("connect \($0)", outcome(fact) + retransmits(fact)) }
        case "datagram": fact["endpoint"]?.string.map { ("datagram to \($0)", outcome(fact)) }
        case "service": service(fact)
        case "banner": fact["endpoint"]?.string.map { ("banner of \($0)", quoted(fact["bytes"])) }
        case "tls": tls(fact)
        case "http": http(fact)
        case "pairs": TrialText.pairs(fact)
        case "rate": TrialText.rate(fact)
        case "echo": fact["address"]?.string.map { ("echo \(fact["sequence"]?.int ?? 0) to \($0)", outcome(fact)) }
        case "flows": LoadLine.flows(fact)
        case "idle": LoadLine.idle(fact)
        case "pathMTU": PathMTULine.parts(fact)
        default: nil
        }
    }

    private static func service(_ fact: JSONValue) -> (String, String)? {
        guard let endpoint = fact["endpoint"]?.string, let service = fact["service"]?.string else { return nil }
        let result = fact["answer"]?.string ?? fact["reason"]?.string ?? outcome(fact)
        let attempts = (fact["attempts"]?.int ?? 1) > 1 ? ", asked \(fact["attempts"]?.int ?? 1) times" : ""
        return ("\(service) at \(endpoint)", result + attempts)
    }

    private static func quoted(_ value: JSONValue?) -> String { "\"\((value?.string ?? "").escaped(limit: 120))\"" }

    /// `failed: ECONNREFUSED`, with the ICMP error behind it.
    private static func outcome(_ fact: JSONValue) -> String {
        guard let failure = fact["failure"], let name = failure["name"]?.string else {
            return words[fact["outcome"]?.string ?? ""] ?? fact["outcome"]?.string ?? "?"
        }
        guard let icmp = failure["icmp"], let type = icmp["type"]?.int, let code = icmp["code"]?.int else {
            return name
        }
        let sender = icmp["offender"]?.string.map { " from \($0)" } ?? ""
        return "\(name), \(icmp["origin"]?.string ?? "icmp") type \(type) code \(code)\(sender)"
    }

    private static let words = ["timedOut": "no answer in time", "lost": "no reply", "silent": "no answer"]

    private static func retransmits(_ fact: JSONValue) -> String {
        guard let count = fact["tcp"]?["retransmits"]?.int, count > 0 else { return "" }
        return ", " + counted(count, "retransmit")
    }

    private static func resolution(_ fact: JSONValue) -> (String, String)? {
        guard let host = fact["host"]?.string else { return nil }
        let addresses = (fact["addresses"]?.array ?? []).compactMap(\.string)
        let tried = (fact["tried"]?.array ?? []).compactMap { name in
            name["name"]?.string.map { "\($0) \(name["result"]?.string ?? "")" }
        }
        let result = addresses.isEmpty ? "no address" : listed(addresses, limit: 6)
        return ("name \(host)", tried.count > 1 ? "\(result); tried \(tried.joined(separator: ", "))" : result)
    }

    private static func dns(_ fact: JSONValue) -> (String, String)? {
        guard let (question, result) = dnsParts(fact), let server = fact["server"]?.string else { return nil }
        return ("\(question) at \(server) over \(fact["transport"]?.string ?? "?")", result)
    }

    /// The question without its server, and what came of it.
    static func dnsParts(_ fact: JSONValue) -> (String, String)? {
        guard let name = fact["name"]?.string else { return nil }
        let question = "\(fact["recordType"]?.string ?? "?") \(name)"
        guard let answer = fact["answer"] else { return (question, fact["reason"]?.string ?? outcome(fact)) }
        let data = (answer["answers"]?.array ?? []).compactMap { $0["data"]?.string }
        let rcode = answer["rcode"]?.string ?? "?"
        let isCut = answer["flags"]?.array?.contains { $0.string == "tc" } ?? false
        if isCut, fact["transport"]?.string == "udp" { return (question, "\(rcode), cut short (TC)") }
        return (question, data.isEmpty ? "\(rcode), no records" : "\(rcode), \(listed(data, limit: 4))")
    }

    private static func tls(_ fact: JSONValue) -> (String, String)? {
        guard let endpoint = fact["endpoint"]?.string else { return nil }
        var parts = [outcome(fact)]
        parts += ["cause", "reason", "version", "cipher", "alpn"].compactMap { fact[$0]?.string }
        if let leaf = fact["chain"]?.array?.first, let subject = leaf["subject"]?.string {
            parts.append("certificate \(subject) until \((leaf["notAfter"]?.string ?? "?").prefix(10))")
        }
        parts += (fact["verification"]?.array ?? []).compactMap { $0["reason"]?.string }
        if fact["nameMatch"]?.bool == false { parts.append("not valid for \(fact["expectedName"]?.string ?? "?")") }
        return ("tls \(endpoint)", parts.joined(separator: ", "))
    }

    private static func http(_ fact: JSONValue) -> (String, String)? {
        guard let url = fact["url"]?.string else { return nil }
        let proxy = fact["proxy"]?.string.map { " through the proxy \($0)" } ?? ""
        let subject = "\(fact["method"]?.string ?? "?") \(url)\(proxy)"
        guard let response = fact["response"] else { return (subject, fact["reason"]?.string ?? outcome(fact)) }
        let status = "\(response["status"]?.int ?? 0) \(response["reason"]?.string ?? "")"
        let location = response["headers"]?.array?.first { $0["name"]?.string?.lowercasedASCII() == "location" }
        return (subject, status + (location?["value"]?.string.map { ", to \($0)" } ?? ""))
    }
}
