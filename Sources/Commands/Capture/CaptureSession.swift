import CaptureFiles
import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Wire

/// One live capture from its options to the exit status.
struct CaptureSession {
    let options: CaptureOptions
    let files: CaptureFileOptions
    let ranges: PacketRangeOptions
    let output: PacketOutput
    let isQuiet: Bool

    /// Mistakes are told on standard error.
    func run() async -> Int32 {
        do throws(CaptureMistake) {
            return try await capture()
        } catch {
            switch error {
            case .wrongRequest(let text):
                try? writeAll("\(UsageMistake(text, command: "capture").text)\n", to: StandardStream.error)
                return ExitStatus.badUsage
            case .unable(let inability):
                complain("\(inability)\n  to mend it: \(inability.fix)")
                return ExitStatus.unmeasured
            }
        }
    }

    private func capture() async throws(CaptureMistake) -> Int32 {
        let choice = options.interface.map { InterfaceChoice(interface: $0, reason: nil) } ?? .current()
        let settings = settings(for: choice.interface)
        // The right to capture is needed here and never again.
        let live = try LiveCapture(settings)
        let file = try openResult()
        let writer = try openWriter(live.linkType, live.snapLength)
        tell(choice, live.warning)
        let run = CaptureRun(
            live, CaptureTally(analysis, writer: writer, keepsPayload: options.keepsPayload),
            CaptureLimits(
                span: options.span?.duration, packets: options.packets, blockDelay: settings.longestDelay),
            LiveDisplay(isShown: output.showsProgress, interface: choice.interface), reactor: try startReactor())
        let task = Task { await run.run() }
        StopSignals.shared.arm(stop: { task.cancel() }, abandon: { file.discard() })
        let ending = await task.value
        return finish(ending, await run.summary(), to: file)
    }

    /// What broke is told, and what was seen until then.
    private func finish(_ ending: CaptureRun.Ending, _ summary: PacketSummary, to file: ResultFile) -> Int32 {
        var summary = summary
        var isBroken = false
        switch ending {
        case .spanOver, .countReached, .stopped: break
        case .broken(let inability):
            isBroken = true
            summary.problems.append(inability.description)
            complain("\(inability)\n  to mend it: \(inability.fix)")
        case .unwritable(let problem) where problem.isReaderGone: return ExitStatus.readerGone
        case .unwritable(let problem):
            isBroken = true
            complain("cannot write \(problem)")
        }
        let status = output.finish(summary, into: file, signal: StopSignals.shared.received)
        return isBroken && status == ExitStatus.healthy ? ExitStatus.unmeasured : status
    }

    // MARK: Before it begins

    private func settings(for interface: String) -> CaptureSettings {
        var settings = CaptureSettings(interface: interface)
        settings.filter = options.filterText
        settings.isPromiscuous = options.promiscuous
        if let length = options.snapLength {
            settings.snapLength = length
        } else if options.payload {
            settings.snapLength = CaptureSettings.wholeSnapLength
        }
        return settings
    }

    private var analysis: AnalysisSettings {
        var settings = ranges.settings
        settings.ownAddresses = NetworkInterface.ownAddresses
        return settings
    }

    private func openWriter(_ linkType: LinkType, _ snapLength: Int) throws(CaptureMistake) -> RingWriter? {
        guard let path = files.write else { return nil }
        do throws(CaptureFileProblem) {
            return try RingWriter(path, linkType: linkType, snapLength: snapLength, limits: files.limits)
        } catch {
            throw .unable(
                Inability(.badFile, action: "write \(path.escaped(limit: 200))", reason: error.found, fix: error.fix))
        }
    }

    /// Standard output that carries the packets has no room for what they show.
    private func openResult() throws(CaptureMistake) -> ResultFile {
        if files.write == "-", output.path == nil { return .standardError }
        do {
            return try ResultFile(path: output.path)
        } catch {
            throw .unable(
                Inability(
                    .badFile, action: "write \(output.path ?? "to standard output")", reason: error.description,
                    fix: "name a file in a folder that this user may write to"))
        }
    }

    private func startReactor() throws(CaptureMistake) -> Reactor {
        do throws(Inability) {
            return try Instruments.startReactor()
        } catch {
            throw .unable(error)
        }
    }

    private func tell(_ choice: InterfaceChoice, _ warning: String?) {
        let name = choice.interface.escaped(limit: 40)
        if let warning { complain("\(name): \(warning.escaped())") }
        guard !isQuiet else { return }
        let why = choice.reason.map { ", since \($0)" } ?? ""
        let end = options.span == nil && options.packets == nil ? "; SIGINT ends it" : ""
        complain("capturing on \(name)\(why)\(end)")
    }
}
