import Testing
import Wire

@Suite struct HTTPRequestMessageTests {
    func text(_ request: HTTPRequestMessage) throws -> String { String(decoding: try request.encoded(), as: UTF8.self) }

    @Test func request_isWrittenInOrder() throws {
        let request = HTTPRequestMessage(
            method: "GET", target: "/a?b=c", fields: [HTTPField("Host", "example.com"), HTTPField("X", "é\ty")])
        #expect(try text(request) == "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nX: é\ty\r\n\r\n")
    }

    @Test func length_isSaid_whereTheMethodOrABodyCallsForIt() throws {
        #expect(
            try text(HTTPRequestMessage(method: "GET", target: "/", body: Array("héllo".utf8)))
                == "GET / HTTP/1.1\r\nContent-Length: 6\r\n\r\nhéllo")
        #expect(
            try text(HTTPRequestMessage(method: "POST", target: "/")) == "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        #expect(try text(HTTPRequestMessage(method: "DELETE", target: "/")) == "DELETE / HTTP/1.1\r\n\r\n")
    }

    @Test(arguments: ["\r", "\n", "\u{0}", "\r\nX: injected", "\u{1}", "\u{7f}"])
    func injection_isRefused_inEveryPart(_ bad: String) {
        let requests = [
            HTTPRequestMessage(method: "GET\(bad)", target: "/"), HTTPRequestMessage(method: "GET", target: "/\(bad)"),
            HTTPRequestMessage(method: "GET", target: "/", fields: [HTTPField("X\(bad)", "y")]),
            HTTPRequestMessage(method: "GET", target: "/", fields: [HTTPField("X", "y\(bad)z")]),
        ]
        for request in requests { #expect(throws: HTTPMessageError.self) { try request.encoded() } }
    }

    @Test(arguments: ["", "/a b", "/é"]) func target_isRefused_whenItIsNoneOfHTTP(_ target: String) {
        #expect(throws: HTTPMessageError.self) { try HTTPRequestMessage(method: "GET", target: target).encoded() }
    }

    @Test func refusal_doesNotShowTheValue() throws {
        let request = HTTPRequestMessage(method: "GET", target: "/", fields: [HTTPField("Cookie", "secret\n")])
        let error = #expect(throws: HTTPMessageError.self) { try request.encoded() }
        #expect(error?.description == "the value of header Cookie holds a character that HTTP does not allow there")
    }

    // RFC 4648 section 10 and RFC 7617 section 2.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("\u{ff}>?", "w78+Pw=="),
    ])
    func base64_followsTheTable(_ text: String, _ encoded: String) {
        #expect(HTTPCredentials.base64(Array(text.utf8)) == encoded)
    }

    @Test func basicCredentials_followTheExample() {
        #expect(HTTPCredentials.basic("Aladdin:open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }
}
