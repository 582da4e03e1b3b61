import NetValues
import Planning

/// Catalogue entries with the keys of the contract, so that the reader is tested without any probe.
enum FakeCatalogue {
    static let probes = [dns, tcp, tls, http, icmp, trace, mtu]

    private static func probe(
        _ kind: String, _ form: Target.Form, _ parameters: [ParameterDescription], expectations: [ParameterDescription]
    ) -> ProbeDescription {
        let stages: [String: [LatencyStage]] = [
            "tcp": [.resolve, .connect], "tls": [.resolve, .connect, .tls], "http": LatencyStage.allCases,
        ]
        return ProbeDescription(
            kind: kind, summary: "", targetForm: form, latency: "", stages: stages[kind] ?? [], parameters: parameters,
            expectations: expectations,
            rights: "", notes: "", takesRanges: ["tcp", "tls", "icmp"].contains(kind))
    }

    private static let dns = probe(
        "dns", .name,
        [
            ParameterDescription("type", .words(["A", "AAAA", "CNAME", "SRV", "TXT"]), ""),
            ParameterDescription("servers", .list, "") { value in
                guard case .list(let servers) = value else { return nil }
                return servers.first { Endpoint($0, defaultPort: 53) == nil }
                    .map { "expected addresses with an optional port, found `\($0)`" }
            },
            ParameterDescription("transport", .words(["udp", "tcp"]), ""),
            ParameterDescription("search", .flag, ""),
            ParameterDescription("edns", .number(512...65535), ""),
        ],
        expectations: [
            ParameterDescription("rcode", .words(["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"]), ""),
            ParameterDescription("answers", .list, ""),
            ParameterDescription("ttl", .record(["min", "max"]), ""),
        ])

    private static let tcp = probe(
        "tcp", .hostPort, [ParameterDescription("send", .text, "")],
        expectations: [ParameterDescription("banner", .pattern, "")])

    private static let tls = probe(
        "tls", .hostPort,
        [
            ParameterDescription("serverName", .text, ""), ParameterDescription("ca", .text, ""),
            ParameterDescription("certificate", .text, ""), ParameterDescription("key", .text, ""),
            ParameterDescription("alpn", .listOfWords(["h2", "http/1.1"]), ""),
        ],
        expectations: [
            ParameterDescription("validFor", .span, ""), ParameterDescription("version", .words(["1.2", "1.3"]), ""),
        ])

    private static let http = probe(
        "http", .url,
        [
            ParameterDescription("method", .text, ""), ParameterDescription("headers", .map, ""),
            ParameterDescription("body", .text, ""), ParameterDescription("host", .text, ""),
            ParameterDescription("serverName", .text, ""), ParameterDescription("ca", .text, ""),
            ParameterDescription("follow", .flag, ""), ParameterDescription("addresses", .words(["first", "all"]), ""),
            ParameterDescription("basic", .text, ""), ParameterDescription("bearer", .text, ""),
        ],
        expectations: [
            ParameterDescription("status", .list, ""), ParameterDescription("body", .pattern, ""),
            ParameterDescription("headers", .mapOfPatterns, ""),
            ParameterDescription("redirect", .words(["https"]), ""),
        ])

    private static let icmp = probe(
        "icmp", .host,
        [ParameterDescription("size", .number(0...65507), ""), ParameterDescription("ttl", .number(1...255), "")],
        expectations: [ParameterDescription("loss", .share, "")])

    private static let trace = probe(
        "trace", .host,
        [
            ParameterDescription("method", .words(["udp", "icmp", "tcp"]), ""),
            ParameterDescription("maxHops", .number(1...255), ""),
        ],
        expectations: [ParameterDescription("via", .list, "")])

    private static let mtu = probe(
        "mtu", .host, [ParameterDescription("method", .words(["udp", "icmp", "tcp"]), "")],
        expectations: [ParameterDescription("min", .number(68...65535), "")])
}
