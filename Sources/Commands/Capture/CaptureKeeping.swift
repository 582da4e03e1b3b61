import Wire

/// A file, or a ring of files, that keeps captured packets.
protocol CaptureKeeping: AnyObject {
    func write(_ frame: CapturedFrame, _ bytes: Swift.Span<UInt8>) throws(WriteFailure)
}
