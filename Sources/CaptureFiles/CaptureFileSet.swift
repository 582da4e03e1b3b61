import NetValues
import Observations
import Wire

/// Several capture files as one, in the order of time; each file keeps its own order. What `leadsman pcap` reads.
///
///     let files = try CaptureFileSet(paths, span: CaptureTimeSpan(from: .afterFirst(.seconds(10))))
///     while files.read(most: 4096, { analyzer.add($0, $1) }) {}
///     summary.files = files.names; summary.isTruncated = files.isTruncated …
///
/// A packet filter comes after it (`PacketFilter.matches`), so that `number` is the frame's number in the unfiltered files.
package final class CaptureFileSet {
    private var inputs: [CaptureInput] = []
    /// The earliest first; empty while there is one input only.
    private var queue = CaptureQueue()
    private var current: CaptureInput?
    private let span: CaptureTimeSpan
    private var limits: ClosedRange<Int64>?

    /// Frames read, also those outside the span.
    package private(set) var frames = 0

    /// Files that are open at once; more are opened one after the other, as their time comes.
    private static let mostOpen = 16

    /// - Parameters:
    ///   - paths: `-` is standard input, at most once.
    ///   - isStopped: asked from time to time while a pipe gives nothing: when true, the input ends there.
    package init(
        _ paths: [String], span: CaptureTimeSpan = CaptureTimeSpan(),
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(CaptureFileProblem) {
        self.span = span
        guard paths.filter({ $0 == "-" }).count <= 1 else {
            throw CaptureFileProblem(file: "-", found: "standard input is given twice", fix: "give it once")
        }
        for (index, path) in paths.enumerated() {
            let input = try CaptureInput(path, isStopped: isStopped)
            inputs.append(input)
            guard paths.count > 1 else { return }
            guard let first = input.advance() else { continue }
            queue.add(CaptureQueue.Entry(time: first.time, input: index))
            // Looked into and closed again, but for what cannot be read twice.
            if index >= Self.mostOpen { input.suspend() }
        }
    }

    /// In the order given.
    package var names: [String] { inputs.map(\.name) }
    /// `pcap`, `pcapng`, `pcap, gzipped`, one for each file.
    package var formatNames: [String] { inputs.map(\.formatName) }
    package var isTruncated: Bool { inputs.contains { $0.isTruncated } }
    /// What was wrong with the files, each with its place.
    package var problems: [String] { inputs.flatMap(\.problems) }
    /// Frames whose time is before that of the frame before them in the same file.
    package var backwardSteps: Int { inputs.reduce(0) { $0 + $1.backwardSteps } }

    /// As far as the files say.
    package var drops: CaptureDrops {
        inputs.map(\.drops).reduce(into: CaptureDrops()) { sum, drops in
            guard drops.isKnown else { return }
            sum.kernel = sum.kernel.addingClamped(drops.kernel)
            sum.interface = sum.interface.addingClamped(drops.interface)
            sum.isKnown = true
        }
    }

    /// Bytes of the files as they are stored; nil when the size of one of them is not known.
    package var progress: (read: Int, total: Int)? {
        var total = 0
        for input in inputs {
            guard let size = input.size else { return nil }
            total += size
        }
        return (inputs.reduce(0) { $0 + $1.bytesRead }, total)
    }

    /// Reads the next `most` frames, and hands on those of the span with their bytes. Interfaces of different files have
    /// different numbers.
    /// - Returns: false at the end of all files.
    package func read(most: Int, _ body: (CapturedFrame, Span<UInt8>) throws -> Void) rethrows -> Bool {
        guard inputs.count == 1 else { return try readMerged(most: most, body) }
        // Nothing but the reader is touched for each frame.
        let input = inputs[0]
        guard let reader = input.reader else { return false }
        for _ in 0..<most {
            guard var frame = reader.next() else {
                input.finish()
                return false
            }
            if admits(&frame) { try reader.withBytes { bytes in try body(frame, bytes) } }
        }
        return true
    }

    private func readMerged(
        most: Int, _ body: (CapturedFrame, Span<UInt8>) throws -> Void
    ) rethrows -> Bool {
        for _ in 0..<most {
            guard var frame = nextOfAll() else { return false }
            if admits(&frame) { try current?.reader?.withBytes { bytes in try body(frame, bytes) } }
        }
        return true
    }

    /// Numbers a frame, and tells whether it is of the span.
    private func admits(_ frame: inout CapturedFrame) -> Bool {
        frames &+= 1
        frame.number = frames
        let limits = limits ?? span.limits(first: frame.time)
        self.limits = limits
        return limits.contains(frame.time)
    }

    private func nextOfAll() -> CapturedFrame? {
        if let last = queue.first, current != nil {
            queue.replaceFirst(inputs[last.input].advance()?.time)
        }
        while let first = queue.first {
            let input = inputs[first.input]
            if var frame = input.resume() {
                current = input
                // Distinct, and the file's own with one file.
                frame.interface = frame.interface &* inputs.count &+ first.input
                return frame
            }
            queue.replaceFirst(nil)
        }
        current = nil
        return nil
    }
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
