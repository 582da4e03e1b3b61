import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Wire

/// Where each captured frame goes: into the analysis, and into the file that keeps it.
final class CaptureTally: FrameTaking {
    private var analyzer: PacketAnalyzer
    private var passages = Passages()
    private var cut = HeaderCut()
    private let file: (any CaptureKeeping)?
    private let keepsPayload: Bool
    private var lastTime: Int64?

    private(set) var packets = 0
    private(set) var writeFailure: WriteFailure?
    /// A frame has come that is later than what was wanted.
    private(set) var isPastEnd = false

    init(_ settings: AnalysisSettings, file: (any CaptureKeeping)?, keepsPayload: Bool) {
        analyzer = PacketAnalyzer(settings)
        self.file = file
        self.keepsPayload = keepsPayload
    }

    func take(_ frame: CapturedFrame, _ bytes: Swift.Span<UInt8>) {
        if let lastTime, frame.time > lastTime {
            isPastEnd = true
            return
        }
        packets += 1
        if passages.isFirst(frame, bytes) { analyzer.add(frame, bytes) }
        guard let file, writeFailure == nil else { return }
        let kept = keepsPayload ? bytes.count : cut.length(of: frame, bytes)
        do throws(WriteFailure) {
            try file.write(frame, bytes.extracting(0..<kept))
        } catch {
            writeFailure = error
        }
    }

    /// Frames that are stamped later are passed over from now on.
    func takeOnly(until time: WallTime) {
        lastTime = time.nanoseconds
    }

    func summary() -> PacketSummary { analyzer.summary() }
}
