import RepeatableChance
import Testing
import Wire

@Suite struct HTTPHostileBytesTests {
    static let messages = [
        "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nX: one\r\n two\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nT: u\r\n\r\n",
        "HTTP/1.0 404 Not Found\nContent-Length: 12\n\nnot here, no",
        "HTTP/1.1 500\r\n\r\nuntil the connection ends",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nBroken\r\n\r\n", "SSH-2.0-x\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi!\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi!\r\n",
    ]

    /// What a message came to, however it was cut.
    struct Result: Equatable {
        var isComplete: Bool
        var head: HTTPResponseHead?
        var interim: [Int]
        var body: [UInt8]
        var trailers: [HTTPField]
        var error: HTTPMessageError?
    }

    func result(of pieces: [[UInt8]]) -> Result {
        var parser = HTTPResponseParser(method: "GET", limits: .init(bodyKept: 4096))
        var failure: HTTPMessageError?
        for piece in pieces where failure == nil {
            do { _ = try parser.feed(piece) } catch { failure = error }
        }
        _ = parser.end()
        return Result(
            isComplete: parser.isComplete, head: parser.head, interim: parser.interim, body: parser.body,
            trailers: parser.trailers, error: failure)
    }

    @Test(arguments: messages) func everySplit_givesTheSameResult(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = result(of: [bytes])
        for cut in 0...bytes.count {
            #expect(result(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(result(of: bytes.map { [$0] }) == whole, "byte by byte")
    }

    @Test(arguments: messages) func everyPrefix_isCompleteOnlyAsAWhole(_ text: String) {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            var parser = HTTPResponseParser(method: "GET")
            let isDone = (try? parser.feed(Array(bytes[..<end]))) ?? false
            #expect(!isDone || parser.head != nil)
        }
    }

    @Test(arguments: 0..<32) func randomBytes_neverCrashAndStayInBounds(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let base = Array(Self.messages[Int.random(in: 0..<Self.messages.count, using: &random)].utf8)
            let bytes = mutated(base, &random)
            var parser = HTTPResponseParser(method: "GET", limits: .init(bodyBytes: 100, bodyKept: 50))
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                rest = rest.dropFirst(piece.count)
                if (try? parser.feed(Array(piece))) == nil { break }
            }
            _ = parser.end()
            #expect(parser.bodyBytes <= 100 && parser.body.count <= 50 && parser.bytesTaken <= bytes.count)
        }
    }

    private func mutated(_ base: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = base
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default: if bytes.count > 1 { bytes.remove(at: place) }
            }
        }
        return bytes
    }
}
