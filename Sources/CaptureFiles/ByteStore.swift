/// Memory of our own that bytes are read into, again and again.
final class ByteStore {
    private(set) var bytes: UnsafeMutableRawBufferPointer

    init(capacity: Int) {
        bytes = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        bytes.deallocate()
    }

    var capacity: Int { bytes.count }

    /// Moves what is in `kept` to the start, into more memory when `capacity` is not there.
    func compact(_ kept: Range<Int>, capacity: Int) {
        guard capacity > bytes.count else {
            guard kept.lowerBound > 0, !kept.isEmpty else { return }
            // SAFETY: both ranges lie in the memory; `copyMemory` may overlap.
            UnsafeMutableRawBufferPointer(rebasing: bytes[..<kept.count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[kept]))
            return
        }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[kept]))
        bytes.deallocate()
        bytes = larger
    }

    func copy(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }
}
