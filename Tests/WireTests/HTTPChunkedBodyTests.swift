import Testing
import Wire

@Suite struct HTTPChunkedBodyTests {
    static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(arguments: [
        "5\r\nhello\r\n0\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "0005\r\nhello\r\n000\r\n\r\n",
        "5;a=b;c=\"d\"\r\nhello\r\n0;end\r\n\r\n", "5 ; x\r\nhello\r\n0\r\n\r\n",
    ])
    func chunks_areJoined(_ body: String) throws {
        let parser = try parse(Self.head + body)
        #expect(parser.isComplete)
        #expect(parser.body == Array("hello".utf8))
        #expect(parser.trailers.isEmpty)
    }

    @Test func hexadecimalSizes_areReadInBothCases() throws {
        let text = String(repeating: "x", count: 0xaB)
        #expect(try parse(Self.head + "aB\r\n\(text)\r\n0\r\n\r\n").bodyBytes == 0xab)
    }

    @Test func trailers_areKeptApartFromHeaders() throws {
        let parser = try parse(Self.head + "1\r\nx\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n")
        #expect(parser.trailers == [HTTPField("X-Sum", "1"), HTTPField("X-More", "2")])
        #expect(parser.head?.fields.count == 1)
    }

    @Test(arguments: [
        ("nonsense\r\n", "chunk at byte 47: its size is not a hexadecimal number: \"nonsense\\r\\n\""),
        ("\r\n", "chunk at byte 47: its size is not a hexadecimal number: \"\\r\\n\""),
        ("-5\r\n", "chunk at byte 47: its size is not a hexadecimal number: \"-5\\r\\n\""),
        ("0x5\r\n", "chunk at byte 47: its size is not a hexadecimal number: \"0x5\\r\\n\""),
        ("5\nhello", "chunk at byte 47: its size line does not end with CR LF: \"5\\n\""),
        ("ffffffffffffffff\r\n", "chunk at byte 47: its size has more than 15 digits: \"ffffffffffffffff\\r\\n\""),
        ("1\r\nxy\r\n", "chunk at byte 51: no CR LF where its size says that it ends: \"y\""),
        ("1\r\nx\ry", "chunk at byte 52: no CR LF where its size says that it ends: \"y\""),
        ("0\r\nno colon\r\n", "trailer line at byte 50: no colon: \"no colon\""),
    ])
    func mistake_isNamedWithItsPlace(_ body: String, _ words: String) {
        #expect(parseFailure(Self.head + body)?.description == words)
    }

    @Test func largestSize_neitherOverflowsNorFills() throws {
        let parser = try parse(Self.head + "fffffffffffffff\r\nabc", limits: .init(bodyBytes: 2))
        #expect(parser.isBodyCut)
        #expect(parser.bodyBytes == 2)
    }

    @Test func endlessExtension_isRefused() {
        let body = "5;" + String(repeating: "x", count: 5000)
        #expect(parseFailure(Self.head + body)?.reason == "its size line has more than 4096 bytes")
    }

    @Test func extensionsOfManyChunks_areRefusedTogether() {
        let chunk = "1;" + String(repeating: "x", count: 4000) + "\r\ny\r\n"
        let error = parseFailure(Self.head + String(repeating: chunk, count: 20))
        #expect(error?.reason == "more than 65536 bytes of chunk extensions")
    }

    @Test func endlessTrailers_areRefused() {
        let error = parseFailure(
            Self.head + "0\r\n" + String(repeating: "X: \(String(repeating: "y", count: 500))\r\n", count: 200))
        #expect(error?.reason == "trailers of more than 65536 bytes")
    }
}
