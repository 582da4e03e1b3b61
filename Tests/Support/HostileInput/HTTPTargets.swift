import Wire

extension FuzzTarget {
    private static let httpWords = [
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "Content-Length: ", "Transfer-Encoding: chunked\r\n",
        "\r\n", "\r\n\r\n", "0\r\n\r\n", "gzip, chunked", "Location: ", ": ", "\n ", "204", "304", "101",
    ]

    /// The first byte chooses the method, the second the way in which the rest is split.
    static let httpResponse = FuzzTarget(
        "http-response", words: httpWords,
        seeds: {
            [
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 404 \r\n\r\nuntil the end",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nA: b\r\n c\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
                "HTTP/1.1 301 Moved\nLocation: https://example.com/\nContent-Length: 0, 0\n\n", "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 4096))\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\r\n\(String(repeating: " c\r\n", count: 900))\r\n",
                "HTTP/1.1 200 OK\r\n\(String(repeating: "A: b\r\n", count: 21))\r\n",
                String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 4),
                "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n\(String(repeating: "x", count: 4096))",
            ].flatMap { text in (0..<3).map { [$0, 7] + Array(text.utf8) } }
        }
    ) { bytes in
        guard bytes.count > 2 else { return }
        let methods = ["GET", "HEAD", "POST", "CONNECT"]
        try sameHoweverSplit(Array(bytes[2...]), method: methods[Int(bytes[0]) % methods.count], seed: bytes[1])
    }

    /// Everything behind the head of a chunked response.
    static let httpChunked = FuzzTarget(
        "http-chunked", words: ["\r\n", "0\r\n\r\n", "5\r\n", "ffffffff\r\n", ";a=b", "7fffffffffffffff"],
        seeds: {
            [
                "5\r\nhello\r\n0\r\n\r\n", "1;\(String(repeating: "x", count: 4096))\r\n",
                String(repeating: "1;\(String(repeating: "y", count: 1000))\r\nz\r\n", count: 5),
                "0\r\n\(String(repeating: "T: u\r\n", count: 21))\r\n",
                "a;x=\"y\"\r\n0123456789\r\n1\r\nz\r\n0\r\nT: u\r\n\r\n", "0\r\n\r\nmore", "fffffff",
            ].map { [3] + Array($0.utf8) }
        }
    ) { bytes in
        guard bytes.count > 1 else { return }
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        try sameHoweverSplit(Array(head.utf8) + bytes[1...], method: "GET", seed: bytes[0])
    }

    private static func sameHoweverSplit(_ bytes: [UInt8], method: String, seed: UInt8) throws {
        // Small limits, so that the fuzzer comes to them.
        let limits = HTTPResponseParser.Limits(
            headBytes: 4096, fields: 20, bodyBytes: 2048, bodyKept: 64, interimResponses: 3)
        let whole = Reading(bytes, method: method, limits, pieces: [bytes.count])
        let single = Reading(bytes, method: method, limits, pieces: [1])
        let mixed = Reading(bytes, method: method, limits, pieces: (0..<5).map { 1 + (Int(seed) >> $0 & 7) * 3 })
        try whole.isBounded(by: limits, fed: bytes.count)
        try hold(whole == single, "whole and byte by byte differ:\n\(whole)\n\(single)")
        try hold(whole == mixed, "whole and in pieces differ:\n\(whole)\n\(mixed)")
    }

    /// What can be seen of a response after all of its bytes.
    private struct Reading: Equatable {
        var error: HTTPMessageError?
        var isComplete = false
        var head: HTTPResponseHead?
        var interim: [Int]
        var body: [UInt8]
        var bodyBytes: Int
        var isBodyCut: Bool
        var trailers: [HTTPField]
        var start: [UInt8]
        var taken: Int

        init(_ bytes: [UInt8], method: String, _ limits: HTTPResponseParser.Limits, pieces: [Int]) {
            var parser = HTTPResponseParser(method: method, limits: limits)
            var position = 0
            var piece = 0
            do throws(HTTPMessageError) {
                while position < bytes.count, !isComplete {
                    let end = min(bytes.count, position + pieces[piece % pieces.count])
                    isComplete = try parser.feed(Array(bytes[position..<end]))
                    position = end
                    piece += 1
                }
                if !isComplete { isComplete = parser.end() }
            } catch { self.error = error }
            head = parser.head
            interim = parser.interim
            body = parser.body
            bodyBytes = parser.bodyBytes
            isBodyCut = parser.isBodyCut
            trailers = parser.trailers
            taken = parser.bytesTaken
            // What follows the response in the same piece is evidence too, and depends on the pieces. So does where a part
            // that is refused was left.
            start = Array(parser.start.prefix(min(taken, 256)))
            if isBodyCut || error != nil {
                taken = 0
                start = []
            }
        }

        func isBounded(by limits: HTTPResponseParser.Limits, fed: Int) throws {
            try hold(body.count <= limits.bodyKept, "\(body.count) bytes of body kept")
            try hold(bodyBytes <= limits.bodyBytes, "\(bodyBytes) bytes of body counted")
            try hold(taken <= fed, "\(taken) bytes taken of \(fed)")
            try hold(interim.count <= limits.interimResponses, "\(interim.count) interim responses")
            try hold(trailers.count <= limits.fields && head?.fields.count ?? 0 <= limits.fields, "too many fields")
            try hold(error?.description.utf8.count ?? 0 <= 1024, "a long message")
        }
    }
}
