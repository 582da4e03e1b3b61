import NetValues
import Planning
import Testing

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("http://example.com", "http://example.com/"), ("HTTPS://Example.com/A?b#c", "https://Example.com/A?b"),
        ("http://example.com:80/", "http://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"), ("https://example.com:443/", "https://example.com/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://[2001:DB8::1]", "http://[2001:db8::1]/"), ("http://10.0.0.1?q", "http://10.0.0.1/?q"),
        ("http://example.com./", "http://example.com./"),
        ("http://example.com/a//b/../c", "http://example.com/a//b/../c"),
        ("http://example.com#x", "http://example.com/"),
    ])
    func url_isParsedAndPrinted(_ text: String, _ printed: String) {
        #expect(HTTPURL(text)?.description == printed)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "http:/example.com", "http://", "http:///path",
        "http://user@example.com/", "http://user:pass@example.com/",
        "http://example.com:0/", "http://example.com:99999/", "http://example.com:x/", "http://::1/", "http://[::1/",
        "http://exa mple.com/", "http://example.com/a b",
        "http://example.com/\r\nX: y", "http://example.com/é", " http://example.com/", "http://1.2.3/",
    ])
    func url_isRefused(_ text: String) {
        #expect(HTTPURL(text) == nil)
    }

    // RFC 3986 section 5.4, with an authority of our own and without what HTTP has not (`;p`, fragments kept).
    @Test(arguments: [
        ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"), ("g?y", "/b/c/g?y"),
        ("#s", "/b/c/d;p?q"),
        ("g#s", "/b/c/g"), ("g?y#s", "/b/c/g?y"), (";x", "/b/c/;x"), ("g;x", "/b/c/g;x"), ("g;x?y#s", "/b/c/g;x?y"),
        ("", "/b/c/d;p?q"), (".", "/b/c/"),
        ("./", "/b/c/"), ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"), ("../..", "/"), ("../../", "/"),
        ("../../g", "/g"), ("../../../g", "/g"),
        ("../../../../g", "/g"), ("/./g", "/g"), ("/../g", "/g"), ("g.", "/b/c/g."), (".g", "/b/c/.g"),
        ("g..", "/b/c/g.."), ("..g", "/b/c/..g"),
        ("./../g", "/b/g"), ("./g/.", "/b/c/g/"), ("g/./h", "/b/c/g/h"), ("g/../h", "/b/c/h"),
        ("g;x=1/./y", "/b/c/g;x=1/y"),
        ("g;x=1/../y", "/b/c/y"), ("g?y/./x", "/b/c/g?y/./x"), ("g?y/../x", "/b/c/g?y/../x"), ("g#s/../x", "/b/c/g"),
    ])
    func reference_isResolved(_ reference: String, _ target: String) {
        #expect(HTTPURL("http://a/b/c/d;p?q")?.resolving(reference)?.description == "http://a" + target)
    }

    @Test(arguments: [
        ("//g", "http://g/"), ("//g/../x", "http://g/x"), ("https://g/a/../b", "https://g/b"),
        ("HTTP://g", "http://g/"),
        ("/login?next=https://c/d", "http://a/login?next=https://c/d"), ("?u=http://x", "http://a/b?u=http://x"),
        ("x/y:z", "http://a/x/y:z"),
        ("/é x", "http://a/%C3%A9%20x"), ("./a:b", "http://a/a:b"), ("1:2", "http://a/1:2"),
    ])
    func reference_mayNameAnotherPlace(_ reference: String, _ url: String) {
        #expect(HTTPURL("http://a/b")?.resolving(reference)?.description == url)
    }

    @Test(arguments: [
        "javascript:alert(1)", "mailto:a@b", "ftp://g/", "http:g", "data:,x", "http://", "//", "http://u@g/", "/a\r\nb",
        "/a\u{0}",
    ])
    func reference_isRefused(_ reference: String) {
        #expect(HTTPURL("http://a/b")?.resolving(reference) == nil)
    }

    @Test func authority_leavesOutOnlyTheSchemesOwnPort() {
        #expect(HTTPURL("http://a:443/")?.authority == "a:443")
        #expect(HTTPURL("https://a:443/")?.authority == "a")
        #expect(HTTPURL("https://[::1]/")?.authority == "[::1]")
    }
}
