import Foundation

/// A lab in words, for a person who looks at one.
extension LabNetwork {
    var text: [String] {
        let pairs = links.map { link in
            let ends = [link.first, link.second].map { "\($0.node) (\($0.addresses.joined(separator: ", ")))" }
            return ends.joined(separator: link.isWired ? " ── relay ── " : " ── ")
        }
        return pairs + routes.map { "\($0.node): \($0.route)" }
            + (routers.isEmpty ? [] : ["routers: \(routers.joined(separator: ", "))"])
    }
}

extension LabChange {
    var text: String {
        switch self {
        case .filter(let node, let hook, let rule): "\(node): nft \(hook) \(rule)"
        case .addRoute(let node, let route): "\(node): ip route add \(route)"
        case .removeRoute(let node, let route): "\(node): ip route del \(route)"
        case .sysctl(let node, let pair): "\(node): sysctl \(pair)"
        case .etc(let node, let file, let text):
            "\(node): /etc/\(file): \(text.split(separator: "\n").joined(separator: " | "))"
        case .web(let node, let port): "\(node): web server on port \(port)"
        case .server(let node, let server, let words): "\(node): \(server.rawValue) \(words.joined(separator: " | "))"
        case .certificates: "certificates of a lab authority"
        case .impair(let one, let other, let forth, let back):
            "\(one) → \(other): \(Self.text(forth)); \(other) → \(one): \(Self.text(back ?? forth))"
        case .daemon(let node, let daemon, let text): "\(node): \(daemon.rawValue): \(text)"
        case .record(let node, let script): "\(node), while leadsman captures there: \(script)"
        case .shell(let node, let script): "\(node): \(script)"
        }
    }

    private static func text(_ impairment: Impairment) -> String {
        impairment.words.isEmpty ? "as a wire" : impairment.words.joined(separator: " ")
    }
}

extension Scenario.Expected {
    var text: [String] {
        var lines = ["verdict \(verdict), exit status \(exit)"]
        if !must.isEmpty { lines.append("must be found: \(must.joined(separator: ", "))") }
        if !may.isEmpty { lines.append("may be found: \(may.joined(separator: ", "))") }
        lines.append("nothing else may be found")
        if let headline { lines.append("headline: \(headline)") }
        lines += says.map { "it says “\($0)”" }
        lines += statuses.sorted { $0.key < $1.key }.map { "check `\($0.key)`: \($0.value)" }
        return lines
    }
}
