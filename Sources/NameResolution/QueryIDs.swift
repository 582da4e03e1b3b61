import CLinux
import Glibc

/// Ids of queries, drawn at random (RFC 5452 section 4.5) and each once, so that an answer to an older query is never taken
/// for a wrong one.
struct QueryIDs {
    /// One bit for each id.
    private var used = [UInt64](repeating: 0, count: 1024)
    private(set) var count = 0
    /// From the kernel's generator, many at a time: a system call for each id costs as much as a tenth of its query.
    private var drawn: [UInt16] = []

    /// An id that was not given before. There must be one left.
    mutating func next() -> UInt16 {
        while true {
            let id = draw()
            guard !contains(id) else { continue }
            used[Int(id >> 6)] |= 1 << UInt64(id & 63)
            count += 1
            return id
        }
    }

    func contains(_ id: UInt16) -> Bool { used[Int(id >> 6)] & 1 << UInt64(id & 63) != 0 }

    private mutating func draw() -> UInt16 {
        if let id = drawn.popLast() { return id }
        // Up to 256 bytes come whole or not at all (getrandom(2)); the first query of a socket is often its last.
        drawn = [UInt16](repeating: 0, count: count == 0 ? 4 : 128)
        let size = drawn.withUnsafeMutableBytes { getrandom($0.baseAddress, $0.count, 0) }
        guard size == drawn.count * 2, let id = drawn.popLast() else {
            drawn = []
            return UInt16.random(in: 0...UInt16.max)
        }
        return id
    }
}
