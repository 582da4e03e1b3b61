import HTTPProbe
import NetValues
import Planning
import ProbeKit
import Testing

@Suite struct HTTPSettingsTests {
    @Test(
        arguments: [
            (["method": .text("GE T")], "method: expected an HTTP method such as GET"),
            (
                ["method": .text("connect")],
                "method: CONNECT opens a tunnel and asks for nothing; use a tcp or tls check"
            ),
            (["headers": .map(["A b": "c"])], "headers: \"A b\" is no name of a header"),
            (
                ["headers": .map(["X": "secret\r\nY: z"])],
                "headers: the value of X holds a line break or control character"
            ),
            (["headers": .map(["Host": "x"])], "headers: the header Host is made by the probe; use the key host"),
            (
                ["headers": .map(["content-length": "5"])],
                "headers: the header content-length is made by the probe; it follows from the body"
            ),
            (["host": .text("a\r\nb")], "host: expected HOST or HOST:PORT"),
            (["host": .text("")], "host: expected HOST or HOST:PORT"),
            (["serverName": .text("a b")], "serverName: expected a host name"),
            (["connectTo": .text("http://a")], "connectTo: expected HOST or HOST:PORT to connect to"),
            (["basic": .text("nocolon")], "basic: expected USER:PASSWORD"),
            (["basic": .text("a:b\n")], "basic: holds a line break or control character"),
            (["bearer": .text("a b")], "bearer: expected a token without blanks or line breaks"),
            (["basic": .text("a:b"), "bearer": .text("c")], "bearer: cannot stand beside basic"),
            (
                ["bearer": .text("c"), "headers": .map(["authorization": "x"])],
                "headers: Authorization cannot stand beside bearer"
            ),
            (["certificate": .text("/c")], "certificate: needs key beside it"),
            (["key": .text("/k")], "key: needs certificate beside it"),
        ] as [([String: ParameterValue], String)])
    func mistake_isNamed(_ parameters: [String: ParameterValue], _ message: String) throws {
        let check = try HTTPScenario(parameters: parameters).check()
        let problem = #expect(throws: PlanProblem.self) { try HTTPProbe(check: check) }
        #expect(problem?.message == message)
    }

    @Test(
        arguments: [
            (["status": .text("2x")], "status: expected status codes (200) or classes (2xx)"),
            (["status": .list([])], "status: expected status codes (200) or classes (2xx)"),
            (["status": .list(["200", "9xx"])], "status: expected status codes (200) or classes (2xx)"),
            (["status": .text("99")], "status: expected status codes (200) or classes (2xx)"),
            (["body": .text("(")], "body: is not a regular expression"),
            (["headers": .map(["X": "["])], "headers: X is not a regular expression"),
        ] as [([String: ParameterValue], String)])
    func mistakenExpectation_isNamed(_ expected: [String: ParameterValue], _ message: String) throws {
        let check = try HTTPScenario(expected: expected).check()
        let problem = #expect(throws: PlanProblem.self) { try HTTPProbe(check: check) }
        #expect(problem?.message == message)
    }

    @Test func mistake_isToldAtItsPlace() throws {
        var check = try HTTPScenario().check()
        let place = SourcePlace(file: "plan.yaml", line: 7, column: 9)
        check.parameters = Parameters(["method": .text(" ")], places: ["method": place])
        let mistaken = check
        let problem = #expect(throws: PlanProblem.self) { try HTTPProbe(check: mistaken) }
        #expect(problem?.place == place)
    }

    @Test func redirectToHTTPS_cannotBeExpectedOfHTTPS() throws {
        let check = try HTTPScenario(url: "https://shop.example/", expected: ["redirect": .text("https")]).check()
        #expect(throws: PlanProblem.self) { try HTTPProbe(check: check) }
    }

    @Test func otherTarget_isRefused() throws {
        let host = try #require(Host("shop.example"))
        let check = Check(name: "x", kind: "http", target: .host(host))
        #expect(throws: PlanProblem.self) { try HTTPProbe(check: check) }
    }

    @Test func description_checksSingleValues() {
        let keys = HTTPProbe.description.parameters
        #expect(keys.first { $0.key == "method" }?.check(.text("GET")) == nil)
        #expect(keys.first { $0.key == "method" }?.check(.text("")) != nil)
        #expect(keys.first { $0.key == "headers" }?.check(.map(["Host": "x"])) != nil)
        #expect(HTTPProbe.description.expectations.first { $0.key == "status" }?.check(.text("abc")) != nil)
        #expect(Set(keys.map(\.key)).count == keys.count)
    }
}
