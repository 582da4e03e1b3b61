import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct HTTPRedirectTests {
    let hosts = ["shop.example": ["192.0.2.1"], "other.example": ["192.0.2.2"]]

    @Test func chain_isShownHopByHop_andItsPhasesAddUp() async throws {
        let run = try await HTTPScenario(hosts: hosts).run([
            "192.0.2.1:80": [.redirect("https://shop.example/a", 301)],
            "192.0.2.1:443": [.redirect("b"), .redirect("//other.example/c")],
            "192.0.2.2:443": [.response(200, "end")],
        ])
        #expect(
            run.hops.map(\.url.description) == [
                "http://shop.example/health", "https://shop.example/a", "https://shop.example/b",
                "https://other.example/c",
            ])
        #expect(run.hops.map { $0.response?.status } == [301, 302, 302, 200])
        let sample = try #require(run.sample)
        #expect(sample.isGood)
        #expect(sample.phases.connect == .milliseconds(4))
        #expect(sample.phases.tls == .milliseconds(6))
        #expect(sample.phases.sum == sample.latency)
        #expect(run.connections.count == 4)
        #expect(run.connections.map(\.isClosed) == [true, true, true, true])
        let lookups = sample.facts.filter { if case .resolution = $0 { true } else { false } }
        #expect(lookups.count == 2)
    }

    @Test func loop_endsAtTheSecondVisit() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.redirect("/b"), .redirect("/health")]])
        #expect(run.hops.map(\.url.requestTarget) == ["/health", "/b", "/health"])
        #expect(run.sample?.outcome == .answered)
        #expect(run.comparison("status")?.isMet == false)
        #expect(
            run.comparison("status")?.seen
                == "302 in a redirect loop: http://shop.example/health → http://shop.example/b → http://shop.example/health"
        )
    }

    @Test func redirectToItself_isALoop() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.redirect("http://SHOP.example/health#x")]])
        #expect(run.hops.count == 2)
        #expect(run.comparison("status")?.isMet == false)
    }

    @Test func whereOnlyTheStatusIsKept_noWordOfTheAnswerIs_andNoRedirectIsFollowed() async throws {
        let run = try await HTTPScenario(parameters: ["keep": .text("status"), "follow": .flag(true)]).run([
            "192.0.2.1:80": [
                .response(302, "hidden", headers: "Location: /health?hidden", "X-Token: hidden", "Server: hidden")
            ]
        ])
        let response = try #require(run.hops.first?.response)
        #expect(run.hops.count == 1 && run.sample?.isGood == true && response.status == 302)
        #expect(response.headers.isEmpty && response.reason.isEmpty && response.maker != nil)
        #expect(run.contrasts.isEmpty && !"\(run.samples)".contains("hidden"))
    }

    @Test(arguments: ["hidden\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Token: hidden\r\n"])
    func whereOnlyTheStatusIsKept_whatIsNoWholeAnswerIsNotKept(_ text: String) async throws {
        let run = try await HTTPScenario(parameters: ["keep": .text("status")]).run([
            "192.0.2.1:80": [StreamScript([.bytes(Array(text.utf8)), .end(.closed)])]
        ])
        #expect(run.hops.count == 1 && run.sample?.isGood == false)
        for case .http(let fact) in run.samples.flatMap(\.facts) {
            switch fact.outcome {
            case .incomplete(_, let partial): #expect(partial.start.isEmpty)
            case .malformed(let reason, let bytes): #expect(bytes.isEmpty && !reason.contains("hidden"))
            case .responded: Issue.record("a response")
            }
        }
    }

    @Test func returnToTheSameURL_isNoLoop_whenItThenAnswers() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.redirect("/health"), .response(200)]])
        #expect(run.hops.count == 2)
        #expect(run.sample?.isGood == true)
    }

    @Test func postThatBecomesGET_atTheSameURL_isNoLoop() async throws {
        let run = try await HTTPScenario(parameters: ["method": .text("POST"), "body": .text("x")]).run([
            "192.0.2.1:80": [.redirect("/health", 303), .redirect("/done"), .response(200)]
        ])
        #expect(run.hops.map(\.method) == ["POST", "GET", "GET"])
        #expect(run.sample?.isGood == true)
    }

    @Test func endlessChain_endsAfterTenRedirects() async throws {
        let scripts = (0..<20).map { StreamScript.redirect("/\($0)") }
        let run = try await HTTPScenario().run(["192.0.2.1:80": scripts])
        #expect(run.hops.count == 11)
        #expect(run.comparison("status")?.isMet == false)
        #expect(run.comparison("status")?.seen.hasPrefix("302 after more than 10 redirects: ") == true)
    }

    @Test(arguments: [
        "ftp://shop.example/", "javascript:alert(1)", "mailto:a@b", "http://", "http://a b/", "file:///etc/passwd",
        "http://u:p@shop.example/",
    ])
    func redirectElsewhere_isNotFollowed_andIsTheAnswer(_ location: String) async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.redirect(location)]])
        #expect(run.hops.count == 1)
        #expect(run.sample?.outcome == .answered)
        #expect(run.comparison("status")?.isMet == true)
    }

    @Test func redirectWithoutLocation_isTheAnswer() async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.response(302)]])
        #expect(run.hops.count == 1)
        #expect(run.sample?.isGood == true)
    }

    @Test(arguments: [300, 304, 305, 306]) func otherStatus_isNoRedirect(_ status: Int) async throws {
        let run = try await HTTPScenario().run(["192.0.2.1:80": [.redirect("/b", status)]])
        #expect(run.hops.count == 1)
    }

    @Test func follow_false_keepsTheFirstResponse() async throws {
        let run = try await HTTPScenario(parameters: ["follow": .flag(false)]).run(["192.0.2.1:80": [.redirect("/b")]])
        #expect(run.hops.count == 1)
        #expect(run.sample?.isGood == true)
    }

    @Test func expectedRedirect_isNotFollowed() async throws {
        let run = try await HTTPScenario(expected: ["status": .text("301")]).run([
            "192.0.2.1:80": [.redirect("/b", 301)]
        ])
        #expect(run.hops.count == 1)
        #expect(run.sample?.isGood == true)
    }

    @Test func failureOfALaterHop_isTheSamplesFailure() async throws {
        let run = try await HTTPScenario(hosts: hosts).run([
            "192.0.2.1:80": [.redirect("http://other.example/")], "192.0.2.2:80": [.refused],
        ])
        #expect(run.sample?.outcome == .failed(.connect))
        #expect(run.hops.count == 1)
    }

    // RFC 9110 sections 15.4.2 to 15.4.9.
    @Test(arguments: [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (301, "PUT", "PUT"),
        (303, "PUT", "GET"), (303, "HEAD", "HEAD"), (302, "HEAD", "HEAD"),
    ])
    func method_followsTheStatus(_ status: Int, _ method: String, _ next: String) async throws {
        let answer = StreamScript.saying("HTTP/1.1 204 No Content\r\n\r\n")
        let scenario = HTTPScenario(
            parameters: [
                "method": .text(method), "body": .text("payload"), "headers": .map(["Content-Type": "text/plain"]),
            ])
        let run = try await scenario.run([
            "192.0.2.1:80": [.saying("HTTP/1.1 \(status) x\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"), answer]
        ])
        #expect(run.hops.map(\.method) == [method, next])
        let text = try #require(run.connections.last?.writtenText)
        #expect(text.hasSuffix("payload") == (method == next))
        #expect(text.contains("Content-Type") == (method == next))
    }
}

@Suite struct HTTPCredentialTests {
    static let secrets: [String: ParameterValue] = [
        "bearer": .text("hush"), "headers": .map(["Cookie": "hush", "X-Api-Key": "hush", "Accept": "text/html"]),
    ]
    let hosts = [
        "shop.example": ["192.0.2.1"], "other.example": ["192.0.2.2"], "www.shop.example": ["192.0.2.2"],
    ]

    /// The first request is redirected, everything after it is answered.
    func run(_ url: String, _ location: String) async throws -> HTTPScenario.Run {
        let first = StreamScript.redirect(location)
        let isSecure = url.hasPrefix("https")
        return try await HTTPScenario(url: url, parameters: Self.secrets, hosts: hosts).run([
            "192.0.2.1:80": isSecure ? [.response(200)] : [first, .response(200)],
            "192.0.2.1:443": isSecure ? [first, .response(200)] : [.response(200)],
            "192.0.2.1:8080": [.response(200)], "192.0.2.2:80": [.response(200)], "192.0.2.2:443": [.response(200)],
        ])
    }

    @Test(arguments: [
        ("http://shop.example/", "/b"), ("http://shop.example/", "http://SHOP.example:80/b"),
        ("http://shop.example/", "https://shop.example/b"),
        ("https://shop.example/", "https://shop.example./b"),
    ])
    func credentials_stay_onTheirOwnServer(_ url: String, _ location: String) async throws {
        let run = try await run(url, location)
        #expect(run.connections.count == 2)
        for connection in run.connections {
            #expect(connection.writtenText.contains("Authorization: Bearer hush"))
            #expect(connection.writtenText.contains("Cookie: hush"))
            #expect(connection.writtenText.contains("X-Api-Key: hush"))
        }
    }

    @Test(arguments: [
        ("http://shop.example/", "http://other.example/b"), ("http://shop.example/", "http://www.shop.example/"),
        ("http://shop.example/", "http://shop.example:8080/"), ("https://shop.example/", "http://shop.example/b"),
        ("http://shop.example/", "http://192.0.2.1/b"), ("https://shop.example/", "https://other.example/b"),
        ("http://shop.example/", "//other.example/b"),
    ])
    func credentials_areNotSent_elsewhere(_ url: String, _ location: String) async throws {
        let run = try await run(url, location)
        #expect(run.hops.count == 2)
        #expect(run.connections.first?.writtenText.contains("hush") == true)
        let last = try #require(run.connections.last?.writtenText)
        #expect(!last.contains("hush"))
        #expect(last.contains("Accept: text/html"))
    }

    @Test func credentials_areNotSentInTheClear_evenBackHome() async throws {
        let run = try await HTTPScenario(url: "http://shop.example/", parameters: Self.secrets, hosts: hosts).run([
            "192.0.2.1:80": [.redirect("https://other.example/"), .response(200)],
            "192.0.2.2:443": [.redirect("http://shop.example/back")],
        ])
        #expect(run.connections.map { $0.writtenText.contains("hush") } == [true, false, false])
    }

    @Test func nothingOfThePlan_goesOverAnUnverifiedConnection() async throws {
        var scenario = HTTPScenario(url: "https://shop.example/", parameters: Self.secrets, hosts: hosts)
        scenario.parameters["method"] = .text("POST")
        scenario.parameters["body"] = .text("hush too")
        scenario.change = { $0.nameMatch = false }
        let run = try await scenario.run(["192.0.2.1:443": [.response(200)]])
        let text = try #require(run.connections.first?.writtenText)
        #expect(text.hasPrefix("POST / HTTP/1.1\r\n"))
        #expect(!text.contains("hush"))
        #expect(run.sample?.outcome == .answered)
        #expect(run.comparison("certificate")?.isMet == false)
        #expect(run.comparison("status")?.isMet == true)
    }

    @Test func body_isNotGivenToAnotherServer() async throws {
        let scenario = HTTPScenario(parameters: ["method": .text("POST"), "body": .text("hush")], hosts: hosts)
        let run = try await scenario.run(["192.0.2.1:80": [.redirect("http://other.example/", 307)]])
        #expect(run.connections.count == 1)
        #expect(run.hops.last?.response?.status == 307)
    }

    @Test func clientCertificate_isNotOfferedToAnotherServer() async throws {
        let scenario = HTTPScenario(
            url: "https://shop.example/",
            parameters: [
                "certificate": .text("/c.pem"), "key": .text("/k.pem"), "serverName": .text("sni.example"),
                "ca": .text("/ca.pem"),
            ],
            hosts: hosts)
        let run = try await scenario.run([
            "192.0.2.1:443": [.redirect("https://other.example/")], "192.0.2.2:443": [.response(200)],
        ])
        #expect(run.handshakes.map(\.settings.certificatePath) == ["/c.pem", nil])
        #expect(run.handshakes.map(\.settings.serverName) == ["sni.example", "other.example"])
        #expect(run.handshakes.map(\.settings.caPath) == ["/ca.pem", "/ca.pem"])
    }
}
