/// The inputs of a merge by the time of their next frame: a binary heap. Of equal times the input given first goes first.
struct CaptureQueue {
    struct Entry {
        var time: Int64
        var input: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.input < right.input
        }
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        var at = entries.count - 1
        while at > 0, entries[at] < entries[(at - 1) / 2] {
            entries.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    /// The first input's next frame is of that time; nil when it has none.
    mutating func replaceFirst(_ time: Int64?) {
        guard !entries.isEmpty else { return }
        if let time {
            entries[0].time = time
        } else {
            entries[0] = entries[entries.count - 1]
            entries.removeLast()
        }
        var at = 0
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2] where child < entries.count && entries[child] < entries[least] {
                least = child
            }
            guard least != at else { return }
            entries.swapAt(at, least)
            at = least
        }
    }
}
