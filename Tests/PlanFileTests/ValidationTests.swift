import LinuxIO
import Planning
import Testing

@testable import PlanFile

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct ValidationTests {
    private static func reader(_ validate: @escaping @Sendable (Check) -> PlanProblem?) -> PlanReader {
        PlanReader(
            probes: FakeCatalogue.probes, environment: { $0 == "TOKEN" ? Fixture.token : nil },
            readFile: { _ in .failure(UnreadableFile(reason: "none")) }, validate: validate)
    }

    @Test func problemOfAProbe_standsAtTheCheckName_andAmongTheOtherMistakes() {
        let reader = Self.reader { $0.name == "b" ? PlanProblem("a certificate needs its key") : nil }
        let mistakes = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: b, icmp: 10.0.0.1}\n  - {name: c, icmp: 10.0.0.1, colour: red}\nextra: 1\n",
            reader: reader)
        #expect(mistakes.count == 3)
        #expect(mistakes.first == "plan.yaml:3:12: a certificate needs its key")
    }

    @Test func problemOfAProbe_keepsItsOwnPlace() {
        let reader = Self.reader { check in PlanProblem("wrong", at: check.parameters.places["size"]) }
        let text = "leadsman: 1\nchecks:\n  - {name: b, icmp: 10.0.0.1, size: 5}\n"
        #expect(Fixture.mistakes(text, reader: reader) == ["plan.yaml:3:37: wrong"])
    }

    @Test func checkWithMistakes_isNotShownToItsProbe() {
        let reader = Self.reader { _ in PlanProblem("asked") }
        let mistakes = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: b, icmp: 10.0.0.1, size: big}\n", reader: reader)
        #expect(mistakes.count == 1)
        #expect(!mistakes[0].contains("asked"))
    }

    @Test func problemOfAProbe_showsNoSecret() {
        let reader = Self.reader { check in PlanProblem("cannot use `\(check.parameters.text("send") ?? "")` here") }
        let mistakes = Fixture.mistakes(
            "leadsman: 1\nchecks:\n  - {name: b, tcp: 'db:1', send: '${env:TOKEN}'}\n", reader: reader)
        #expect(mistakes == ["plan.yaml:3:12: cannot use `${env:TOKEN}` here"])
    }
}
