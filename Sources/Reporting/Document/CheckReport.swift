import Diagnosis
import JSON
import NetValues
import Observations
import Planning

/// One check of a report.
package struct CheckReport: Hashable, Sendable {
    /// Further facts are counted, not kept: a document must stay readable for whoever has it to read.
    package static let maximumFacts = 200

    package var name: String
    package var kind: String
    package var target: String
    package var status: CheckJudgement.Status
    /// The id of the finding that explains the status, the words for skipped and unmeasured, nil when passed.
    package var reason: String?
    /// What would let an unmeasured check be measured.
    package var fix: String?
    package var isInterrupted: Bool
    package var samples: Int
    package var failures: Int
    /// `min p50 p95 p99 max mean stddev`, and `jitter` when known; nil when nothing was measured.
    package var latency: Milliseconds?
    /// Only phases that happened.
    package var phases: Milliseconds
    package var labels: [String: String]
    /// Of an echo series.
    package var echo: EchoSummary?
    package var comparisons: [JSONValue]
    package var facts: [JSONValue]
    package var factsOmitted: Int
    package var additions = JSONObject()
}

extension CheckReport {
    /// - Parameter withFacts: false where nobody will see them: they are the most of a report.
    package init(_ judgement: CheckJudgement, withFacts: Bool = true, redact: (String) -> String) {
        let record = judgement.record
        let counted = record.samples.reduce(0) { $0 + $1.facts.count }
        let kept = withFacts ? Self.maximumFacts : 0
        self.init(
            name: redact(record.check.name), kind: record.check.kind, target: redact(record.check.target.description),
            status: judgement.status, reason: Self.reason(of: judgement, redact: redact),
            fix: record.ending.fix.map(redact), isInterrupted: record.ending == .interrupted,
            // A retry is another try of the same sample.
            samples: Set(record.samples.map(\.index)).count, failures: judgement.failures,
            latency: judgement.latency.map(Milliseconds.init), phases: Milliseconds(judgement.phases),
            labels: record.check.labels.redacted(redact), echo: EchoSummary(record.facts),
            comparisons: ComparisonJSON.distinct(record.samples).map { $0.mapStrings(redact) },
            facts: FactJSON.facts(of: record.samples, limit: kept).map { $0.mapStrings(redact) },
            factsOmitted: max(0, counted - kept),
            additions: SamplingJSON.members(judgement).followed(by: Self.endpoint(of: judgement, redact: redact))
                .followed(
                    by: Self.packets(of: record, redact: redact)
                ).followed(by: Self.path(of: record, redact: redact))
                .followed(by: PathMTUSummary.members(of: record, redact: redact))
                .followed(by: withFacts ? EchoSeriesJSON.member(of: record) : JSONObject()))
    }

    /// Only of a trace.
    private static func path(of record: CheckRecord, redact: (String) -> String) -> JSONObject {
        guard let path = PathReport(record.facts) else { return JSONObject() }
        return JSONObject([("path", JSONValue.object(path.json).mapStrings(redact))])
    }

    /// Only of a check that is one endpoint of a range.
    private static func endpoint(of judgement: CheckJudgement, redact: (String) -> String) -> JSONObject {
        guard let range = judgement.record.check.range, let state = judgement.endpointState else { return JSONObject() }
        return JSONObject([("range", .string(redact(range))), ("state", .string(state.rawValue))])
    }

    /// Only of a run that captured beside its probes.
    private static func packets(of record: CheckRecord, redact: (String) -> String) -> JSONObject {
        guard let packets = record.packets else { return JSONObject() }
        return JSONObject([("packets", CheckPacketsJSON.json(packets).mapStrings(redact))])
    }

    private static func reason(of judgement: CheckJudgement, redact: (String) -> String) -> String? {
        switch judgement.status {
        case .passed: nil
        // Ids are ours and stay as they are.
        case .warned, .failed: judgement.reason.map { isFindingID($0) ? $0 : redact($0) }
        case .skipped, .unmeasured: (judgement.reason ?? judgement.record.ending.words).map(redact)
        }
    }

    private static func isFindingID(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}

extension CheckRecord.Ending {
    fileprivate var fix: String? {
        if case .unmeasured(let inability) = self { inability.fix } else { nil }
    }

    fileprivate var words: String? {
        switch self {
        case .measured: nil
        case .skipped(let cause): cause
        case .unmeasured(let inability): inability.description
        case .interrupted: "the run was stopped before this check was done"
        }
    }
}

extension Milliseconds {
    fileprivate init(_ summary: LatencySummary) {
        self.init([
            "min": summary.min, "p50": summary.p50, "p95": summary.p95, "p99": summary.p99, "max": summary.max,
            "mean": summary.mean, "stddev": summary.stddev, "jitter": summary.jitter,
        ])
    }

    fileprivate init(_ phases: Phases) {
        self.init([
            "resolve": phases.resolve, "connect": phases.connect, "tls": phases.tls, "firstByte": phases.firstByte,
            "transfer": phases.transfer,
        ])
    }
}
