import LinuxIO
import Observations
import PacketAnalysis
import PacketCapture
import ProbeKit
import Wire

/// Captures for plans, each on a thread of its own so that it takes none of the probes' time.
struct LiveCapturing: PacketCapturing {
    func capture(
        _ request: CaptureRequest, begun: @escaping @Sendable () -> Void,
        until end: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> PacketSummary {
        let run: CaptureRun
        do throws(CaptureMistake) {
            run = try Self.open(request)
        } catch {
            throw .unable(error.inability)
        }
        let task = Task {
            begun()
            return await run.run()
        }
        let ending = Task {
            await end()
            task.cancel()
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
            ending.cancel()
        }
        ending.cancel()
        if case .broken(let inability) = result { throw .unable(inability) }
        return await run.summary()
    }

    private static func open(_ request: CaptureRequest) throws(CaptureMistake) -> CaptureRun {
        var settings = CaptureSettings(interface: request.interface)
        settings.filter = request.filter
        settings.blockMilliseconds = 20
        let live = try LiveCapture(settings)
        let limits = CaptureLimits(span: request.span, blockDelay: settings.longestDelay)
        var analysis = AnalysisSettings.withReaders
        analysis.ownAddresses = NetworkInterface.ownAddresses
        do throws(Inability) {
            return CaptureRun(
                live, CaptureTally(analysis, writer: nil, keepsPayload: false), limits,
                LiveDisplay(isShown: false, interface: request.interface), reactor: try Instruments.startReactor())
        } catch {
            throw .unable(error)
        }
    }
}

extension CaptureMistake {
    /// For a plan, whose mistakes were told before: what is left is an interface that is not here.
    fileprivate var inability: Inability {
        switch self {
        case .unable(let inability): inability
        case .wrongRequest(let text):
            Inability(
                .interfaceUnavailable, action: "capture", reason: text, fix: "name an interface that is here (ip link)")
        }
    }
}

extension NetworkInterface {
    static var ownAddresses: Set<PacketAddress> {
        Set(((try? all()) ?? []).flatMap(\.addresses).map { PacketAddress($0) })
    }
}
