import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct HTTPProxyTests {
    private static func scenario(_ url: String, _ more: [String: ParameterValue] = [:]) -> HTTPScenario {
        var parameters = more
        parameters["proxy"] = .text("http://proxy.example:3128")
        return HTTPScenario(url: url, parameters: parameters, hosts: ["proxy.example": ["192.0.2.9"]])
    }

    private static let opened = "HTTP/1.1 200 Connection established\r\n\r\n"
    private static let page = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func https_asksForATunnel_andSpeaksWithTheServerThroughIt() async throws {
        let run = try await Self.scenario("https://shop.example/health").run([
            "192.0.2.9:3128": [.saying(Self.opened, Self.page)]
        ])
        #expect(run.sample?.outcome == .answered)
        let written = try #require(run.connections.first).writtenText
        #expect(written.hasPrefix("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n"))
        #expect(written.contains("\r\n\r\nGET /health HTTP/1.1\r\nHost: shop.example\r\n"))
        #expect(run.handshakes.first?.settings.serverName == "shop.example")
        #expect(run.hops.map(\.method) == ["CONNECT", "GET"])
        #expect(run.hops.map { $0.proxy?.description } == ["proxy.example:3128", nil])
        #expect(run.sample.map { $0.phases.sum == $0.latency } == true)
    }

    @Test func http_asksForTheWholeURL() async throws {
        let run = try await Self.scenario("http://shop.example:8080/health?deep=1").run([
            "192.0.2.9:3128": [.saying(Self.page)]
        ])
        #expect(run.sample?.outcome == .answered)
        let written = try #require(run.connections.first).writtenText
        #expect(written.hasPrefix("GET http://shop.example:8080/health?deep=1 HTTP/1.1\r\nHost: shop.example:8080\r\n"))
        #expect(!written.contains("Proxy-Authorization"))
    }

    @Test(arguments: ["http://shop.example/", "https://shop.example/"])
    func credentials_goToTheProxyAlone(url: String) async throws {
        var scenario = Self.scenario(url, ["proxyBasic": .text("lab:secret"), "bearer": .text("for-the-shop")])
        scenario.samples = 1
        let texts = url.hasPrefix("https") ? [Self.opened, Self.page] : [Self.page]
        let script = texts.count == 2 ? StreamScript.saying(texts[0], texts[1]) : StreamScript.saying(texts[0])
        let run = try await scenario.run(["192.0.2.9:3128": [script]])
        let written = try #require(run.connections.first).writtenText
        let requests = written.split(separator: "\r\n\r\n").map(String.init)
        #expect(requests[0].contains("Proxy-Authorization: Basic bGFiOnNlY3JldA=="))
        #expect(requests.dropFirst().allSatisfy { !$0.contains("Proxy-Authorization") })
        #expect(requests[requests.count - 1].contains("Authorization: Bearer for-the-shop"))
        if requests.count == 2 { #expect(!requests[0].contains("for-the-shop")) }
    }

    @Test(arguments: [407, 403, 502]) func aTunnelThatIsNotOpened_failsAtTheProxy(status: Int) async throws {
        let run = try await Self.scenario("https://shop.example/").run(["192.0.2.9:3128": [.response(status)]])
        #expect(run.sample?.outcome == .failed(.proxy))
        #expect(run.handshakes.isEmpty)
        #expect(run.comparison("proxy")?.isMet == false)
        #expect(run.comparison("proxy")?.seen.contains("\(status)") == true)
        #expect(run.comparison("status") == nil)
        #expect(run.connections.first?.isClosed == true)
    }

    @Test func silenceAtTheTunnel_failsAtTheProxy() async throws {
        let run = try await Self.scenario("https://shop.example/").run(["192.0.2.9:3128": [StreamScript([.silence])]])
        #expect(run.sample?.outcome == .failed(.proxy))
        #expect(run.comparison("proxy")?.seen.contains("no HTTP answer") == true)
    }

    @Test func overHTTP_theProxysOwnErrorIsTold_fromTheServers() async throws {
        let own = try await Self.scenario("http://shop.example/").run([
            "192.0.2.9:3128": [.response(503, headers: "X-Squid-Error: ERR_CONNECT_FAIL 111")]
        ])
        #expect(own.sample?.outcome == .failed(.proxy))
        let servers = try await Self.scenario("http://shop.example/").run(["192.0.2.9:3128": [.response(503)]])
        #expect(servers.sample?.outcome == .answered)
        #expect(servers.comparison("status")?.isMet == false)
    }

    @Test func redirects_goThroughTheProxyToo() async throws {
        let run = try await Self.scenario("http://shop.example/").run([
            "192.0.2.9:3128": [.redirect("http://other.example/b"), .saying(Self.page)]
        ])
        #expect(run.sample?.outcome == .answered)
        #expect(run.connections.map(\.endpoint.description) == ["192.0.2.9:3128", "192.0.2.9:3128"])
        #expect(run.connections.last?.writtenText.hasPrefix("GET http://other.example/b HTTP/1.1") == true)
    }

    @Test(arguments: [
        (["proxy": "https://proxy:3128"], "expected http://HOST:PORT"),
        (["proxy": "http://user:secret@proxy:3128"], "without credentials"),
        (["proxyBasic": "a:b"], "needs proxy"),
        (["proxy": "http://proxy:3128", "connectTo": "192.0.2.1"], "cannot stand beside"),
    ])
    func mistakes(_ parameters: [String: String], _ message: String) throws {
        let scenario = HTTPScenario(parameters: parameters.mapValues { .text($0) })
        let check = try scenario.check()
        let problem = #expect(throws: PlanProblem.self) { try HTTPProbe(check: check) }
        #expect(problem?.message.contains(message) == true)
        #expect(problem?.message.contains("secret") == false)
    }
}
