import Observations
import Scheduling
import Testing

@Suite struct SampleLogTests {
    private func sample(_ index: Int) -> Sample {
        Sample(index: index, startedAt: .zero, outcome: .answered, latency: nil, facts: [])
    }

    @Test("A series without end is kept within bounds: its first sample and its latest")
    func bounds() {
        let log = SampleLog(expecting: 1_000_000, keeping: 100)
        for index in 0..<10_000 { log.append(sample(index)) }
        let kept = log.samples.map(\.index)
        #expect((100...125).contains(kept.count) && kept.first == 0 && kept.last == 9999)
        #expect(kept.count + log.dropped == 10_000)
        #expect(Array(kept.dropFirst()) == Array((10_001 - kept.count)..<10_000))
    }

    @Test("Who looks again and again sees each sample once", arguments: [3, 1000])
    func again(_ most: Int) {
        let log = SampleLog(expecting: 5, keeping: most)
        var seen: [Int] = []
        var count = 0
        for index in 0..<50 {
            log.append(sample(index))
            if index % 2 == 1 {
                let (samples, total) = log.samples(after: count)
                seen += samples.map(\.index)
                count = total
            }
        }
        #expect(seen == Array(0..<50))
    }

    @Test("Packets on the way are no samples, and stay when the count begins anew")
    func onTheWay() {
        let log = SampleLog(expecting: 5, keeping: 5)
        log.noteOnTheWay(1)
        log.noteOnTheWay(1)
        log.append(sample(0))
        log.noteOnTheWay(-1)
        #expect(log.onTheWay == 1 && log.count == 1)
        log.forget()
        #expect(log.onTheWay == 1)
    }

    @Test("What is forgotten is neither kept nor missed")
    func forgotten() {
        let log = SampleLog(expecting: 5)
        for index in 0..<5 { log.append(sample(index)) }
        let count = log.samples(after: 0).count
        log.forget()
        #expect(log.samples.isEmpty && log.dropped == 0)
        log.append(sample(5))
        #expect(log.samples(after: count).samples.map(\.index) == [5])
    }
}
