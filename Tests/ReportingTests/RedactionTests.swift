import Foundation
import NetValues
import Planning
import Testing

@testable import Reporting

@Suite struct RedactionTests {
    private static let token = Secret(reference: "${env:TOKEN}", value: #"p@ss "w/rd" <é\1>"#)
    private static let basic = Secret(reference: "${file:/basic}", value: "admin:hunter2!")

    private static func redacted(_ text: String, _ secrets: [Secret] = [token]) -> String {
        Redaction(secrets: secrets)(text)
    }

    private static func base64(_ text: String, urlSafe: Bool = false) -> String {
        let standard = Data(text.utf8).base64EncodedString()
        guard urlSafe else { return standard }
        return standard.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    }

    private static func percent(_ text: String, keeping kept: CharacterSet) -> String {
        text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }

    private static func hex(_ text: String, _ format: String) -> String {
        text.utf8.map { String(format: format, $0) }.joined()
    }

    private static var spellings: [String] {
        let value = token.value
        let json = String(decoding: (try? JSONEncoder().encode([value])) ?? Data(), as: UTF8.self).dropFirst(2)
            .dropLast(2)
        return [
            value,
            percent(value, keeping: .alphanumerics),
            percent(value, keeping: .alphanumerics).lowercased().replacingOccurrences(of: "%20", with: "+"),
            percent(value, keeping: .urlQueryAllowed),
            hex(value, "%%%02X"),
            String(json),
            json.replacingOccurrences(of: "\\/", with: "/"),
            json.replacingOccurrences(of: "é", with: "\\u00e9").replacingOccurrences(of: "<", with: "\\u003C"),
            value.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
                .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;"),
            value.replacingOccurrences(of: "\"", with: "&#34;").replacingOccurrences(of: "é", with: "&#xE9;"),
            hex(value, "%02x"),
            hex(value, "%02X"),
            hex(value, "\\x%02x"),
            Array(value.utf8).escaped(limit: 500),
            Array(json.utf8).escaped(limit: 500),
        ]
    }

    @Test(arguments: spellings)
    func everySpelling_isReplacedByTheReference(_ spelling: String) {
        #expect(!spelling.isEmpty)
        #expect(Self.redacted("<\(spelling)>") == "<${env:TOKEN}>")
        #expect(Self.redacted(spelling + spelling) == "${env:TOKEN}${env:TOKEN}")
        #expect(Self.redacted("é\(spelling)é") == "é${env:TOKEN}é")
    }

    @Test(arguments: ["", "u", "us", "use", "user:", "somebody:"], ["", "x", "xy", " and more"])
    func base64_isFoundAtEveryAlignment(_ before: String, _ after: String) throws {
        for secret in ["hunter2!", "s3cr3t-\u{fffd}?>", "abcd"] {
            for urlSafe in [false, true] {
                let encoded = Self.base64(before + secret + after, urlSafe: urlSafe)
                for written in [encoded, encoded.replacingOccurrences(of: "=", with: "")] {
                    let text = Self.redacted("Basic \(written)", [Secret(reference: "${env:S}", value: secret)])
                    let parts = text.dropFirst(6).components(separatedBy: "${env:S}")
                    try #require(text.hasPrefix("Basic ") && parts.count == 2)
                    // Only digits that hold no bit of the secret may be left on either side.
                    let end = before.utf8.count + secret.utf8.count
                    let digits = encoded.utf8.count { $0 != UInt8(ascii: "=") }
                    #expect(parts[0].utf8.count <= before.utf8.count * 8 / 6)
                    #expect(parts[1].utf8.count { $0 != UInt8(ascii: "=") } <= digits - (end * 8 + 5) / 6)
                }
            }
        }
    }

    @Test func base64InsideAnotherEncoding_isFound() {
        let encoded = Self.percent(Self.base64("u:s3cr3t>>>???~~"), keeping: .alphanumerics)
        let text = Self.redacted("?auth=\(encoded)&x=1", [Secret(reference: "${env:S}", value: "s3cr3t>>>???~~")])
        #expect(text.hasPrefix("?auth="))
        #expect(text.contains("${env:S}"))
        #expect(!text.contains("czNjcjN0"))
    }

    @Test func passwordOfAPair_isHiddenAlone() {
        #expect(
            Self.redacted("login of admin with hunter2! failed", [Self.basic])
                == "login of admin with ${file:/basic} failed")
        #expect(Self.redacted("admin:hunter2!", [Self.basic]) == "${file:/basic}")
        #expect(Self.redacted(Self.base64("admin:hunter2!"), [Self.basic]) == "${file:/basic}")
        #expect(Self.redacted(Self.base64("hunter2!"), [Self.basic]) == "${file:/basic}")
    }

    @Test func shortPasswordOfAPair_isNotLookedForAlone() {
        #expect(Self.redacted("1.0 of abc", [Secret(reference: "${env:P}", value: "a:abc")]) == "1.0 of abc")
    }

    @Test func textWithoutSecrets_staysAsItIs() {
        let texts = ["", "no secret here", "100% + 2 \\ & é…", "p@ss", "&lt;&#;&#x;%zz%4\\u{}\\u12\\", "…"]
        for text in texts {
            #expect(Self.redacted(text) == text)
            #expect(Redaction(secrets: [])(text) == text)
        }
    }

    @Test func longestSecret_winsWhereSecretsOverlap() {
        let secrets = [
            Secret(reference: "${env:SHORT}", value: "secret"),
            Secret(reference: "${env:LONG}", value: "secret-and-more"),
            Secret(reference: "${env:TAIL}", value: "more!"),
        ]
        #expect(Self.redacted("a secret-and-more b secret c", secrets) == "a ${env:LONG} b ${env:SHORT} c")
        // Nothing of either of two secrets that share text is left.
        #expect(Self.redacted("<secret-and-more!>", secrets) == "<${env:LONG}>")
    }

    @Test func referenceThatHoldsASecret_isNotReplacedAgain() {
        let secrets = [Secret(reference: "${env:NAME}", value: "value"), Secret(reference: "${env:E}", value: "env")]
        #expect(Self.redacted("value env", secrets) == "${env:NAME} ${env:E}")
    }

    @Test func secretCutByALimit_isHiddenToo() {
        let value = "0123456789abcdef"
        let secrets = [Secret(reference: "${env:S}", value: value)]
        for length in 4..<value.utf8.count {
            #expect(Self.redacted("body: " + "\(value) and more".escaped(limit: length), secrets) == "body: ${env:S}…")
        }
        #expect(Self.redacted("body: 012…", secrets) == "body: 012…")
        #expect(Self.redacted("body: 0123", secrets) == "body: 0123")
    }

    @Test func secretCutWithoutAMark_isHiddenAtTheEndOfALongText() {
        let secrets = [Secret(reference: "${env:S}", value: "0123456789abcdef")]
        let fill = String(repeating: "A", count: 60)
        for length in 4..<16 {
            #expect(Self.redacted(fill + "0123456789abcdef".prefix(length), secrets) == fill + "${env:S}")
        }
        #expect(Self.redacted(fill + "012", secrets) == fill + "012")
    }

    @Test func secretCutBeforeFurtherWords_isHidden() {
        let secrets = [Secret(reference: "${env:S}", value: "0123456789abcdef")]
        #expect(Self.redacted("seen \"01234567…\" from there", secrets) == "seen \"${env:S}…\" from there")
    }

    @Test func escapeThatWasCut_isHiddenWithWhatStandsBefore() {
        let secrets = [Secret(reference: "${env:S}", value: "01234/\u{e9}6789")]
        for piece in ["01234%", "01234%2", "01234%2F%C3%A", #"01234/\u00"#, "01234&#x2", #"01234\x2"#] {
            #expect(Self.redacted("body: \(piece)…", secrets) == "body: ${env:S}…", "\(piece)")
        }
    }

    @Test func basicCredentialsEchoedInBase64_areHidden() {
        let header = "Basic " + Self.base64("user:0123456789abcdef")
        let shown = Self.redacted(
            "X: \(Self.base64(header))", [Secret(reference: "${env:S}", value: "0123456789abcdef")])
        #expect(shown.contains("${env:S}"))
        let inner = Self.base64("0123456789abcdef")
        #expect(!shown.contains(Self.base64("Basic " + inner).dropFirst(16).prefix(6)))
    }

    @Test func ambiguousEscapes_areFoundAsThemselvesAndEscaped() {
        for value in [#"a%41b\\c&amp;d+e"#, "%%%%", #"\\\\"#, "++++", "&&&&"] {
            let secrets = [Secret(reference: "${env:S}", value: value)]
            #expect(Self.redacted("(\(value))", secrets) == "(${env:S})")
            #expect(Self.redacted("(\(Self.percent(value, keeping: .alphanumerics)))", secrets) == "(${env:S})")
        }
    }

    @Test func singleCharacter_isReplacedWhereverItStands() {
        #expect(Self.redacted("axbx", [Secret(reference: "$", value: "x")]) == "a$b$")
    }

    // On the main thread, as all that computes for long.
    @MainActor @Test func manyTexts_areLookedThrough() {
        let redaction = Redaction(secrets: [
            Self.token, Self.basic, Secret(reference: "${env:K}", value: "0f1e2d3c4b5a"),
        ])
        let hidden = (0..<10_000).count {
            redaction("check \($0) of 10.0.0.1 answered 200 in \($0) ms\($0 % 100 == 0 ? " hunter2!" : "")").contains(
                "${")
        }
        #expect(hidden == 100)
    }

    @MainActor @Test func randomText_neverTraps() {
        let pieces = Array(#"%\&+u{}x;#0123456789abcdefé…"'/= "#)
        let redaction = Redaction(secrets: [Self.token, Self.basic])
        var state: UInt64 = 3
        for _ in 0..<5000 {
            let text = String(
                (0..<20).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return pieces[Int(state >> 33) % pieces.count]
                })
            #expect(redaction(text).isEmpty == text.isEmpty)
        }
    }
}
