import NetValues
import Planning

extension HTTPProbe {
    package static let description = ProbeDescription(
        kind: "http", summary: "asks a web server for a URL and follows its redirects", targetForm: .url,
        latency: "the whole exchange, from the look-up to the last byte, redirects included",
        stages: LatencyStage.allCases,
        parameters: requestKeys + connectionKeys + credentialKeys + limitKeys,
        expectations: [
            ParameterDescription(
                "status", .list,
                "codes (200) and classes (2xx) of the last response; 2xx or 3xx when nothing is written",
                check: checked(HTTPKeySyntax.status)),
            ParameterDescription("body", .pattern, "a regular expression that the body must contain"),
            ParameterDescription("headers", .mapOfPatterns, "header names with a regular expression each"),
            ParameterDescription("redirect", .words(["https"]), "the http:// URL must redirect to https at once"),
        ],
        rights: "none",
        notes: """
            HTTP/1.1 over TCP, or TLS for https, one new connection for each request. Every redirect is a fact of its own; \
            at most 10 are followed, none twice, and none away from http and https. What the plan wrote into headers, body \
            and credentials goes only to the URL's own server, never to another host, never in the clear after TLS, and \
            never over a connection whose certificate does not verify. Bodies are not decompressed. The probe cannot see \
            HTTP/2, HTTP/3, or what a browser's scripts would do.
            """)

    private static let requestKeys = [
        ParameterDescription("method", .text, "GET when nothing is written", check: checked(HTTPKeySyntax.method)),
        ParameterDescription("headers", .map, "headers to send", check: checked(HTTPKeySyntax.headers)),
        ParameterDescription("body", .text, "what to send after the headers"),
        ParameterDescription(
            "host", .text, "the Host header in place of the URL's host", check: checked(HTTPKeySyntax.hostHeader)),
        ParameterDescription(
            "follow", .flag, "whether to follow redirects: true, but false where expect.status names a redirect"),
    ]

    private static let connectionKeys = [
        ParameterDescription(
            "addresses", .words(["first", "all"]),
            """
            first: until one address accepts; all: the exchange with each of them; when nothing is written: first, and in the \
            first two samples a connection to each other address (up to 16), so that a dead one is seen
            """),
        ParameterDescription(
            "connectTo", .text, "HOST or HOST:PORT to connect to in place of the URL's host",
            check: checked(HTTPKeySyntax.connectTo)),
        ParameterDescription(
            "proxy", .text, "http://HOST:PORT of a proxy to ask through: CONNECT for https, the whole URL for http",
            check: checked(HTTPKeySyntax.proxy)),
        ParameterDescription(
            "serverName", .text, "the name for TLS, in the greeting and in the certificate",
            check: checked(HTTPKeySyntax.serverName)),
        ParameterDescription("ca", .text, "file or directory of CA certificates in place of the system's"),
        ParameterDescription("certificate", .text, "file of the client certificate, with its chain (PEM)"),
        ParameterDescription("key", .text, "file of the client certificate's key (PEM)"),
    ]

    private static let credentialKeys = [
        ParameterDescription(
            "basic", .text, "USER:PASSWORD, from ${env:NAME} or ${file:PATH}", check: checked(HTTPKeySyntax.basic)),
        ParameterDescription(
            "bearer", .text, "a token, from ${env:NAME} or ${file:PATH}", check: checked(HTTPKeySyntax.bearer)),
        ParameterDescription(
            "proxyBasic", .text, "USER:PASSWORD for the proxy, from ${env:NAME} or ${file:PATH}",
            check: checked(HTTPKeySyntax.basic)),
    ]

    private static let limitKeys = [
        ParameterDescription(
            "keep", .words(["all", "status"]),
            "status: nothing of an answer is kept or told but its status, and no redirect is followed; else all"),
        ParameterDescription(
            "maxBody", .number(0...(64 << 20)), "bytes of body to read at most, 1048576 when nothing is written"),
        ParameterDescription(
            "maxHeader", .number(1024...(1 << 20)), "bytes of headers to take at most, 65536 when nothing is written"),
    ]

    private static func checked(_ mistake: @escaping @Sendable (String) -> String?)
        -> @Sendable (ParameterValue) -> String?
    {
        { value in if case .text(let text) = value { mistake(text) } else { nil } }
    }

    private static func checked(
        _ mistake: @escaping @Sendable ([String: String]) -> String?
    ) -> @Sendable (ParameterValue) -> String? {
        { value in if case .map(let map) = value { mistake(map) } else { nil } }
    }

    private static func checked(_ mistake: @escaping @Sendable ([String]) -> String?)
        -> @Sendable (ParameterValue) -> String?
    {
        { value in
            switch value {
            case .list(let words): mistake(words)
            case .text(let word): mistake([word])
            default: nil
            }
        }
    }
}
