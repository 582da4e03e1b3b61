/// Finds the place of a flow by the hash of its key: open addressing, linear probing, entries of one word. It knows no keys:
/// whoever asks compares them.
struct FlowIndex {
    /// Upper half: of the hash; lower half: the place plus one. Zero is empty.
    private var buckets = [UInt64](repeating: 0, count: 1024)
    private var count = 0

    private var mask: Int { buckets.count - 1 }

    /// The place among those with this hash that `isSame` accepts.
    @inline(__always)
    func find(_ hash: UInt64, _ isSame: (UInt32) -> Bool) -> UInt32? {
        let tag = hash >> 32
        var bucket = Int(tag) & mask
        while true {
            let entry = buckets[bucket]
            if entry == 0 { return nil }
            if entry >> 32 == tag {
                let place = UInt32(truncatingIfNeeded: entry) &- 1
                if isSame(place) { return place }
            }
            bucket = (bucket + 1) & mask
        }
    }

    mutating func insert(_ hash: UInt64, _ place: UInt32) {
        if (count + 1) * 8 > buckets.count * 5 { grow() }
        put((hash >> 32) << 32 | UInt64(place) + 1)
        count += 1
    }

    private mutating func put(_ entry: UInt64) {
        var bucket = Int(entry >> 32) & mask
        while buckets[bucket] != 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = entry
    }

    private mutating func grow() {
        let old = buckets
        buckets = [UInt64](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { put(entry) }
    }

    /// Entries behind the hole move up, so that no search ends before what it looks for.
    mutating func remove(_ hash: UInt64, _ place: UInt32) {
        guard var hole = bucket(of: hash, place) else { return }
        count -= 1
        var bucket = hole
        while true {
            bucket = (bucket + 1) & mask
            let entry = buckets[bucket]
            if entry == 0 { break }
            let home = Int(entry >> 32) & mask
            if (bucket &- home) & mask >= (bucket &- hole) & mask {
                buckets[hole] = entry
                hole = bucket
            }
        }
        buckets[hole] = 0
    }

    private func bucket(of hash: UInt64, _ place: UInt32) -> Int? {
        let wanted = (hash >> 32) << 32 | UInt64(place) + 1
        var bucket = Int(hash >> 32) & mask
        while buckets[bucket] != wanted {
            if buckets[bucket] == 0 { return nil }
            bucket = (bucket + 1) & mask
        }
        return bucket
    }
}
