import JSON
import NetValues

/// What a dns check saw, server by server: what each answered and how fast.
enum NameServerText {
    /// Of distinct answers; a search list of six with two types is still told whole.
    private static let mostAnswers = 16
    private static let mostServers = 8

    static func lines(_ facts: [JSONValue]) -> [String] {
        let exchanges = facts.filter { $0["type"]?.string == "dns" && $0["server"]?.string != nil }
        var order: [String] = []
        var servers: [String: [JSONValue]] = [:]
        for fact in exchanges {
            guard let server = fact["server"]?.string else { continue }
            if servers[server] == nil { order.append(server) }
            servers[server, default: []].append(fact)
        }
        var lines: [String] = []
        for server in order.prefix(mostServers) {
            let facts = servers[server] ?? []
            lines.append("server \(server): \(summary(facts))")
            lines += answers(facts)
        }
        if order.count > mostServers { lines.append("… \(counted(order.count - mostServers, "further server"))") }
        return lines
    }

    /// `4 questions, 3 answers, 0.4 ms to 2.1 ms, median 0.5 ms`
    private static func summary(_ facts: [JSONValue]) -> String {
        let times = facts.filter { $0["answer"] != nil }.compactMap { $0["elapsedMs"]?.number }.sorted()
        let asked = counted(facts.count, "question")
        guard let first = times.first, let last = times.last else { return "\(asked), no answer" }
        let span =
            times.count == 1
            ? Milliseconds.spoken(first)
            : "\(Milliseconds.spoken(first)) to \(Milliseconds.spoken(last)), median \(Milliseconds.spoken(times[times.count / 2]))"
        return "\(asked), \(counted(times.count, "answer")), \(span)"
    }

    private static func answers(_ facts: [JSONValue]) -> [String] {
        var order: [String] = []
        var seen: [String: (times: [Double], ttls: [Int])] = [:]
        for fact in facts {
            guard let text = answer(fact) else { continue }
            if seen[text] == nil { order.append(text) }
            seen[text, default: ([], [])].times.append(fact["elapsedMs"]?.number ?? 0)
            seen[text]?.ttls += (fact["answer"]?["answers"]?.array ?? []).compactMap { $0["ttl"]?.int }
        }
        let lines = order.prefix(mostAnswers).map { text in
            let (times, ttls) = seen[text] ?? ([], [])
            return "· \(text)" + ttl(ttls) + " (\(spread(times)))"
        }
        return order.count > mostAnswers
            ? lines + ["· … \(counted(order.count - mostAnswers, "further answer")) (--format json tells all)"] : lines
    }

    private static func ttl(_ ttls: [Int]) -> String {
        guard let least = ttls.min(), let most = ttls.max() else { return "" }
        return least == most ? ", TTL \(least) s" : ", TTL \(least) to \(most) s"
    }

    private static func spread(_ times: [Double]) -> String {
        guard let least = times.min(), let most = times.max(), times.count > 1 else {
            return Milliseconds.spoken(times.first ?? 0)
        }
        return "\(grouped(times.count)) times, \(Milliseconds.spoken(least)) to \(Milliseconds.spoken(most))"
    }

    /// `A shop.test.: 198.18.2.2`
    private static func answer(_ fact: JSONValue) -> String? {
        guard let (_, told) = FactLine.dnsParts(fact), let name = fact["name"]?.string else { return nil }
        let type = fact["recordType"]?.string ?? "?"
        let step = fact["step"]?.string ?? ""
        // A name made at random differs each time.
        let asked = step == "random" ? "a random name under \(zone(name))" : name
        let result = data(fact) ?? told
        let over = fact["transport"]?.string == "tcp" ? " over TCP" : ""
        let why = reasons[step].map { ", \($0)" } ?? ""
        return "\(type) \(asked.escaped(limit: 260))\(over)\(why): \(result.escaped(limit: 2000).cutInMiddle(to: 240))"
    }

    /// The records alone, where the question got some; of SRV records in words.
    private static func data(_ fact: JSONValue) -> String? {
        guard fact["answer"]?["rcode"]?.string == "NOERROR" else { return nil }
        let records = (fact["answer"]?["answers"]?.array ?? []).compactMap { record -> String? in
            guard let data = record["data"]?.string else { return nil }
            let words = data.split(separator: " ")
            guard record["type"]?.string == "SRV", words.count == 4 else { return data }
            return "\(words[3]) port \(words[2]) (priority \(words[0]), weight \(words[1]))"
        }
        let isCut = fact["answer"]?["flags"]?.array?.contains { $0.string == "tc" } ?? false
        return records.isEmpty || isCut ? nil : listed(records, limit: 4)
    }

    private static func zone(_ name: String) -> String {
        name.split(separator: ".").last.map { "\($0)." } ?? "."
    }

    private static let reasons = [
        "again": "asked again", "truncated": "since it was cut short", "contrast": "to compare",
        "wildcard": "a name made at random",
        "plain": "with less EDNS", "repeated": "once more", "target": "a host of the answer",
        "reverse": "the name of an address",
    ]
}
