import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct HTTPExpectationTests {
    @Test(arguments: [(200, true), (204, true), (404, false), (500, false), (470, false)])
    func usualStatus_isSuccessOrRedirect(_ status: Int, _ isMet: Bool) async throws {
        let script = StreamScript.saying("HTTP/1.1 \(status) x\r\nContent-Length: 0\r\n\r\n")
        let run = try await HTTPScenario().run(["192.0.2.1:80": [script]])
        let comparison = try #require(run.comparison("status"))
        #expect(
            comparison
                == Comparison(key: "status", expected: "2xx or 3xx", seen: "\(status)", isMet: isMet, isDeclared: false)
        )
        #expect(run.sample?.outcome == .answered)
    }

    @Test(arguments: [
        (["404"], 404, true), (["404"], 200, false), (["2xx"], 204, true), (["2XX", "404"], 404, true),
        (["200", "204", "5xx"], 503, true),
        (["5xx"], 499, false), (["470"], 470, true),
    ])
    func declaredStatus_isASetOfCodesAndClasses(_ words: [String], _ status: Int, _ isMet: Bool) async throws {
        let script = StreamScript.saying("HTTP/1.1 \(status) x\r\nContent-Length: 0\r\n\r\n")
        let run = try await HTTPScenario(expected: ["status": .list(words)]).run(["192.0.2.1:80": [script]])
        #expect(run.comparison("status")?.isMet == isMet)
        #expect(run.comparison("status")?.isDeclared == true)
    }

    @Test func statusSet_isSpoken() async throws {
        let run = try await HTTPScenario(expected: ["status": .list(["200", "204", "5xx"])]).run([
            "192.0.2.1:80": [.response(404)]
        ])
        #expect(run.comparison("status")?.expected == "200, 204 or 5xx")
    }

    @Test(arguments: [
        ("wel+come", true), ("^welcome", true), ("(?i)WELCOME", true), ("goodbye", false), ("welcome$", false),
    ])
    func bodyPattern_isSearched(_ pattern: String, _ isMet: Bool) async throws {
        let run = try await HTTPScenario(expected: ["body": .text(pattern)]).run([
            "192.0.2.1:80": [.response(200, "welcome, you")]
        ])
        #expect(run.comparison("body")?.isMet == isMet)
        #expect(run.comparison("body")?.seen == (isMet ? "found" : "not found in 12 bytes"))
        #expect(run.sample?.isGood == isMet)
    }

    @Test func bodyPattern_isFoundFarFromTheStart_butNotBeyondTheLimit() async throws {
        let body = String(repeating: "x", count: 2000) + "needle"
        let expected: [String: ParameterValue] = ["body": .text("needle")]
        let near = try await HTTPScenario(expected: expected).run(["192.0.2.1:80": [.response(200, body)]])
        #expect(near.comparison("body")?.isMet == true)
        let far = try await HTTPScenario(parameters: ["maxBody": .number(1000)], expected: expected)
            .run(["192.0.2.1:80": [.response(200, body)]])
        #expect(far.comparison("body")?.seen == "not found in the first 1000 bytes")
    }

    @Test func bodyPattern_survivesBytesThatAreNoText() async throws {
        let script = StreamScript([
            .bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .bytes([0xff, 0xfe, 0x6f, 0x6b, 0x80]), .end(.closed),
        ])
        let run = try await HTTPScenario(expected: ["body": .text("ok")]).run(["192.0.2.1:80": [script]])
        #expect(run.comparison("body")?.isMet == true)
    }

    @Test(arguments: [
        ("no-store", true, "cache-control: private, no-store"), ("^private$", true, "cache-control: private, no-store"),
        ("public", false, "cache-control: private, no-store"),
    ])
    func headerPattern_isSearchedInEachValue(_ pattern: String, _ isMet: Bool, _ seen: String) async throws {
        let run = try await HTTPScenario(expected: ["headers": .map(["cache-control": pattern])]).run([
            "192.0.2.1:80": [.response(200, headers: "Cache-Control: private", "CACHE-CONTROL: no-store")]
        ])
        #expect(run.comparison("headers")?.isMet == isMet)
        #expect(run.comparison("headers")?.seen == seen)
    }

    @Test func headerPattern_isUnmet_whenThereIsNoSuchHeader() async throws {
        let run = try await HTTPScenario(expected: ["headers": .map(["X-A": ".*"])]).run([
            "192.0.2.1:80": [.response(200)]
        ])
        #expect(run.comparison("headers")?.isMet == false)
        #expect(run.comparison("headers")?.seen == "no header X-A")
    }

    @Test(arguments: [
        (301, "https://shop.example/health", true), (302, "https://other.example/", true),
        (301, "http://shop.example/b", false), (200, "https://shop.example/", false),
        (301, "/b", false),
    ])
    func redirectToHTTPS_isJudgedByTheFirstResponse(_ status: Int, _ location: String, _ isMet: Bool) async throws {
        let scenario = HTTPScenario(parameters: ["follow": .flag(false)], expected: ["redirect": .text("https")])
        let run = try await scenario.run(["192.0.2.1:80": [.redirect(location, status)]])
        #expect(run.comparison("redirect")?.isMet == isMet)
        #expect(run.comparison("redirect")?.seen == (status == 200 ? "200, no redirect" : "\(status) to \(location)"))
    }
}

@Suite struct HTTPAddressTests {
    let both = ["shop.example": ["2001:db8::1", "192.0.2.1"]]

    @Test func addresses_areTriedUntilOneAccepts_eachWithItsShareOfTheTime() async throws {
        let run = try await HTTPScenario(hosts: both).run([
            "[2001:db8::1]:80": [.timedOut], "192.0.2.1:80": [.response(200)],
        ])
        #expect(run.sample?.isGood == true)
        #expect(run.connects.map(\.elapsed) == [.milliseconds(2500), .milliseconds(1)])
        #expect(run.sample?.phases.connect == .milliseconds(2501))
        #expect(run.sample?.phases.sum == run.sample?.latency)
    }

    @Test func otherAddresses_areOnlyLookedAt_inTheFirstTwoSamples() async throws {
        let run = try await HTTPScenario(hosts: both, samples: 3).run([
            "[2001:db8::1]:80": [.response(200)], "192.0.2.1:80": [.refused, .response(200)],
        ])
        #expect(run.samples.map(\.isGood) == [true, true, true])
        let looks = run.connections.filter { $0.endpoint.description == "192.0.2.1:80" }
        #expect(looks.map(\.isClosed) == [false, true])
        #expect(run.connects.count == 5)
        #expect(run.hops.allSatisfy { $0.endpoint.description == "[2001:db8::1]:80" })
    }

    @Test func otherAddresses_areLeftAlone_whereThePlanSaysFirst() async throws {
        let first = try await HTTPScenario(parameters: ["addresses": .text("first")], hosts: both).run([
            "[2001:db8::1]:80": [.response(200)], "192.0.2.1:80": [.refused],
        ])
        #expect(first.connects.map(\.endpoint.description) == ["[2001:db8::1]:80"])
    }

    @Test func laterHops_beginWithTheAddressThatWorks() async throws {
        let run = try await HTTPScenario(hosts: both).run([
            "[2001:db8::1]:80": [.refused], "192.0.2.1:80": [.redirect("/b"), .response(200)],
        ])
        #expect(run.connects.map(\.endpoint.description) == ["[2001:db8::1]:80", "192.0.2.1:80", "192.0.2.1:80"])
    }

    @Test func all_asksEveryAddress_andIsOnlyAsGoodAsTheWorst() async throws {
        let run = try await HTTPScenario(parameters: ["addresses": .text("all")], hosts: both).run([
            "[2001:db8::1]:80": [.response(503)], "192.0.2.1:80": [.response(200)],
        ])
        #expect(run.hops.map(\.endpoint.description) == ["[2001:db8::1]:80", "192.0.2.1:80"])
        #expect(run.sample?.outcome == .answered)
        #expect(run.sample?.comparisons.map(\.seen) == ["503 ([2001:db8::1]:80)", "200 (192.0.2.1:80)"])
        #expect(run.sample?.comparisons.map(\.isMet) == [false, true])
    }

    @Test func all_fails_whenOneAddressDoes() async throws {
        let run = try await HTTPScenario(parameters: ["addresses": .text("all")], hosts: both).run([
            "[2001:db8::1]:80": [.refused], "192.0.2.1:80": [.response(200)],
        ])
        #expect(run.sample?.outcome == .failed(.connect))
        #expect(run.hops.count == 1)
        #expect(run.connects.count == 2)
    }

    @Test func all_staysOnItsAddressAcrossRedirects() async throws {
        let run = try await HTTPScenario(parameters: ["addresses": .text("all")], hosts: both).run([
            "[2001:db8::1]:80": [.redirect("/b"), .response(200)], "192.0.2.1:80": [.redirect("/b"), .response(200)],
        ])
        #expect(
            run.connects.map(\.endpoint.address.description) == [
                "2001:db8::1", "2001:db8::1", "192.0.2.1", "192.0.2.1",
            ])
    }

    @Test func all_isBounded() async throws {
        let many = (0..<100).map { "192.0.2.\($0)" }
        let time = ManualTime()
        let scripts = many.compactMap { Endpoint("\($0):80") }.map { ($0, [StreamScript.response(200)]) }
        let streams = ScriptedStreams(Dictionary(uniqueKeysWithValues: scripts), time: time)
        let check = try HTTPScenario(parameters: ["addresses": .text("all")]).check()
        let samples = try await runProbe(
            try HTTPProbe(check: check), check: check,
            capabilities: .scripted(streams: streams, hosts: ["shop.example": many]), time: time)
        #expect(streams.connections.count == 64)
        #expect(samples.first?.comparisons.first?.seen == "100 addresses, of which the first 64 were asked")
    }

    @Test func bothFamilies_areAskedSideBySide() async throws {
        let run = try await HTTPScenario(hosts: both, family: .both).run([
            "[2001:db8::1]:80": [.response(200)], "192.0.2.1:80": [.response(200)],
        ])
        #expect(run.hops.count == 2)
        #expect(run.sample?.isGood == true)
    }

    @Test func bothFamilies_areMissed_whenThereIsOnlyOne() async throws {
        let run = try await HTTPScenario(family: .both).run(["192.0.2.1:80": [.response(200)]])
        #expect(run.comparison("family")?.isMet == false)
        #expect(run.comparison("family")?.seen == "only IPv4 addresses")
    }

    @Test func sourceOfTheWrongFamily_isNotTakenForAMissingAddress() async throws {
        let inability = Inability(
            .addressUnavailable, action: "bind", reason: "EAFNOSUPPORT", fix: "choose another source")
        let run = try await HTTPScenario(source: IPAddress("2001:db8::9")).run([
            "192.0.2.1:80": [StreamScript(opening: .unable(inability))]
        ])
        #expect(run.interruption == .unable(inability))
    }

    @Test func source_decidesTheFamily() async throws {
        let run = try await HTTPScenario(hosts: both, source: IPAddress("192.0.2.9")).run([
            "192.0.2.1:80": [.response(200)]
        ])
        #expect(run.connections.map(\.source) == [IPAddress("192.0.2.9")])
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7:443"), ("198.51.100.7:8443", "198.51.100.7:8443"),
        ("front.example", "198.51.100.8:443"),
    ])
    func connectTo_replacesTheURLsHost_butNeitherHostHeaderNorServerName(_ place: String, _ endpoint: String)
        async throws
    {
        let scenario = HTTPScenario(
            url: "https://shop.example/", parameters: ["connectTo": .text(place)],
            hosts: ["front.example": ["198.51.100.8"]])
        let run = try await scenario.run(
            [
                "198.51.100.7:443": [.response(200)], "198.51.100.7:8443": [.response(200)],
                "198.51.100.8:443": [.response(200)],
            ])
        #expect(run.connections.map(\.endpoint.description) == [endpoint])
        #expect(run.handshakes.first?.settings.serverName == "shop.example")
        #expect(run.connections.first?.writtenText.contains("Host: shop.example\r\n") == true)
    }

    @Test func host_isAlsoTheServerName_unlessThatIsGiven() async throws {
        var scenario = HTTPScenario(url: "https://192.0.2.1/", parameters: ["host": .text("shop.example:8443")])
        let plain = try await scenario.run(["192.0.2.1:443": [.response(200)]])
        #expect(plain.handshakes.first?.settings.serverName == "shop.example")
        #expect(plain.connections.first?.writtenText.contains("Host: shop.example:8443\r\n") == true)
        scenario.parameters["serverName"] = .text("sni.example")
        let chosen = try await scenario.run(["192.0.2.1:443": [.response(200)]])
        #expect(chosen.handshakes.first?.settings.serverName == "sni.example")
        #expect(chosen.handshakes.first?.settings.expectedName == Host("sni.example"))
    }
}
