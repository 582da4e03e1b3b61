import Planning
import Testing

@testable import PlanFile

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct NeedsTests {
    private static func plan(_ needs: [(String, [String])]) -> String {
        "leadsman: 1\nchecks:\n"
            + needs.map { "  - {name: \($0), icmp: 10.0.0.1, needs: [\($1.joined(separator: ", "))]}\n" }.joined()
    }

    @Test func needs_mayJoinAgain() {
        #expect(Fixture.mistakes(Self.plan([("a", ["b", "c"]), ("b", ["d"]), ("c", ["d"]), ("d", [])])).isEmpty)
    }

    @Test func needs_mayNameACheckThatHasMistakesOfItsOwn() {
        let mistakes = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: a, icmp: 10.0.0.300}\n  - {name: b, icmp: 10.0.0.1, needs: [a]}\n")
        #expect(mistakes.count == 1)
        #expect(mistakes[0].hasPrefix("plan.yaml:3:21: "))
    }

    @Test func severalCycles_areToldEach() {
        let mistakes = Fixture.mistakes(
            Self.plan([("a", ["b"]), ("b", ["a"]), ("c", ["d"]), ("d", ["c"]), ("e", ["a"])]))
        #expect(
            mistakes == [
                "plan.yaml:4:39: these checks wait for each other: `a` needs `b` needs `a`",
                "plan.yaml:6:39: these checks wait for each other: `c` needs `d` needs `c`",
            ])
    }

    @Test func longCycle_isShownInPart() {
        let count = 20_000
        let mistakes = Fixture.mistakes(Self.plan((0..<count).map { ("n\($0)", ["n\(($0 + 1) % count)"]) }))
        #expect(mistakes.count == 1)
        #expect(
            mistakes[0].hasSuffix(
                "`n0` needs `n1` needs `n2` needs `n3` needs `n4` needs `n5` needs `n6` needs `n7` needs … needs `n0`"))
    }

    @Test func manyUnknownNeeds_areAllTold() {
        let mistakes = Fixture.mistakes(Self.plan((0..<5000).map { ("n\($0)", ["stranger\($0)"]) }))
        #expect(mistakes.count == 5000)
    }
}
