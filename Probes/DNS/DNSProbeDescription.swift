import NetValues
import Planning
import Wire

extension DNSProbe {
    package static let description = ProbeDescription(
        kind: "dns",
        summary: "asks DNS servers for a name and keeps the whole answer of each",
        targetForm: .name,
        latency: "round trip of the answering exchange",
        parameters: parameters,
        expectations: expectations,
        rights: "none",
        notes: """
            Sends one UDP datagram for each type, server and name of the search list. After half of the time without an \
            answer the datagram is sent once more, and beside it the same question over TCP, so that a filtered UDP port \
            is told from a dead server. A truncated answer is fetched over TCP. Of a name that does not exist the forms \
            of the search list that were not asked are asked too, to tell a wrong form from a missing name, and the name itself \
            six times more, since a server with several upstreams may have it now and then. `pairs` and `rate` load the server, \
            and are only made where asked for. It cannot tell a server that drops a \
            question from a network that loses it, nor whether an answer was changed on its way (DNSSEC is not validated).
            """)

    private static let parameters = [
        ParameterDescription(
            "type", .list,
            "record types: \(DNSType.named.map(\.0).joined(separator: " ")) or TYPEnn (default: A and AAAA)",
            check: { each($0) { DNSType($0) == nil ? "expected a record type such as AAAA or TYPE65" : nil } }),
        ParameterDescription(
            "servers", .list, "ADDRESS or ADDRESS:PORT of each server to ask (default: those of resolv.conf)",
            check: { each($0) { Endpoint($0, defaultPort: 53) == nil ? "expected ADDRESS or ADDRESS:PORT" : nil } }),
        ParameterDescription("transport", .words(["udp", "tcp"]), "how the first question goes (default: udp)"),
        ParameterDescription(
            "search", .flag, "try the search list of resolv.conf (default: only where its servers are asked)"),
        ParameterDescription(
            "edns", .number(0...4096), "largest UDP answer to accept, in bytes; 0 sends no EDNS (default: 1232)",
            check: { value in
                if case .number(let size) = value, (1..<512).contains(size) {
                    "expected 0, or 512 and more"
                } else {
                    nil
                }
            }),
        ParameterDescription("recursion", .flag, "ask the server to look further itself (default: true)"),
        ParameterDescription("dnssec", .flag, "ask for DNSSEC records (the DO bit; default: false)"),
        ParameterDescription(
            "checkingDisabled", .flag, "ask for answers that fail DNSSEC validation too (default: false)"),
        ParameterDescription(
            "pairs", .number(20...10_000),
            "put so many pairs of A and AAAA questions from one port, from two, one after the other and over TCP, to see which are lost"
        ),
        ParameterDescription(
            "rate", .number(1...50_000),
            "ask so many questions a second for a span, whether answers come or not: it loads the server, so ask its owner first"
        ),
        ParameterDescription("for", .span, "the span of `rate`, at most 10m (default: 10s)"),
        ParameterDescription(
            "reach", .number(1...65535), "TCP port that is tried at addresses which only some of the servers give"),
        ParameterDescription(
            "randomNames", .flag,
            "ask for names made at random under com, net, org and invalid, to find a server that answers everything (default: false)"
        ),
        ParameterDescription(
            "reverse", .flag, "ask for the names of the addresses in the answers, 8 at most (default: false)"),
    ]

    private static let expectations = [
        ParameterDescription(
            "rcode", .words(DNSRcode.named.map(\.0) + [DNSExpectations.anyRcode]),
            "the response code that the answer must have; ANY takes whatever the server says"),
        ParameterDescription(
            "answers", .list, "the data of the answer's records: all of these and no others, in any order"),
        ParameterDescription(
            "ttl", .record(["min", "max"]),
            "the least and the greatest TTL of the answer's records, in seconds or as a span",
            check: { value in
                guard case .map(let limits) = value else { return nil }
                return limits.values.allSatisfy { TTLRange.seconds($0) != nil }
                    ? nil : "expected seconds or a span such as 5m"
            }),
    ]

    private static func each(_ value: ParameterValue, _ mistake: (String) -> String?) -> String? {
        switch value {
        case .list(let texts): texts.isEmpty ? "expected at least one" : texts.lazy.compactMap(mistake).first
        case .text(let text): mistake(text)
        default: nil
        }
    }
}
