import Testing
import Wire

/// All of a message at once, then the end of the connection.
func parse(
    _ text: String, method: String = "GET", limits: HTTPResponseParser.Limits = .init(bodyKept: 4096)
) throws -> HTTPResponseParser {
    var parser = HTTPResponseParser(method: method, limits: limits)
    _ = try parser.feed(Array(text.utf8))
    _ = parser.end()
    return parser
}

func parseFailure(_ text: String, limits: HTTPResponseParser.Limits = .init()) -> HTTPMessageError? {
    #expect(throws: HTTPMessageError.self) { try parse(text, limits: limits) }
}

@Suite struct HTTPResponseParserTests {
    @Test func response_isTakenApart() throws {
        let parser = try parse(
            "HTTP/1.1 200 All is well\r\nContent-Type:text/plain\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello")
        #expect(parser.isComplete)
        #expect(parser.head?.version == "HTTP/1.1")
        #expect(parser.head?.status == 200)
        #expect(parser.head?.reason == "All is well")
        #expect(
            parser.head?.fields == [
                HTTPField("Content-Type", "text/plain"), HTTPField("X-Empty", ""), HTTPField("Content-Length", "5"),
            ])
        #expect(parser.body == Array("hello".utf8))
        #expect(parser.bodyBytes == 5)
        #expect(!parser.isBodyCut)
    }

    @Test(arguments: ["HTTP/1.1 204\r\n\r\n", "HTTP/1.0 204 \r\n\r\n", "HTTP/1.1 204 No Content\n\n"])
    func statusLine_isRead_inEveryAllowedForm(_ text: String) throws {
        let parser = try parse(text)
        #expect(parser.isComplete)
        #expect(parser.head?.status == 204)
    }

    @Test func interimResponses_areSkippedAndCounted() throws {
        let parser = try parse(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        )
        #expect(parser.interim == [100, 103])
        #expect(parser.head?.status == 200)
        #expect(parser.head?.fields.count == 1)
    }

    @Test func switchingProtocols_isFinal_sinceWeNeverAsk() throws {
        let parser = try parse("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\u{1}\u{2}")
        #expect(parser.isComplete)
        #expect(parser.head?.status == 101)
    }

    @Test func foldedLine_isJoinedByABlank() throws {
        let parser = try parse("HTTP/1.1 204 x\r\nX-Long: one\r\n \t two\r\n\tthree\r\nX-Next: y\r\n\r\n")
        #expect(parser.head?.fields == [HTTPField("X-Long", "one two three"), HTTPField("X-Next", "y")])
    }

    // MARK: - The end of the body (RFC 9112 section 6.3)

    @Test(arguments: [
        ("HEAD", "200", "Content-Length: 10"), ("HEAD", "200", "Transfer-Encoding: chunked"),
        ("GET", "204", "Content-Length: 10"), ("GET", "304", "Content-Length: 10"), ("GET", "200", "Content-Length: 0"),
    ])
    func body_isAbsent(_ method: String, _ status: String, _ field: String) throws {
        let parser = try parse("HTTP/1.1 \(status) x\r\n\(field)\r\n\r\n", method: method)
        #expect(parser.isComplete)
        #expect(parser.bodyBytes == 0)
    }

    @Test func body_endsWithTheConnection_whenNothingSaysItsLength() throws {
        var parser = HTTPResponseParser(method: "GET")
        let isDone = try parser.feed(Array("HTTP/1.1 200 OK\r\n\r\nabc".utf8))
        #expect(!isDone)
        let isWhole = parser.end()
        #expect(isWhole)
        #expect(parser.bodyBytes == 3)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ])
    func response_isNotWhole_whenItIsCutShort(_ text: String) throws {
        #expect(try !parse(text).isComplete)
    }

    @Test func repeatedEqualLengths_areOneLength() throws {
        let parser = try parse("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi")
        #expect(parser.isComplete)
        #expect(parser.bodyBytes == 2)
    }

    @Test(arguments: ["gzip", "gzip, deflate"])
    func otherCoding_endsWithTheConnection(_ coding: String) throws {
        let parser = try parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: \(coding)\r\n\r\nabc")
        #expect(parser.isComplete)
        #expect(parser.bodyBytes == 3)
    }

    @Test func bytesAfterTheEnd_areLeftAlone() throws {
        let parser = try parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 500 Extra\r\n\r\n")
        #expect(parser.head?.status == 200)
        #expect(parser.body == Array("hi".utf8))
    }

    // MARK: - Limits

    @Test(arguments: [
        "Content-Length: 10\r\n\r\n0123456789", "\r\n0123456789",
        "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
    ])
    func body_isCut_whenItIsLongerThanTheLimit(_ rest: String) throws {
        let parser = try parse("HTTP/1.1 200 OK\r\n\(rest)", limits: .init(bodyBytes: 4, bodyKept: 3))
        #expect(parser.isComplete)
        #expect(parser.isBodyCut)
        #expect(parser.bodyBytes == 4)
        #expect(parser.body == Array("012".utf8))
    }

    @Test func body_isNotCut_whenItIsAsLongAsTheLimit() throws {
        let parser = try parse("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0123", limits: .init(bodyBytes: 4))
        #expect(parser.isComplete)
        #expect(!parser.isBodyCut)
    }

    @Test func head_isRefused_whenItNeverEnds() {
        let endless = "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 70_000)
        #expect(parseFailure(endless)?.reason == "no end within 65536 bytes")
        let manyLines =
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 100)
        #expect(parseFailure(manyLines)?.part == .head)
    }

    @Test func head_isRefused_whenItHasTooManyFields() {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 201) + "\r\n"
        #expect(parseFailure(text)?.reason == "more than 200 header fields")
    }

    @Test func interimResponses_areRefused_whenTheyNeverEnd() {
        let text = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17)
        #expect(parseFailure(text)?.reason == "more than 16 interim responses")
    }

    @Test func start_keepsTheFirstBytes() throws {
        let parser = try parse("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1000))
        #expect(parser.start.count == 256)
        #expect(parser.start.starts(with: "HTTP/1.1 200 OK".utf8))
    }
}

@Suite struct HTTPMessageErrorTests {
    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9.2\r\n", "status line at byte 0: not an HTTP/1 response: \"S\""),
        ("HTTP/2 200\r\n\r\n", "status line at byte 0: not an HTTP/1 response: \"HTTP/2\""),
        ("HTTP/1.x 200 OK\r\n\r\n", "status line at byte 0: not an HTTP/1 response: \"HTTP/1.x 200 OK\""),
        ("HTTP/1.1 20 OK\r\n\r\n", "status line at byte 0: no status code of three digits: \"HTTP/1.1 20 OK\""),
        ("HTTP/1.1  200 OK\r\n\r\n", "status line at byte 0: no status code of three digits: \"HTTP/1.1  200 OK\""),
        ("HTTP/1.1 -20 OK\r\n\r\n", "status line at byte 0: no status code of three digits: \"HTTP/1.1 -20 OK\""),
        ("HTTP/1.1 099 OK\r\n\r\n", "status line at byte 0: no status code of three digits: \"HTTP/1.1 099 OK\""),
        (
            "HTTP/1.1 200 a\u{0}b\r\n\r\n",
            "status line at byte 0: a control character in the reason: \"HTTP/1.1 200 a\\x00b\""
        ),
        ("HTTP/1.1 200 OK\r\nnothing\r\n\r\n", "header line at byte 17: no colon: \"nothing\""),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\nX : y\r\n\r\n",
            "header line at byte 23: the name before the colon is not a token: \"X : y\""
        ),
        ("HTTP/1.1 200 OK\r\n: y\r\n\r\n", "header line at byte 17: the name before the colon is not a token: \": y\""),
        (
            "HTTP/1.1 200 OK\r\n x: y\r\n\r\n",
            "header line at byte 17: a folded line with no header before it: \" x: y\""
        ),
        (
            "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
            "header line at byte 17: a carriage return or NUL within the line: \"X: a\\rb\""
        ),
        (
            "HTTP/1.1 200 OK\r\nX: a\u{0}\r\n\r\n",
            "header line at byte 17: a carriage return or NUL within the line: \"X: a\\x00\""
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "Content-Length: given twice with different values: \"1, 2\""
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
            "Content-Length: given twice with different values: \"1, 2\""
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length: not a number of bytes: \"-1\""),
        ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "Content-Length: not a number of bytes: \"+1\""),
        ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "Content-Length: not a number of bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\n", "Content-Length: not a number of bytes"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
            "Content-Length: not a number of bytes: \"9999999999999999999\""
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Content-Length: given beside Transfer-Encoding, so the body's end is in doubt"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            "Transfer-Encoding: chunked must stand once and last: \"chunked, gzip\""
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n\r\n",
            "Transfer-Encoding: chunked must stand once and last: \"chunked, chunked\""
        ),
    ])
    func mistake_isNamedWithItsPlace(_ text: String, _ words: String) {
        #expect(parseFailure(text)?.description == words)
    }

    @Test func parser_staysFailed() {
        var parser = HTTPResponseParser(method: "GET")
        #expect(throws: HTTPMessageError.self) { try parser.feed(Array("garbage".utf8)) }
        #expect(throws: HTTPMessageError.self) { try parser.feed(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)) }
        let isWhole = parser.end()
        #expect(!isWhole)
    }
}
