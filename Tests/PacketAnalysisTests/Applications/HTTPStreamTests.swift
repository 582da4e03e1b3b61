import Observations
import PacketAnalysis
import Testing
import Wire

@Suite struct HTTPStreamTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("A body that was not captured costs no response")
    func holeInABody() {
        var talk = Talk()
        talk.open()
        talk.clientSays("GET /big HTTP/1.1\r\nHost: h\r\n\r\n")
        talk.serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n1234567890")
        talk.serverSaysUnseen(4000)
        talk.serverSays([UInt8](repeating: 0x41, count: 990))
        talk.clientSays("GET /next HTTP/1.1\r\n\r\n")
        talk.serverSays(Self.ok)
        let http = talk.summary.http
        #expect(http.requests == 2 && http.responses == 2 && http.unanswered == 0)
        #expect(http.exchanges.map(\.status) == [200, 200])
    }

    @Test("Behind a hole in a head the next start line is found, and what was asked before it is in doubt")
    func holeInAHead() {
        var talk = Talk()
        talk.open()
        talk.clientSays("GET /one HTTP/1.1\r\nHost: h\r\n\r\n")
        talk.serverSays("HTTP/1.1 200 OK\r\nContent-")
        talk.serverSaysUnseen(1000)
        talk.clientSays("GET /two HTTP/1.1\r\nHost: h\r\n\r\n")
        talk.serverSays("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        talk.clientSays("GET /three HTTP/1.1\r\nHost: h\r\n\r\n")
        talk.serverSays(Self.ok)
        let http = talk.summary.http
        #expect(http.requests == 3)
        // The 404 came when it was not known what waits for an answer.
        #expect(http.statuses == [200: 2])
        #expect(http.exchanges.map(\.status) == [200, nil, 200])
        #expect(http.exchanges.last?.status == 200)
        #expect(http.unanswered == 0)
    }

    @Test("Segments out of order and sent again")
    func disorder() {
        let request = Array("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbodyGET /q HTTP/1.1\r\n\r\n".utf8)
        var talk = Talk()
        talk.open()
        talk.clientSays(Array(request[..<20]), at: 0)
        talk.clientSays(Array(request[40...]), at: 40)
        talk.clientSays(Array(request[10..<50]), at: 10)
        talk.clientSays(request, at: 0)
        talk.serverSays(Self.ok + Self.ok)
        let http = talk.summary.http
        #expect(http.exchanges.map(\.path) == ["/p", "/q"])
        #expect(http.responses == 2 && http.unanswered == 0)
    }

    @Test("A connection that began before the capture")
    func midstream() {
        var talk = Talk()
        talk.serverSays("tail of a body that nobody knows")
        talk.clientSays("GET /x HTTP/1.1\r\nHost: h:81\r\n\r\n")
        talk.serverSays(Self.ok)
        let summary = talk.summary
        #expect(summary.http.requests == 1 && summary.http.responses == 1)
        #expect(summary.flows.first?.name == "h")
    }

    @Test(
        "What carries credentials",
        arguments: [
            ("GET / HTTP/1.1\r\nauthorization: Bearer x\r\n\r\n", true), ("GET / HTTP/1.1\r\nCookie:a\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nProxy-Authorization: Basic x\r\n\r\n", true),
            ("GET http://user:secret@h/p;jsessionid=1?q HTTP/1.1\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nSet-Cookie: a\r\nX-Authorization: no\r\n\r\n", false),
        ])
    func credentials(request: String, carries: Bool) {
        var talk = Talk()
        talk.open()
        talk.clientSays(request)
        let exchange = talk.summary.http.exchanges.first
        #expect(exchange?.carriesCredentials == carries)
        #expect(exchange?.path == "/" || exchange?.path == "/p")
        #expect(exchange?.host == nil || exchange?.host == "h")
    }

    @Test("Many unanswered requests in a row end the reading, and bytes without a line are bounded")
    func floods() {
        var talk = Talk()
        talk.open()
        for _ in 0..<100 { talk.clientSays("GET / HTTP/1.1\r\n\r\n") }
        #expect(talk.summary.http.requests == 65)
        #expect(talk.summary.http.unanswered == 0)

        var long = Talk()
        long.open()
        long.clientSays("GET /")
        for _ in 0..<100 { long.clientSays([UInt8](repeating: 0x61, count: 1400)) }
        #expect(long.summary.http.requests == 0)
    }
}
