import Diagnosis
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import Reporting
import Scheduling
import VantageState

/// One run from plan to exit status: probes, judges, and writes the result where it was asked for.
struct Session: Sendable {
    let plan: Plan
    let output: Output
    /// For the demo, whose probes shall see its own network.
    var adjust: @Sendable (inout Capabilities) -> Void = { _ in }
    /// Packets beside the probes, where they are asked for.
    var evidence: EvidenceRequest?
    /// Manifests to judge by, and where patches go.
    var declared: DeclaredRequest?
    /// For `doctor`, whose report is about the vantage itself.
    var describesVantage = false
    /// For a run without end that is looked at meanwhile.
    var live: LiveRequest?

    /// How the result shall look and where it goes.
    struct Output: Sendable {
        var format: OutputFormat
        var path: String?
        var failOn: FailOn
        var style: TextStyle
        var showsProgress: Bool

        /// A stream has told them with each check.
        var showsFacts: Bool { format == .json || format == .text && style.verbosity == .verbose }
        var showsVantage: Bool { format != .text || style.verbosity == .verbose }
    }

    /// The exit status. Mistakes of our own are told on standard error.
    func run() async -> Int32 {
        do {
            let file = try ResultFile.opened(output.path)
            var instruments = try Instruments.open()
            adjust(&instruments.capabilities)
            return await run(into: file, with: instruments)
        } catch let inability as Inability {
            complain("\(inability)\n  to mend it: \(inability.fix)")
        } catch {
            complain("\(error)")
        }
        return ExitStatus.unmeasured
    }

    private func run(into file: ResultFile, with instruments: Instruments) async -> Int32 {
        let reader = VantageReader()
        let before = reader.read()
        let startedAt = WallTime.now
        let start = Instant.now
        let surroundings = Surroundings.read(resolver: instruments.capabilities.resolver)
        let judge = Judge(
            resolver: instruments.capabilities.resolver, now: startedAt, declared: declared?.view(before, surroundings))
        let redaction = Redaction(secrets: plan.secrets)
        let journal = RunJournal(
            judge: judge, streamsTo: output.format == .jsonl ? file : nil, redact: { redaction($0) },
            progress: Progress(
                plan.checks, isShown: output.showsProgress && live == nil, start: start, redact: { redaction($0) }))

        let beside = EvidenceSession(evidence, for: plan, resolver: instruments.capabilities.resolver, judge, startedAt)
        let live = live.map { LiveRun($0, LiveLogs(plan.checks, $0.subject), output) }
        let (signal, strain) = await measure(with: instruments, journal, beside, live, since: start, into: file) {
            LiveVerdict(
                judge.judge($0, strain: $1, vantage: reader.observe(since: before)), redact: { redaction($0) })
        }
        var vantageState = reader.observe(since: before)
        vantageState.surroundings = surroundings
        journal.progress.clear()
        if let omission = live?.logs.omission { complain(omission) }
        let lack = await beside.end()
        if let lack { complain(lack) }
        if let failure = journal.writeFailure { return failure.told(output.path) }

        var log = journal.log
        log.sort(inOrderOf: plan.checks)
        var judgement = judge.judge(log, strain: strain, vantage: vantageState)
        if lack != nil { judgement.lacksEvidence() }
        var report = Report(
            judgement: judgement, vantage: vantage, strain: strain,
            observation: output.showsVantage || describesVantage ? vantageState : nil, startedAt: startedAt,
            duration: .now - start, toolVersion: leadsmanVersion, withFacts: output.showsFacts || describesVantage,
            redact: { redaction($0) })
        if describesVantage {
            report.describe(
                vantageState, resolver: instruments.capabilities.resolver, redact: { redaction($0) })
        }
        let status = writePatches(of: report, else: ExitStatus.of(judgement, failOn: output.failOn, signal: signal))
        journal.outliveTheRun()
        return write(report, to: file, else: status)
    }

    /// `status`, unless patches are wanted and cannot be written.
    private func writePatches(of report: Report, else status: Int32) -> Int32 {
        guard let folder = declared?.patchFolder,
            let failure = PatchFiles.write(report.findings.map(\.finding), to: folder)
        else { return status }
        complain(failure)
        return status == ExitStatus.healthy ? ExitStatus.unmeasured : status
    }

    /// A plan may name labels and leave the name to the machine.
    private var vantage: VantageName {
        var vantage = plan.vantage ?? VantageName(name: "")
        if vantage.name.isEmpty { vantage.name = HostName.current() }
        return vantage
    }

    /// Runs the plan until its end or until a signal stops it; answers the signal, and how short we were of what measuring
    /// needs.
    /// - Parameter judge: what was seen so far, for who looks at it meanwhile.
    private func measure(
        with instruments: Instruments, _ journal: RunJournal, _ beside: EvidenceSession, _ live: LiveRun?,
        since start: Instant, into file: ResultFile,
        judge: @escaping @Sendable ([CheckRecord], VantageStrain) -> LiveVerdict
    ) async -> (signal: Int32?, strain: VantageStrain) {
        let descriptors = DescriptorLimit.raise()
        let limits = plan.limits.fitting(descriptors: descriptors, for: plan.checks)
            .withOneLoad(of: probeCatalogue.descriptions)
        let scheduler = Scheduler(
            catalogue: probeCatalogue, capabilities: instruments.capabilities, time: instruments.time, limits: limits,
            home: instruments.reactor, log: { live?.logs.log(of: $0) ?? journal.progress.log },
            complete: beside.completion)
        let meter = await StrainMeter(reactor: instruments.reactor, start: start)
        // On the reactor's own thread, so that nothing hops between threads while it is being timed.
        // It begins when signals and write failures can stop it: a signal that came before would end the process at once.
        let executor = instruments.reactor.executor
        let (canBeStopped, begin) = AsyncStream.makeStream(of: Void.self)
        let run = Task(executorPreference: executor) {
            for await _ in canBeStopped { break }
            await scheduler.run(plan.checks) { journal.take(live == nil ? $0 : $0.asEndless) }
        }
        journal.onWriteFailure { run.cancel() }
        StopSignals.shared.arm(
            stop: { Task(executorPreference: executor) { run.cancel() } },
            abandon: {
                live?.giveBackTerminal()
                file.discard()
            })
        begin.finish()
        let watches = [
            Task(executorPreference: executor) { await journal.progress.tick(with: instruments.time) },
            Task(executorPreference: executor) { await meter.watch() },
        ]
        let showing = live.map { live in
            let names = LiveNames(instruments)
            let surroundings = LiveRun.Surroundings(
                time: instruments.time, file: file, judge: { judge(live.logs.records(), await meter.reading()) },
                names: { names.names(of: $0) }, pardon: { from, to in Task { await meter.pardon(from: from, to: to) } },
                quit: { Task(executorPreference: executor) { run.cancel() } })
            return Task.detached { await live.show(in: surroundings) }
        }
        await run.value
        live?.end()
        showing?.cancel()
        if let failure = await showing?.value { journal.fail(failure) }
        var strain = await meter.reading()
        for watch in watches { watch.cancel() }
        strain.descriptors = limits.shortage(against: plan, descriptors: descriptors)
        return (StopSignals.shared.received, strain)
    }

    /// `status`, unless the report cannot be written.
    private func write(_ report: Report, to file: ResultFile, else status: Int32) -> Int32 {
        let text =
            output.format == .jsonl
            ? JSONLines.closing(report) : report.rendered(as: output.format, style: output.style)
        do throws(WriteFailure) {
            try file.write(text)
            try file.commit()
            return status
        } catch {
            if case .readerGone = error { return status }
            return error.told(output.path)
        }
    }
}
