/// A frame at its time, in nanoseconds since 1970.
package struct TimedFrame {
    package var time: Int64
    package var bytes: [UInt8]
}

/// Frames of many flows, given out in the order of time; those of one time in the order in which they were put in.
struct FrameQueue {
    private var heap: [(time: Int64, serial: Int, bytes: [UInt8])] = []
    private var serial = 0

    var isEmpty: Bool { heap.isEmpty }
    var firstTime: Int64? { heap.first?.time }

    mutating func add(_ frame: TimedFrame) {
        serial += 1
        heap.append((frame.time, serial, frame.bytes))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeFirst() -> TimedFrame? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return TimedFrame(time: last.time, bytes: last.bytes) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(least, parent)
            parent = least
        }
        return TimedFrame(time: first.time, bytes: first.bytes)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].serial) < (heap[right].time, heap[right].serial)
    }
}
