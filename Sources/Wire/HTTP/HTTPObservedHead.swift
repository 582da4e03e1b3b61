/// A request as it went by; nothing secret is kept of it.
package struct HTTPRequestStart: Hashable, Sendable {
    package var method: String
    /// Without query, fragment and parameters, at most 256 bytes; of CONNECT the authority.
    package var path: String
    package var host: String?
    /// `Authorization`, `Proxy-Authorization` or `Cookie`, or a password in the target.
    package var carriesCredentials: Bool

    package init(method: String, path: String, host: String? = nil, carriesCredentials: Bool = false) {
        self.method = method
        self.path = path
        self.host = host
        self.carriesCredentials = carriesCredentials
    }
}

package struct HTTPResponseStart: Hashable, Sendable {
    package var status: Int

    package init(status: Int) {
        self.status = status
    }
}

/// What is kept of a head while its lines go by.
struct HTTPObservedHead: Hashable, Sendable {
    enum Body: Hashable {
        case none
        case length(Int64)
        case chunked
        case untilClose
    }

    private var request: HTTPRequestStart?
    private(set) var status = 0
    private var contentLength: Int64?
    /// Two lengths that differ, or one that is no number: where the body ends is in doubt.
    private var isLengthWrong = false
    private var isChunked = false
    private var isCoded = false

    init() {}

    /// Takes a start line; nil when it is none.
    init?(_ bytes: Span<UInt8>, _ line: Range<Int>) {
        if let status = HTTPStartLine.status(bytes, line) {
            self.status = status
        } else if let request = HTTPStartLine.request(bytes, line) {
            self.request = request
        } else {
            return nil
        }
    }

    var isResponse: Bool { request == nil }

    var event: HTTPStreamReader.Event {
        request.map { .request($0) } ?? .response(HTTPResponseStart(status: status))
    }

    mutating func add(_ bytes: Span<UInt8>, _ line: Range<Int>) {
        guard let colon = HTTPStartLine.first(0x3a, bytes, line) else { return }
        let name = line.lowerBound..<colon
        let value = HTTPStartLine.trimmed(bytes, colon + 1..<line.upperBound)
        switch name.count {
        case 4 where HTTPStartLine.equals(bytes, name, "host"): addHost(bytes, value)
        case 6 where HTTPStartLine.equals(bytes, name, "cookie"),
            13 where HTTPStartLine.equals(bytes, name, "authorization"),
            19 where HTTPStartLine.equals(bytes, name, "proxy-authorization"):
            request?.carriesCredentials = true
        case 14 where HTTPStartLine.equals(bytes, name, "content-length"): addLength(bytes, value)
        case 17 where HTTPStartLine.equals(bytes, name, "transfer-encoding"):
            isCoded = true
            isChunked = HTTPStartLine.endsWith(bytes, value, "chunked")
        default: break
        }
    }

    private mutating func addHost(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        guard !value.isEmpty, value.count <= 255 else { return }
        request?.host = bytes.text(value)
    }

    private mutating func addLength(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        guard let length = HTTPStartLine.number(bytes, value), contentLength == nil || contentLength == length else {
            isLengthWrong = true
            return
        }
        contentLength = length
    }

    /// RFC 9112 section 6.3: without a word about it a request has no body.
    var bodyOfRequest: Body {
        if isCoded { return isChunked ? .chunked : .untilClose }
        return contentLength.map { .length($0) } ?? .none
    }

    func bodyOfResponse(to method: String?) -> Body {
        if method == "HEAD" || status < 200 || status == 204 || status == 304 { return .none }
        if isCoded { return isChunked ? .chunked : .untilClose }
        if isLengthWrong { return .untilClose }
        return contentLength.map { .length($0) } ?? .untilClose
    }
}
