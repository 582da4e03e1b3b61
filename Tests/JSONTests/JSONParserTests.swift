import JSON
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONProblem) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), (" false\n", false), ("0", 0), ("-0", .double(-0.0)), ("-12", -12),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", .double(1.5)), ("1E3", .double(1000)),
        ("1e+2", .double(100)), ("1e-2", .double(0.01)), ("2.0", .double(2)), ("1e-400", .double(0)), ("\"\"", ""),
        ("\"a\"", "a"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\uD83D\ude00\u0000""#, "é😀\u{0}"),
        ("\"\u{7f}é😀\"", "\u{7f}é😀"),
        ("[]", []), ("[ ]", []), ("{}", [:]), ("[1,[2,[]],{}]", [1, [2, []], [:]]),
        ("{\"a\":1,\"b\":{\"a\":null}}", ["a": 1, "b": ["a": .null]]), ("{\"\":0}", ["": 0]), ("\u{feff}[1]", [1]),
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", .object(JSONObject([("\u{e9}", 1), ("e\u{301}", 2)]))),
        ("\t[\r\n1 , 2 ]\n", [1, 2]),
    ]

    @Test(arguments: accepted)
    func parser_accepts(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    static let refused: [(String, String)] = [
        ("", "1:1: the text is empty"),
        ("  ", "1:3: expected a value, found the end of the text"),
        ("[1,]", "1:4: expected a value, found ']'"),
        ("[1 2]", "1:4: expected ',' or ']', found '2'"),
        ("[", "1:2: expected a value, found the end of the text"),
        ("{\"a\":1,}", "1:8: expected a key in quotes, found '}'"),
        ("{a:1}", "1:2: expected a key in quotes, found 'a'"),
        ("{\"a\" 1}", "1:6: expected ':', found '1'"),
        ("{\"a\":1", "1:7: expected ',' or '}', found the end of the text"),
        ("{\"a\":1,\n \"a\":2}", "2:2: the key \"a\" stands here a second time"),
        ("{\"a\":1,\"\\u0061\":2}", "1:8: the key \"a\" stands here a second time"),
        ("[1]]", "1:4: expected the end of the text after the first value, found ']'"),
        ("nul", "1:1: expected 'null'"),
        ("True", "1:1: expected a value, found 'T'"),
        ("NaN", "1:1: expected a value, found 'N'"),
        ("-Infinity", "1:2: expected a digit, found 'I'"),
        ("01", "1:1: a number does not begin with a further 0"),
        ("-01", "1:1: a number does not begin with a further 0"),
        ("1.", "1:3: expected a digit, found the end of the text"),
        (".5", "1:1: expected a value, found '.'"),
        ("1e", "1:3: expected a digit, found the end of the text"),
        ("+1", "1:1: expected a value, found '+'"),
        ("0x1", "1:2: expected the end of the text after the first value, found 'x'"),
        ("1e400", "1:1: the number 1e400 is out of range"),
        ("\"a", "1:1: the string that begins here has no end"),
        ("\"a\nb\"", "1:3: a control character in a string must be written as an escape"),
        ("\"\\x41\"", "1:2: unknown escape in a string"),
        ("\"\\u12g4\"", "1:2: expected four hexadecimal digits after \\u"),
        ("\"\\u12", "1:2: expected four hexadecimal digits after \\u"),
        ("\"\\ud800\"", "1:2: half of a surrogate pair stands alone"),
        ("\"\\udc00\"", "1:2: half of a surrogate pair stands alone"),
        ("\"\\ud800\\u0041\"", "1:2: half of a surrogate pair stands alone"),
        ("\"\\", "1:3: expected an escape, found the end of the text"),
        ("'a'", "1:1: expected a value, found '''"),
        ("// c", "1:1: expected a value, found '/'"),
        ("[\n  \"é\" x]", "2:7: expected ',' or ']', found 'x'"),
        ("\u{c}1", "1:1: expected a value, found '\\u{c}'"),
    ]

    @Test(arguments: refused)
    func parser_refusesWithThePlace(text: String, message: String) {
        #expect(performing: { try parse(text) }, throws: { String(describing: $0) == message })
    }

    @Test(
        arguments: [
            [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc0, 0x80, 0x22],
        ] as [[UInt8]])
    func parser_refusesStringsThatAreNoUTF8(bytes: [UInt8]) {
        #expect(throws: JSONProblem.self) { try JSONParser.parse(bytes) }
    }

    @Test func parser_boundsTheDepth() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try parse(nested(64)) }
        #expect(performing: { try parse(nested(65)) }, throws: { "\($0)" == "1:65: nested deeper than 64 levels" })
        #expect(throws: JSONProblem.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
        #expect(throws: JSONProblem.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func parser_refusesAnyTextThatIsCutShort() throws {
        let text = #"{"a":[1.5,-2e3,"\u00e9\ud83d\ude00",true,null],"b":{"c":"d"}}"#
        for length in 0..<text.utf8.count {
            #expect(throws: JSONProblem.self) { try JSONParser.parse(Array(text.utf8.prefix(length))) }
        }
    }

    @Test func parser_survivesEveryByteInEveryPlace() {
        let text = Array(#"{"a":[1.5,"\u00e9"],"b":null}"#.utf8)
        var outcomes = 0
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var mutated = text
                mutated[index] = byte
                if let value = try? JSONParser.parse(mutated) {
                    outcomes += 1
                    // What it reads, it writes and reads again as the same.
                    let written = Array(JSONWriter.text(value, layout: .compact).utf8)
                    #expect((try? JSONParser.parse(written)) == value)
                }
            }
        }
        #expect(outcomes > text.count)
    }
}

@Suite struct JSONWriterTests {
    static let compact: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (-3, "-3"), (.double(0.4), "0.4"), (.double(812.4), "812.4"),
        (.double(2), "2.0"),
        (.double(.nan), "null"), (.double(.infinity), "null"), (.double(-.infinity), "null"),
        (.double(1e300), "1e+300"), ("", "\"\""), ("a\"b\\c/", #""a\"b\\c/""#),
        ("\n\r\t\u{0}\u{1b}\u{7f}", #""\n\r\t\u0000\u001b\u007f""#),
        ("\u{2028}\u{202e}\u{9b}\u{feff}", #""\u2028\u202e\u009b\ufeff""#), ("\u{e0001}", #""\udb40\udc01""#),
        ("\r\n", #""\r\n""#),
        ("é数😀", "\"é数😀\""), ([], "[]"), ([:], "{}"), ([1, [], "x"], #"[1,[],"x"]"#),
        (["b": 1, "a": [:]], #"{"b":1,"a":{}}"#),
    ]

    @Test(arguments: compact)
    func writer_writesOneLine(value: JSONValue, text: String) {
        #expect(JSONWriter.text(value, layout: .compact) == text)
    }

    @Test func writer_indentsByTwo() {
        let value: JSONValue = ["a": [1, ["b": .null]], "c": [], "d": [:]]
        let expected = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c": [],
              "d": {}
            }
            """
        #expect(JSONWriter.text(value, layout: .indented) == expected)
    }

    /// Written by their digits, and as Swift would describe them.
    @Test func numbers_areAsSwiftDescribesThem() {
        let doubles: [Double] = [
            0, -0.0, 0.001, 0.01, 0.5, -0.25, 12.073, 1.1, 0.1 + 0.2, 0.0005, 1e-9, 999_999.999, 220_328.046, 1e11,
            123_456_789_012.345, 999_999_999_999.999, 1e12, 1e15, 1e16, 1e17, -1e21, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude, .pi,
        ]
        for double in doubles { #expect(JSONWriter.text(.double(double), layout: .compact) == "\(double)") }
        for step in 0..<5000 {
            let double = Double(step * step) / 1000
            #expect(JSONWriter.text(.double(double), layout: .compact) == "\(double)")
        }
        for int in [0, 9, 10, -1, -10, 1_000_000, .max, .min] {
            #expect(JSONWriter.text(.int(int), layout: .compact) == String(int))
        }
    }
}
