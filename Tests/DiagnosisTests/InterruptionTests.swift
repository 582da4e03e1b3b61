import Diagnosis
import Observations
import Testing

/// The verdict that a run allows which was stopped before its end.
@Suite struct InterruptionTests {
    @Test func checkWithoutASample_makesTheRunInconclusive() {
        let judgement = judge(record("db", target: hostPort(target), [], ending: .interrupted))
        #expect(judgement.verdict == .inconclusive && judgement.isIncomplete)
        #expect(judgement.status("db") == .skipped)
    }

    @Test func layerWithoutASample_doesNot_whenItWasNotAskedFor() {
        let layer = record("layer", target: hostPort(target), asked: false, [], ending: .interrupted)
        let judgement = judge(layer, record("db", target: hostPort(target), [sample(.answered, [Fact]())]))
        #expect(judgement.verdict == .healthy && !judgement.isIncomplete)
    }

    @Test func seriesThatWasCutShort_isJudgedByWhatWasSeen() {
        let judgement = judge(
            record("db", target: hostPort(target), [sample(.answered, [Fact]())], ending: .interrupted))
        #expect(judgement.verdict == .healthy && judgement.status("db") == .passed)
    }
}
