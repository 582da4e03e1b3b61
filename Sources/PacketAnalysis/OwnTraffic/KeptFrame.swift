import Wire

/// The start of a captured frame, kept beyond its capture.
package struct KeptFrame: Sendable {
    package let frame: CapturedFrame
    package let bytes: [UInt8]

    init(_ frame: CapturedFrame, _ bytes: Span<UInt8>, keeping count: Int) {
        self.frame = frame
        var kept: [UInt8] = []
        kept.reserveCapacity(count)
        for index in 0..<count { kept.append(bytes[index]) }
        self.bytes = kept
    }

    init(_ kept: KeptFrame, number: Int) {
        var frame = kept.frame
        frame.number = number
        self.frame = frame
        bytes = kept.bytes
    }

    /// In memory, with what an array costs beside its elements.
    var size: Int { bytes.count + 112 }
}
