import Diagnosis
import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import Planning

/// Evidence for one run: nothing when nobody asked, and said once when it cannot be had. The run goes on without.
struct EvidenceSession: Sendable {
    private let capture: EvidenceCapture?
    private let folder: EvidenceFolder?
    private let loop: Task<Void, Never>?
    private let judge: Judge
    /// Why there is none though it was asked for.
    private let inability: Inability?

    init(
        _ request: EvidenceRequest?, for plan: Plan, resolver: ResolverConfiguration, _ judge: Judge,
        _ startedAt: WallTime
    ) {
        self.judge = judge
        var capture: EvidenceCapture?
        var folder: EvidenceFolder?
        var inability: Inability?
        if let request {
            do throws(Inability) {
                if let path = request.folder { folder = try EvidenceFolder(path) }
                capture = try EvidenceCapture.open(for: plan.checks, resolver: resolver, startedAt: startedAt)
            } catch {
                inability = error
            }
        }
        self.capture = capture
        self.folder = folder
        self.inability = inability
        loop = capture.map { capture in Task { await capture.run() } }
    }

    /// What adds its packets to a check that is over.
    var completion: (@Sendable (CheckRecord) async -> CheckRecord)? {
        guard let capture else { return nil }
        return { [folder, judge] record in
            guard let captured = await capture.packets(of: record) else { return record }
            var packets = captured.packets
            var record = record
            if let folder, Self.isWorthKeeping(record, judge) {
                packets.file = folder.keep(captured.frames, of: record.check.name)
            }
            record.packets = packets
            return record
        }
    }

    /// A look at the samples first: to judge each of ten thousand checks that pass would be for nothing.
    private static func isWorthKeeping(_ record: CheckRecord, _ judge: Judge) -> Bool {
        let isPlain = record.check.expectation.word == .reachable && record.samples.allSatisfy(\.isGood)
        if isPlain, record.ending == .measured { return false }
        return judge.judge([record]).checks.contains { $0.status == .failed || $0.status == .warned }
    }

    /// Ends the capture. Answers what is missing of the evidence that was asked for, for people.
    func end() async -> String? {
        await capture?.end()
        await loop?.value
        if let inability = await capture?.fault ?? inability {
            return "no packets as evidence: \(inability)\n  to mend it: \(inability.fix)"
        }
        return folder?.problem
    }
}
