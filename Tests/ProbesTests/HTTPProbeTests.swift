import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct HTTPProbeTests {
    @Test func exchange_isRecordedWhole() async throws {
        let run = try await HTTPScenario().run([
            "192.0.2.1:80": [.response(200, "fine", headers: "Server: x")]
        ])
        let sample = try #require(run.sample)
        #expect(sample.outcome == .answered)
        #expect(sample.isGood)
        let hop = try #require(run.hops.first)
        #expect(hop.response?.status == 200)
        #expect(hop.response?.header("server") == "x")
        #expect(hop.response?.bodyBytes == 4)
        #expect(hop.response?.bodyStart == Array("fine".utf8))
        #expect(hop.endpoint == Endpoint("192.0.2.1:80"))
        #expect(hop.firstByte == .milliseconds(1))
        let connection = try #require(run.connections.first)
        #expect(connection.isClosed)
        #expect(
            connection.writtenText
                == "GET /health HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: leadsman\r\nAccept: */*\r\n"
                + "Accept-Encoding: identity\r\nConnection: close\r\n\r\n")
    }

    @Test func facts_standInTheOrderOfTheirHappening() async throws {
        let run = try await HTTPScenario(url: "https://shop.example/").run(["192.0.2.1:443": [.response(200)]])
        let names = run.sample?.facts.map { fact in
            switch fact {
            case .resolution: "resolution"
            case .connect: "connect"
            case .tls: "tls"
            case .http: "http"
            default: "other"
            }
        }
        #expect(names == ["resolution", "connect", "tls", "http"])
    }

    @Test func phases_sumToTheLatency() async throws {
        let script = StreamScript(
            [
                .wait(.milliseconds(40)), .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab".utf8)),
                .wait(.milliseconds(7)),
                .bytes(Array("cd".utf8)),
            ], connectTime: .milliseconds(3))
        let run = try await HTTPScenario(url: "https://shop.example/").run(["192.0.2.1:443": [script]])
        let sample = try #require(run.sample)
        #expect(sample.phases.resolve == .zero)
        #expect(sample.phases.connect == .milliseconds(3))
        #expect(sample.phases.tls == .milliseconds(2))
        #expect(sample.phases.firstByte == .milliseconds(40))
        #expect(sample.phases.transfer == .milliseconds(7))
        #expect(sample.latency == .milliseconds(52))
        #expect(sample.phases.sum == sample.latency)
    }

    @Test func plainHTTP_hasNoTLSPhase() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.response(200)]])
        #expect(run.sample?.phases.tls == nil)
        #expect(run.handshakes.isEmpty)
    }

    @Test func everySample_hasAConnectionOfItsOwn() async throws {
        let run = try await HTTPScenario(samples: 3).run([
            "192.0.2.1:80": [.response(200), .response(500), .response(200)]
        ])
        #expect(run.connections.count == 3)
        #expect(run.samples.map(\.isGood) == [true, false, true])
        #expect(run.samples.map(\.index) == [0, 1, 2])
    }

    @Test func request_carriesWhatThePlanWrote() async throws {
        let scenario = HTTPScenario(
            url: "http://shop.example:8080/a?b=c",
            parameters: [
                "method": .text("POST"), "headers": .map(["X-Key": "k", "Accept": "text/html"]), "body": .text("héllo"),
                "host": .text("other.example"), "bearer": .text("token"),
            ])
        let run = try await scenario.run(["192.0.2.1:8080": [.response(201)]])
        #expect(
            run.connections.first?.writtenText
                == "POST /a?b=c HTTP/1.1\r\nHost: other.example\r\nUser-Agent: leadsman\r\n"
                + "Accept-Encoding: identity\r\nConnection: close\r\nAccept: text/html\r\nX-Key: k\r\nAuthorization: Bearer token\r\n"
                + "Content-Length: 6\r\n\r\nhéllo")
    }

    @Test func basicCredentials_areEncoded() async throws {
        let run = try await HTTPScenario(parameters: ["basic": .text("Aladdin:open sesame")]).run([
            "192.0.2.1:80": [.response(200)]
        ])
        #expect(
            run.connections.first?.writtenText.contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") == true
        )
    }

    @Test func addressInTheURL_isNeitherLookedUpNorSentAsServerName() async throws {
        let run = try await HTTPScenario(url: "https://[2001:db8::1]/", hosts: [:]).run([
            "[2001:db8::1]:443": [.response(200)]
        ])
        #expect(run.sample?.isGood == true)
        #expect(run.handshakes.first?.settings.serverName == nil)
        #expect(run.handshakes.first?.settings.expectedName == Host("2001:db8::1"))
        #expect(run.connections.first?.writtenText.contains("Host: [2001:db8::1]\r\n") == true)
    }

    @Test func head_hasNoBodyWhateverItsLengthSays() async throws {
        let script = StreamScript.saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        let run = try await HTTPScenario(parameters: ["method": .text("HEAD")]).run(["192.0.2.1:80": [script]])
        #expect(run.sample?.isGood == true)
        #expect(run.hops.first?.response?.bodyBytes == 0)
    }

    @Test func interimResponse_isNotTheAnswer() async throws {
        let script = StreamScript.saying(
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        #expect(run.hops.first?.response?.status == 503)
    }

    @Test func longBody_isCutAtTheLimit() async throws {
        let script = StreamScript(
            Array(repeating: .bytes([UInt8](repeating: 0x78, count: 1000)), count: 1).reduce(
                into: [.bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))]) { steps, step in
                    steps += Array(repeating: step, count: 10_000)
                })
        let run = try await HTTPScenario(parameters: ["maxBody": .number(5000)]).run(["192.0.2.1:80": [script]])
        #expect(run.sample?.isGood == true)
        #expect(run.hops.first?.response?.isBodyCut == true)
        #expect(run.hops.first?.response?.bodyBytes == 5000)
        #expect(run.hops.first?.response?.bodyStart.count == 256)
    }
}
