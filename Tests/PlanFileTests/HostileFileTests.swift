import Planning
import Testing

@testable import PlanFile

/// Files that were made to hurt: each ends in a plan or in mistakes with a place, soon, and never in a crash.
@MainActor @Suite struct HostileFileTests {
    private static let head = "leadsman: 1\nchecks:\n"

    @Test func planCutAtEveryByte_isReadOrRefused() throws {
        let bytes = try Fixture.bytes("valid", "every-type.yaml")
        for length in 0..<bytes.count {
            let mistakes = Fixture.mistakes(Array(bytes.prefix(length)))
            #expect(mistakes.allSatisfy { $0.hasPrefix("plan.yaml:") })
        }
    }

    @Test func planWithEveryByteReplaced_isReadOrRefused() throws {
        let bytes = try Fixture.bytes("valid", "contract.yaml")
        for index in bytes.indices {
            for replacement: UInt8 in [0x00, 0x09, 0x0a, 0x22, 0x26, 0x2a, 0x5b, 0x7b, 0xff] {
                var broken = bytes
                broken[index] = replacement
                #expect(Fixture.mistakes(broken).allSatisfy { $0.hasPrefix("plan.yaml:") })
            }
        }
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func deepNesting_isRefused(_ opener: String) {
        let mistakes = Fixture.mistakes(String(repeating: opener, count: 100_000))
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasSuffix("nested deeper than 32 levels") == true)
    }

    @Test func nestingThroughAliases_isRefused() {
        let levels = (0..<40).map { "  - &a\($0 + 1) [*a\($0)]\n" }.joined()
        let mistakes = Fixture.mistakes("leadsman: 1\nx:\n  - &a0 [1]\n\(levels)")
        #expect(mistakes.contains { $0.hasSuffix("nested deeper than 32 levels") })
    }

    @Test func aliasBomb_isRefused() {
        let doubled = Array(repeating: "*a", count: 9)
        let levels = (1..<12).map { level in
            "  - &a\(level) [\(doubled.map { "\($0)\(level - 1)" }.joined(separator: ", "))]\n"
        }
        let mistakes = Fixture.mistakes("leadsman: 1\nx:\n  - &a0 [lol]\n" + levels.joined())
        #expect(mistakes.contains { $0.hasSuffix("more than 4000000 values, aliases counted each time they are used") })
    }

    @Test func aliasesOfLongText_areRefused() {
        let long = String(repeating: "x", count: 1 << 20)
        let aliases = (0..<1000).map { "k\($0): *a" }.joined(separator: ", ")
        let mistakes = Fixture.mistakes("leadsman: 1\nx: &a \(long)\ny: {\(aliases)}\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasSuffix("more than 256 MiB of text, aliases counted each time they are used") == true)
    }

    @Test func aliasOfItself_isRefused() {
        let mistakes = Fixture.mistakes(Self.head + "  - &a {name: a, icmp: 10.0.0.1, labels: {x: *a}}\n")
        #expect(mistakes.count == 1)
        #expect(mistakes[0].contains("no `&a` stands before this"))
    }

    @Test func hugeValue_isRefused() {
        let long = String(repeating: "x", count: 1 << 20 | 1)
        let mistakes = Fixture.mistakes(Self.head + "  - {name: a, icmp: 10.0.0.1, labels: {k: '\(long)'}}\n")
        #expect(mistakes == ["plan.yaml:3:43: this value is longer than 1 MiB"])
    }

    @Test func hugeKey_isRefusedAndCut() {
        let key = String(repeating: "k", count: 1 << 21)
        let mistakes = Fixture.mistakes("? \(key)\n: 1\n")
        #expect(mistakes == ["plan.yaml:1:3: this value is longer than 1 MiB"])
        let shorter = Fixture.mistakes(
            Self.head + "  - {name: a, icmp: 10.0.0.1, \(String(repeating: "k", count: 900)): 1}\n")
        #expect(shorter.count == 1)
        #expect((shorter.first?.count ?? .max) < 400)
    }

    @Test func tooManyChecks_areRefusedAtOnce() {
        let text = Self.head + String(repeating: "- a\n", count: 1_000_001)
        #expect(
            Fixture.mistakes(text) == ["plan.yaml:3:1: a plan has at most 1000000 checks, and this one has 1000001"])
    }

    @Test func manyMistakes_areAllTold() {
        let text = Self.head + (0..<20_000).map { "  - {name: n\($0), icmp: 10.0.0.1, intervall: 1s}\n" }.joined()
        #expect(Fixture.mistakes(text).count == 20_000)
    }

    @Test func binaryFiles_areRefused() {
        var state: UInt64 = 42
        for _ in 0..<500 {
            let bytes = (0..<200).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            #expect(!Fixture.mistakes(bytes).isEmpty)
        }
    }

    @Test func controlCharacters_areNotRepeatedInMistakes() {
        let mistakes = Fixture.mistakes(Self.head + #"  - {name: a, icmp: "\e[31mred\a\u202e"}"# + "\n")
        #expect(mistakes.count == 1)
        #expect(
            mistakes[0].unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0.value != 0x202e })
    }

    @Test func nestedPattern_isRefused() {
        let pattern = String(repeating: "(", count: 9000)
        let mistakes = Fixture.mistakes(Self.head + "  - {name: a, tcp: 'db:1', expect: {banner: '\(pattern)'}}\n")
        #expect(mistakes.count == 1)
        #expect(mistakes[0].contains("is not a regular expression"))
    }

    @Test(arguments: ["[", "(", "[^", "(?:", "([)]"]) func manyBrackets_areAMistake(_ bracket: String) {
        let pattern = String(repeating: bracket, count: 2000)
        let mistakes = Fixture.mistakes(Self.head + "  - {name: a, tcp: 'db:1', expect: {banner: '\(pattern)'}}\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasSuffix("is not a regular expression: it opens more than 200 brackets") == true)
    }

    @Test func manyDirectives_areRefused() {
        let directives = (0..<40_000).map { "%TAG !\($0)! tag:a,2000:\n" }.joined()
        let mistakes = Fixture.mistakes(directives + "---\n" + Self.head)
        #expect(
            mistakes == [
                "plan.yaml:1001:1: more than 1000 lines begin with `%`: YAML directives are read up to that number"
            ])
    }

    @Test func longPattern_isAMistake() {
        let pattern = String(repeating: "a|", count: 5001)
        let mistakes = Fixture.mistakes(
            "leadsman: 1\nchecks: [{name: a, tcp: 'db:1', expect: {banner: '\(pattern)'}}]\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasSuffix("is not a regular expression: it is longer than 10000 bytes") == true)
    }
}
