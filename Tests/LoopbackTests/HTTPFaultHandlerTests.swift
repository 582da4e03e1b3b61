import FaultServers
import NetValues
import Observations
import ProbeKit
import Synchronization
import Testing
import Wire

@Suite(.onReactor) struct HTTPFaultHandlerTests {
    let routes: [String: HTTPFault] = [
        "/ok": .status(200, "fine"), "/none": .status(204), "/moved": .redirect(to: "/ok", status: 301),
        "/loop": .redirect(to: "/loop"),
        "/late": .status(200, "late").delayed(by: .seconds(2)), "/echo": HTTPFault(.echo(header: "X-Echo")),
        "/private": HTTPFault(.basicAuthentication("user:pass", body: "in")),
        "/chunked": HTTPFault(.chunked(["hello ", "world"], trailers: [HTTPField("X-Sum", "1")])),
        "/early": HTTPFault(.earlyHints(body: "hi")),
        "/close-ended": HTTPFault(.untilClose(body: "to the end")),
        "/drip": HTTPFault(.drip(bytes: 5, every: .seconds(1))),
        "/silence": HTTPFault(.silence), "/stall": HTTPFault(.stall(afterBytes: 10)),
        "/short": HTTPFault(.short(bytes: 10)),
        "/reset": HTTPFault(.resetAtOnce), "/reset-within": HTTPFault(.resetWithinBody(afterBytes: 10)),
        "/close": HTTPFault(.closeAtOnce),
        "/garbage": HTTPFault(.garbage), "/broken-chunk": HTTPFault(.brokenChunk),
        "/large": HTTPFault(.oversizedHeader(bytes: 100_000)),
        "/headers": HTTPFault(.endlessHeaders), "/body": HTTPFault(.endlessBody),
        "/extension": HTTPFault(.endlessChunkExtension),
    ]

    /// What one request to the handler gave.
    func answer(_ path: String, method: String = "GET", fields: String = "") async -> RecordingStream {
        await exchange("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
    }

    func exchange(_ request: String) async -> RecordingStream {
        let time = JumpingTime()
        let stream = RecordingStream(request: Array(request.utf8), time: time)
        let handler = HTTPFaultHandler(routes: routes, time: time) { await ($0 as? RecordingStream)?.reset() }
        await handler.serve(stream)
        return stream
    }

    func parsed(_ stream: RecordingStream, method: String = "GET") throws -> HTTPResponseParser {
        var parser = HTTPResponseParser(method: method, limits: .init(bodyKept: 1000))
        _ = try parser.feed(stream.written)
        _ = parser.end()
        return parser
    }

    @Test(arguments: [
        ("/ok", 200, "fine"), ("/ok?query", 200, "fine"), ("/none", 204, ""), ("/moved", 301, ""), ("/loop", 302, ""),
        ("/late", 200, "late"),
        ("/chunked", 200, "hello world"), ("/early", 200, "hi"), ("/close-ended", 200, "to the end"),
        ("/drip", 200, "xxxxx"),
        ("/nowhere", 404, "no such path\n"), ("/private", 401, "no or wrong credentials\n"),
    ])
    func wholeAnswers_areWhole(_ path: String, _ status: Int, _ body: String) async throws {
        let stream = await answer(path)
        let parser = try parsed(stream)
        #expect(parser.isComplete)
        #expect(parser.head?.status == status)
        #expect(String(decoding: parser.body, as: UTF8.self) == body)
        #expect(stream.ending == .closed)
    }

    @Test func answerToHEAD_hasNoBody() async throws {
        let stream = await answer("/ok", method: "HEAD")
        #expect(String(decoding: stream.written, as: UTF8.self).hasSuffix("Content-Length: 4\r\n\r\n"))
    }

    @Test func redirect_namesItsPlace() async throws {
        #expect(try await parsed(answer("/moved")).head?.fields.values("location") == ["/ok"])
    }

    @Test func echo_givesTheHeaderBack() async throws {
        #expect(try await parsed(answer("/echo", fields: "x-ECHO: hello\r\n")).body == Array("hello".utf8))
    }

    @Test func credentials_openTheDoor() async throws {
        let field = "Authorization: \(HTTPCredentials.basic("user:pass"))\r\n"
        #expect(try await parsed(answer("/private", fields: field)).head?.status == 200)
    }

    @Test(arguments: [
        ("/late", 2), ("/drip", 5), ("/silence", 30), ("/stall", 30), ("/headers", 0), ("/body", 0), ("/extension", 0),
    ])
    func time_passesAsTheFaultSays(_ path: String, _ seconds: Int) async {
        let stream = await answer(path)
        #expect(stream.time.now() - JumpingTime.start == .seconds(seconds))
    }

    @Test(arguments: ["/silence", "/close", "/reset"]) func noByte_isSent(_ path: String) async {
        #expect(await answer(path).written.isEmpty)
    }

    @Test(arguments: ["/stall", "/short", "/reset-within"]) func body_staysShort(_ path: String) async throws {
        let parser = try await parsed(answer(path))
        #expect(!parser.isComplete)
        #expect(parser.bodyBytes == 10)
    }

    @Test(arguments: [("/reset", true), ("/reset-within", true), ("/short", false), ("/close", false)])
    func connection_isResetOnlyWhereTheFaultSaysSo(_ path: String, _ isReset: Bool) async {
        #expect(await answer(path).ending == (isReset ? .reset : .closed))
    }

    @Test(arguments: [
        ("/garbage", HTTPMessageError.Part.statusLine), ("/broken-chunk", .chunk), ("/large", .head),
        ("/headers", .head), ("/extension", .chunk),
    ])
    func brokenAnswers_areRefusedByAClient(_ path: String, _ part: HTTPMessageError.Part) async {
        let stream = await answer(path)
        let error = #expect(throws: HTTPMessageError.self) { try parsed(stream) }
        #expect(error?.part == part)
    }

    @Test func endlessBody_endsOnlyWithTheClient() async throws {
        let stream = await answer("/body")
        #expect(stream.written.count > RecordingStream.capacity)
        #expect(try parsed(stream).bodyBytes > 900_000)
    }

    @Test(arguments: [
        "", "GET /ok HTTP/1.1\r\n", "\u{16}\u{3}\u{1}\r\n\r\n", "GET\r\n\r\n", "GET ok HTTP/1.1\r\n\r\n", "\r\n\r\n",
        "GET /ok HTTP/2\r\n\r\n",
    ])
    func whatIsNoRequest_isHungUpOn(_ request: String) async {
        let stream = await exchange(request)
        #expect(stream.written.isEmpty)
        #expect(stream.ending == .closed)
    }

    @Test func endlessRequest_isHungUpOn() async {
        let stream = await exchange("GET /ok HTTP/1.1\r\nX: " + String(repeating: "x", count: 200_000))
        #expect(stream.written.isEmpty)
        #expect(stream.bytesLeft > 100_000)
    }

    @Test func requestsBody_isReadBeforeTheAnswer() async {
        let stream = await exchange(
            "POST /ok HTTP/1.1\r\nContent-Length: 50000\r\n\r\n" + String(repeating: "x", count: 50_000))
        #expect(stream.bytesLeft == 0)
        #expect(!stream.written.isEmpty)
    }
}

/// A clock that goes to every instant that somebody waits for.
final class JumpingTime: TimeSource {
    static let start = Instant(nanoseconds: 1_000_000_000)
    private let instant = Mutex(start)

    func now() -> Instant { instant.withLock { $0 } }
    func sleep(until wanted: Instant) async throws(ProbeInterruption) { instant.withLock { $0 = max($0, wanted) } }
    func wallTime() -> WallTime { WallTime(seconds: 0) }
}

/// A client that sends its request in pieces, then is silent, and stops taking bytes after about a megabyte.
final class RecordingStream: ByteStream {
    enum Ending { case open, closed, reset }

    static let capacity = 1_000_000
    let time: JumpingTime
    private struct State {
        var request: ArraySlice<UInt8>
        var written: [UInt8] = []
        var ending = Ending.open
    }
    private let state: Mutex<State>

    init(request: [UInt8], time: JumpingTime) {
        self.time = time
        state = Mutex(State(request: request[...]))
    }

    var written: [UInt8] { state.withLock(\.written) }
    var ending: Ending { state.withLock(\.ending) }
    var bytesLeft: Int { state.withLock(\.request.count) }

    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        let piece = state.withLock { state in
            let piece = state.request.prefix(min(count, 1000))
            state.request = state.request.dropFirst(piece.count)
            return Array(piece)
        }
        if !piece.isEmpty { return .bytes(piece) }
        try await time.sleep(until: deadline)
        return .end(.deadline)
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        state.withLock { state in
            guard state.written.count <= Self.capacity else { return .failed(SocketFailure(code: 32, name: "EPIPE")) }
            state.written += bytes
            return nil
        }
    }

    func close() async { state.withLock { if $0.ending == .open { $0.ending = .closed } } }
    func reset() async { state.withLock { $0.ending = .reset } }
}
