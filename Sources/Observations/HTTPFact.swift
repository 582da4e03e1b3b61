import NetValues
import Planning

/// One request and what came back: one hop of a redirect chain.
package struct HTTPFact: Sendable {
    package enum Outcome: Sendable {
        case responded(HTTPResponse)
        /// The connection ended or fell silent before a whole response was read; what was read is in `partial`.
        case incomplete(StreamEnd, partial: PartialResponse)
        /// The bytes are no HTTP: why, and the first of them.
        case malformed(reason: String, bytes: [UInt8])
    }

    package let url: HTTPURL
    package let endpoint: Endpoint
    package let method: String
    package let outcome: Outcome
    /// From the last byte of the request to the first of the response.
    package let firstByte: Duration?
    package let elapsed: Duration
    /// Bytes of the request that were handed over: all of it, or none where the kernel refused them.
    package let sentBytes: Int
    /// Made only to compare, with another Host than asked for: no rule but that which compares looks at it.
    package let isContrast: Bool
    /// The proxy that the request was put to, as the plan names it; nil where the server itself was asked. `CONNECT` is a request
    /// to the proxy alone, and what follows it in the tunnel is one to the server.
    package let proxy: HostPort?
    /// Where nothing more came until the deadline.
    package let progress: StreamProgress?
    /// From before the request until the end of the answer; nil where the kernel does not tell.
    package let pace: StreamPace?

    package init(
        url: HTTPURL, endpoint: Endpoint, method: String, outcome: Outcome, firstByte: Duration?, elapsed: Duration,
        sentBytes: Int = 0, isContrast: Bool = false, proxy: HostPort? = nil,
        progress: StreamProgress? = nil, pace: StreamPace? = nil
    ) {
        self.pace = pace
        self.progress = progress
        self.isContrast = isContrast
        self.proxy = proxy
        self.url = url
        self.endpoint = endpoint
        self.method = method
        self.outcome = outcome
        self.firstByte = firstByte
        self.elapsed = elapsed
        self.sentBytes = sentBytes
    }

    /// The reason of `tlsFailed` where TCP ended in good order and TLS did not (RFC 8446 section 6.1), in OpenSSL's words.
    package static let endWithoutCloseNotify = "unexpected eof while reading"

    /// Reset or closed in good order after the request, before a byte of an answer.
    package var isEndedUnanswered: Bool {
        guard case .incomplete(let end, let partial) = outcome, partial.bytes == 0, sentBytes > 0 else { return false }
        return end.isReset || end == .closed
    }

    package var response: HTTPResponse? {
        if case .responded(let response) = outcome { response } else { nil }
    }

    /// The proxy's own word, and not the server's: that a tunnel was not opened, that credentials are wanted (RFC 9110 section
    /// 15.5.8), or an error that names its proxy (RFC 9209 section 2.1.1, Squid's and tinyproxy's own headers).
    package var isRefusalOfProxy: Bool {
        guard proxy != nil, let response, response.status >= 300 else { return false }
        if method == "CONNECT" || response.status == 407 { return true }
        guard response.status >= 400 else { return false }
        let maker = (response.header("Server") ?? "").lowercasedASCII()
        return response.header("X-Squid-Error") != nil || maker.hasPrefix("tinyproxy") || maker.hasPrefix("squid")
            || response.header("Proxy-Status")?.contains("error=") == true
    }
}

package struct HTTPResponse: Sendable {
    package let version: String
    package let status: Int
    package let reason: String
    /// As received, in order; names as sent.
    package let headers: [(name: String, value: String)]
    package let bodyBytes: Int
    /// The body was longer than the limit; reading stopped there.
    package let isBodyCut: Bool
    /// The first bytes of the body, for evidence.
    package let bodyStart: [UInt8]
    /// Alike in answers of one maker, by their Server and Location; nil where an answer has neither. It is salted, means nothing
    /// outside this process, and is never reported.
    package let maker: Int?

    package init(
        version: String, status: Int, reason: String, headers: [(name: String, value: String)], bodyBytes: Int,
        isBodyCut: Bool, bodyStart: [UInt8], maker: Int? = nil
    ) {
        self.maker = maker ?? Self.maker(headers)
        self.version = version
        self.status = status
        self.reason = reason
        self.headers = headers
        self.bodyBytes = bodyBytes
        self.isBodyCut = isBodyCut
        self.bodyStart = bodyStart
    }

    /// All but the status left out, of a server whose words are nobody's business.
    package var statusOnly: HTTPResponse {
        HTTPResponse(
            version: "", status: status, reason: "", headers: [], bodyBytes: 0, isBodyCut: false, bodyStart: [],
            maker: maker)
    }

    private static func maker(_ headers: [(name: String, value: String)]) -> Int? {
        let telling = headers.filter { ["server", "location"].contains($0.name.lowercasedASCII()) }
        if telling.isEmpty { return nil }
        var hasher = Hasher()
        for header in telling {
            hasher.combine(header.name.lowercasedASCII())
            hasher.combine(header.value)
        }
        return hasher.finalize()
    }

    /// The first header of this name, compared without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercasedASCII() == name.lowercasedASCII() }?.value
    }
}

/// How far a response came that did not end.
package struct PartialResponse: Sendable {
    package let status: Int?
    package let bytes: Int
    package let start: [UInt8]

    package init(status: Int?, bytes: Int, start: [UInt8] = []) {
        self.status = status
        self.bytes = bytes
        self.start = start
    }
}
