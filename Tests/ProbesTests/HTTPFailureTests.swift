import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct HTTPFailureTests {
    @Test func unknownName_failsAtResolve() async throws {
        let run = try await HTTPScenario(hosts: [:]).run([:])
        #expect(run.sample?.outcome == .failed(.resolve))
        #expect(run.sample?.latency == nil)
        #expect(run.sample?.comparisons.isEmpty == true)
    }

    @Test func refusal_failsAtConnect() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.refused]])
        #expect(run.sample?.outcome == .failed(.connect))
        #expect(run.connects.first?.outcome == .failed(SocketFailure(code: 111, name: "ECONNREFUSED")))
        #expect(run.sample?.phases.connect == .milliseconds(1))
    }

    @Test func silence_failsAtConnectAtTheDeadline() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.timedOut]])
        #expect(run.sample?.outcome == .failed(.connect))
        #expect(run.connects.first?.elapsed == .seconds(5))
    }

    @Test func failedHandshake_failsAtTLS_andKeepsWhatItShowed() async throws {
        var scenario = HTTPScenario(url: "https://shop.example/")
        scenario.change = { $0.outcome = .failed(.alert("handshake_failure")) }
        let run = try await scenario.run(["192.0.2.1:443": [StreamScript()]])
        #expect(run.sample?.outcome == .failed(.tls))
        #expect(run.comparison("certificate")?.isMet == true)
        #expect(run.connections.first?.isClosed == true)
    }

    @Test func handshakeWithoutCertificate_saysNothingOfCertificates() async throws {
        var scenario = HTTPScenario(url: "https://shop.example/")
        scenario.change = {
            $0.outcome = .failed(.closed)
            $0.chain = []
        }
        let run = try await scenario.run(["192.0.2.1:443": [StreamScript()]])
        #expect(run.comparison("certificate") == nil)
    }

    @Test func unwritableRequest_failsAtRequest() async throws {
        let failure = StreamEnd.failed(SocketFailure(code: 32, name: "EPIPE"))
        let script = StreamScript([.end(.failed(SocketFailure(code: 104, name: "ECONNRESET")))], writeFailure: failure)
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.sample?.outcome == .failed(.request))
        guard case .incomplete(failure, let partial)? = run.hops.first?.outcome else {
            Issue.record("\(String(describing: run.hops.first))")
            return
        }
        #expect(partial.bytes == 0)
    }

    @Test func earlyAnswer_counts_evenIfTheRequestWasNotTakenWhole() async throws {
        var script = StreamScript.response(413)
        script.writeFailure = .failed(SocketFailure(code: 32, name: "EPIPE"))
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.sample?.outcome == .answered)
        #expect(run.comparison("status")?.seen == "413")
    }

    static let reset = StreamEnd.failed(SocketFailure(code: 104, name: "ECONNRESET"))

    @Test(
        arguments: [
            ("", StreamEnd.closed, nil), ("", reset, nil), ("", .deadline, nil),
            ("HTTP/1.1 200 OK\r\nContent-", .closed, nil),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .closed, 200),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", reset, 200),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .deadline, 200),
            ("HTTP/1.1 200 OK\r\n\r\nabc", reset, 200),
            ("HTTP/1.1 200 OK\r\n\r\nabc", .tlsFailed("unexpected end"), 200),
            ("HTTP/1.1 200 OK\r\n\r\nabc", .deadline, 200),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", .closed, 200),
            ("", .tlsFailed("certificate_required"), nil),
        ] as [(String, StreamEnd, Int?)])
    func abruptEnd_failsAtResponse_andTellsHowFarItCame(_ text: String, _ end: StreamEnd, _ status: Int?) async throws {
        let start: [StreamScript.Step] = text.isEmpty ? [] : [.bytes(Array(text.utf8))]
        let script = StreamScript(start + [end == .deadline ? .silence : .end(end)])
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.sample?.outcome == .failed(.response))
        #expect(run.sample?.latency == nil)
        #expect(run.comparison("status") == nil)
        guard case .incomplete(end, let partial)? = run.hops.first?.outcome else {
            Issue.record("\(String(describing: run.hops.first))")
            return
        }
        #expect(partial.status == status)
        #expect(partial.bytes == text.utf8.count)
        #expect(partial.start == Array(text.utf8))
        #expect(run.connections.first?.isClosed == true)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{15}\u{3}\u{1}", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
    ])
    func garbage_failsAtResponse_withItsFirstBytes(_ text: String) async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.saying(text)]])
        #expect(run.sample?.outcome == .failed(.response))
        guard case .malformed(_, let bytes)? = run.hops.first?.outcome else {
            Issue.record("\(String(describing: run.hops.first))")
            return
        }
        #expect(bytes == Array(text.utf8))
    }

    @Test func drippingPeer_endsAtTheDeadline() async throws {
        let steps = (0..<10_000).flatMap { _ in [StreamScript.Step.wait(.milliseconds(100)), .bytes([0x78])] }
        let script = StreamScript([.bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))] + steps)
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.sample?.outcome == .failed(.response))
        #expect(run.hops.first?.elapsed == .milliseconds(4999))
        guard case .incomplete(.deadline, let partial)? = run.hops.first?.outcome else {
            Issue.record("\(String(describing: run.hops.first))")
            return
        }
        #expect(partial.bytes == 19 + 49)
    }

    @Test func peerThatNeverStopsSpeaking_endsAtTheDeadline() async throws {
        // The last wait ends at the deadline; every read after it would still give bytes at once.
        let flood = Array(repeating: StreamScript.Step.bytes([0x78]), count: 1000)
        let script = StreamScript(
            [.bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .wait(.milliseconds(4999))] + flood + [.end(.closed)])
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.sample?.outcome == .failed(.response))
        guard case .incomplete(.deadline, let partial)? = run.hops.first?.outcome else {
            Issue.record("\(String(describing: run.hops.first))")
            return
        }
        #expect(partial.bytes == 20)
    }

    @Test func ourOwnInability_isThrown_andNothingIsRecorded() async throws {
        let inability = Inability(.noDescriptors, action: "open a socket", reason: "EMFILE", fix: "raise the limit")
        let run = try await HTTPScenario().run(["192.0.2.1:80": [StreamScript(opening: .unable(inability))]])
        #expect(run.interruption == .unable(inability))
        #expect(run.samples.isEmpty)
    }
}
