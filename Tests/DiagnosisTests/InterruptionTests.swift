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

/// What could not be measured makes what needs it unmeasured as well.
@Suite struct IncompleteRunTests {
    private let unable = CheckRecord.Ending.unmeasured(
        Inability(.internalFault, action: "send", reason: "no such interface", fix: "name another"))

    private func layer(_ name: String, asked: Bool = false, _ ending: CheckRecord.Ending) -> CheckRecord {
        record(name, target: hostPort(target), asked: asked, [], ending: ending)
    }

    @Test func askedCheckBehindALayerThatWasNotMeasured_isIncomplete() {
        let judgement = judge(
            layer("name", unable), layer("tcp", .skipped(because: "name")),
            layer("http", asked: true, .skipped(because: "tcp")),
            record("other", target: hostPort(target), asked: false, [sample(.answered, [Fact]())]))
        #expect(judgement.isIncomplete && judgement.verdict == .inconclusive)
    }

    @Test func askedCheckBehindALayerThatFailed_isNot() {
        let failed = tcp("tcp", .timedOut)
        let judgement = judge(failed, layer("http", asked: true, .skipped(because: "tcp")))
        #expect(!judgement.isIncomplete)
    }

    @Test func runOfLayersOfWhichNoneWasMeasured_isIncomplete() {
        #expect(judge(layer("a", unable), layer("b", .skipped(because: "a"))).isIncomplete)
        let measured = record("c", target: hostPort(target), asked: false, [sample(.answered, [Fact]())])
        #expect(!judge(layer("a", unable), measured).isIncomplete)
    }
}
