import NetValues
import Planning
import Testing

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct TargetTests {
    @Test(arguments: [
        ("db.prod", Target.Form.host, "db.prod"),
        ("10.0.0.1", .host, "10.0.0.1"),
        ("FD00::0:1", .host, "fd00::1"),
        ("[fd00::1]", .host, "fd00::1"),
        ("db.prod:5432", .hostPort, "db.prod:5432"),
        ("[fd00::1]:80", .hostPort, "[fd00::1]:80"),
        ("https://shop.example.com", .url, "https://shop.example.com/"),
        ("HTTP://a.example:8080/x?y=z#part", .url, "http://a.example:8080/x?y=z"),
        ("http://[::1]:80?q", .url, "http://[::1]/?q"),
        ("_sip._tcp.example.com.", .name, "_sip._tcp.example.com."),
        ("1.0.0.10.in-addr.arpa", .name, "1.0.0.10.in-addr.arpa"),
        (".", .name, "."),
    ])
    func text_ofTheForm_isRead(_ text: String, _ form: Target.Form, _ shown: String) {
        #expect(Target(text, form: form)?.description == shown)
    }

    @Test(arguments: [
        ("", Target.Form.host), ("a b", .host), ("10.0.0", .host), ("a:1", .host), ("[10.0.0.1]", .host),
        ("db", .hostPort), ("db:", .hostPort), (":80", .hostPort), ("db:+80", .hostPort), ("db:65536", .hostPort),
        ("fd00::1:80", .hostPort), ("example.com", .url), ("ftp://a/", .url), ("http://", .url), ("http:///x", .url),
        ("http://u:p@a/", .url), ("http://a/\u{7f}", .url), ("http://a:0/", .url), ("http://ä/", .url),
        ("http://fd00::1/", .url),
        ("a..b", .name), ("", .name), ("https://a", .name),
    ])
    func text_ofAnotherForm_isRefused_withAReasonOrWithout(_ text: String, _ form: Target.Form) {
        #expect(Target(text, form: form) == nil)
        #expect(form.mistake(in: text)?.isEmpty != true)
    }

    @Test func host_isTheMachineBehind() {
        #expect(Target("https://a.example/x", form: .url)?.host == Host("a.example"))
        #expect(Target("https://a.example/x", form: .url)?.port == 443)
        #expect(Target("a.example", form: .name)?.host == nil)
        #expect(Target("a.example", form: .host)?.port == nil)
    }

    @Test func userInformation_isHiddenInEchoes() {
        #expect("https://user:hunter2@host/x".withoutUserInformation == "https://…@host/x")
        #expect("user:hunter2@host:80".withoutUserInformation == "…@host:80")
        #expect("https://u:p@q@host".withoutUserInformation == "https://…@host")
        #expect("https://host/".withoutUserInformation == "https://host/")
        #expect("x@://y".withoutUserInformation == "…@://y")
    }
}

@MainActor @Suite struct ParametersTests {
    private let parameters = Parameters([
        "text": .text("a"), "number": .number(1), "flag": .flag(true), "span": .span(.seconds(1)), "share": .share(0.5),
        "list": .list(["a", "b"]), "map": .map(["a": "b"]),
    ])

    @Test func value_isGivenInItsOwnType() {
        #expect(parameters.text("text") == "a")
        #expect(parameters.number("number") == 1)
        #expect(parameters.flag("flag") == true)
        #expect(parameters.span("span") == .seconds(1))
        #expect(parameters.share("share") == 0.5)
        #expect(parameters.list("list") == ["a", "b"])
        #expect(parameters.map("map") == ["a": "b"])
    }

    @Test func value_ofAnotherType_isNotGiven() {
        #expect(parameters.text("number") == nil)
        #expect(parameters.number("text") == nil)
        #expect(parameters.flag("text") == nil)
        #expect(parameters.span("share") == nil)
        #expect(parameters.share("span") == nil)
        #expect(parameters.list("map") == nil)
        #expect(parameters.map("list") == nil)
        #expect(!parameters.has("other"))
    }

    @Test func singleText_countsAsAList() {
        #expect(parameters.list("text") == ["a"])
    }

    @Test func places_areInOrderOfFileLineAndColumn() {
        let places = [("a", 1, 2), ("a", 2, 1), ("a", 10, 1), ("b", 1, 1)].map(SourcePlace.init)
        #expect(places.shuffled().sorted() == places)
        #expect(PlanProblem("wrong", at: places[0]).description == "a:1:2: wrong")
        #expect(PlanProblem("wrong").description == "wrong")
    }
}
