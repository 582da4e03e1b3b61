import CaptureFiles
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Wire

/// Where each captured frame goes: into the analysis, and into the file that keeps it.
final class CaptureTally: FrameTaking {
    private var analyzer: PacketAnalyzer
    private let writer: RingWriter?
    private let keepsPayload: Bool
    private var lastTime: Int64?

    private(set) var packets = 0
    private(set) var problem: CaptureFileProblem?
    /// A frame has come that is later than what was wanted.
    private(set) var isPastEnd = false

    init(_ settings: AnalysisSettings, writer: RingWriter?, keepsPayload: Bool) {
        analyzer = PacketAnalyzer(settings)
        self.writer = writer
        self.keepsPayload = keepsPayload
    }

    func take(_ frame: CapturedFrame, _ bytes: Swift.Span<UInt8>) {
        if let lastTime, frame.time > lastTime {
            isPastEnd = true
            return
        }
        packets += 1
        analyzer.add(frame, bytes)
        guard let writer, problem == nil else { return }
        do throws(CaptureFileProblem) {
            try writer.write(frame, bytes, keeping: keepsPayload ? bytes.count : HeaderLength.of(frame, bytes))
        } catch {
            problem = error
        }
    }

    /// Frames that are stamped later are passed over from now on.
    func takeOnly(until time: WallTime) {
        lastTime = time.nanoseconds
    }

    /// So that somebody who reads the file while it grows sees whole packets, and soon.
    func flush() {
        do throws(CaptureFileProblem) {
            if problem == nil { try writer?.flush() }
        } catch {
            problem = error
        }
    }

    func close() {
        do throws(CaptureFileProblem) {
            if problem == nil { try writer?.close() }
        } catch {
            problem = error
        }
    }

    func summary() -> PacketSummary { analyzer.summary() }
}
