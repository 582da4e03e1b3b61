import Diagnosis
import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Reporting

/// One live capture from its options to the exit status.
struct CaptureSession {
    let options: CaptureOptions
    let files: CaptureFileOptions
    let output: Session.Output

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
        let live = try LiveCapture(settings)
        let reactor: Reactor
        do throws(Inability) {
            reactor = try Instruments.startReactor()
        } catch {
            throw .unable(error)
        }
        let tally = CaptureTally(AnalysisSettings(), file: nil, keepsPayload: options.payload)
        let limits = CaptureLimits(
            span: options.span?.duration, packets: options.packets, blockDelay: settings.longestDelay)
        let run = CaptureRun(
            live, tally, limits, LiveDisplay(isShown: output.showsProgress, interface: choice.interface),
            reactor: reactor)
        let task = Task(executorPreference: reactor.executor) { await run.run() }
        StopSignals.shared.arm(stop: { task.cancel() }, abandon: {})
        let ending = await task.value
        let summary = await run.summary()
        try? writeAll("packets \(summary.packets) bytes \(summary.bytes) drops \(summary.drops) \(ending)\n", to: StandardStream.output)
        return 0
    }

    private func settings(for interface: String) -> CaptureSettings {
        var settings = CaptureSettings(interface: interface)
        settings.filter = options.filterText
        settings.isPromiscuous = options.promiscuous
        if let length = options.snapLength {
            settings.take(upTo: length)
        } else if options.payload {
            settings.take(upTo: CaptureSettings.wholeSnapLength)
        }
        return settings
    }
}
