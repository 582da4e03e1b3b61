import NetValues
import Observations
import Planning

/// The samples of a check without what our own standing still spoiled: a silence during which we were not run proves nothing,
/// and a latency that holds such a time is not the network's (catalogue id vantage-throttled).
struct Soundness: Sendable {
    let samples: [Sample]
    /// `.unmeasured` when nothing that was measured can be relied on.
    let ending: CheckRecord.Ending
    /// Silent samples set aside.
    let silencesSetAside: Int
    /// Samples that count, but whose time does not.
    let latenciesSetAside: Int

    init(_ record: CheckRecord, strain: VantageStrain) {
        guard !strain.stalls.isEmpty, !record.samples.isEmpty else {
            samples = record.samples
            ending = record.ending
            silencesSetAside = 0
            latenciesSetAside = 0
            return
        }
        var kept: [Sample] = []
        var untimed = 0
        for sample in record.samples {
            let span = Self.span(of: sample, timeout: record.check.timeout)
            let stalled = strain.overlap(from: sample.startedAt, to: sample.startedAt + span)
            if sample.outcome == .answered {
                guard Self.spoilsLatency(stalled.total, of: span), sample.latency != nil else {
                    kept.append(stalled.total > .zero ? sample.stalled(for: stalled.total) : sample)
                    continue
                }
                untimed += 1
                kept.append(sample.withoutTimes)
            } else if !Self.spoilsSilence(stalled.longest, of: span, record.check.timeout) {
                kept.append(sample)
            }
        }
        samples = kept
        silencesSetAside = record.samples.count - kept.count
        latenciesSetAside = untimed
        ending =
            kept.isEmpty && record.ending == .measured
            ? .unmeasured(Self.starved(record, strain)) : record.ending
    }

    private static func span(of sample: Sample, timeout: Duration) -> Duration {
        sample.elapsed ?? sample.latency ?? timeout
    }

    /// Whatever ends long before its time-out was ended by an answer, which counts however late we read it. And short stalls
    /// spoil nothing: the kernel repeats what was sent and keeps what comes, and the reactor looks before it gives up. Only
    /// one that took half of the time at a stretch may have kept us from sending at all.
    private static func spoilsSilence(_ stall: Duration, of span: Duration, _ timeout: Duration) -> Bool {
        span * 2 >= timeout && stall * 2 >= span
    }

    /// A quarter of what was measured, and more than a scheduler's slice.
    fileprivate static func spoilsLatency(_ stalled: Duration, of span: Duration) -> Bool {
        stalled >= .milliseconds(3) && stalled * 4 >= span
    }

    private static func starved(_ record: CheckRecord, _ strain: VantageStrain) -> Inability {
        Inability(
            .starved, action: "measure \(record.check.target)",
            reason: "this process stood still for \(strain.stalledTime.spoken) of \(strain.duration.spoken)",
            fix: "give it more processor time, and run it again")
    }
}

extension Sample {
    /// Whether times that were measured within the sample are the network's.
    func isTimed(under strain: VantageStrain) -> Bool {
        guard let elapsed, !strain.stalls.isEmpty else { return true }
        let stalled = strain.overlap(from: startedAt, to: startedAt + elapsed).total
        return !Soundness.spoilsLatency(stalled, of: elapsed)
    }

    fileprivate func stalled(for time: Duration) -> Sample {
        var sample = self
        sample.stalled = time
        return sample
    }

    fileprivate var withoutTimes: Sample {
        var sample = self
        sample.latency = nil
        sample.phases = Phases()
        return sample
    }
}
