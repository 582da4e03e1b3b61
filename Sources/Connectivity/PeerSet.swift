/// Whom a rule means: classes of pods, and regions of addresses.
struct PeerSet: Sendable {
    private(set) var classes = ClassSet()
    /// Of numbers of regions: ascending, apart from each other.
    private(set) var regions: [Range<Int>] = []

    init() {}

    init(_ classes: ClassSet, regions: [Range<Int>] = []) {
        self.classes = classes
        self.regions = Self.joined(regions)
    }

    init(_ parts: [PeerSet]) {
        if parts.count == 1 {
            self = parts[0]
        } else {
            for part in parts { classes.formUnion(part.classes) }
            regions = Self.joined(parts.flatMap(\.regions))
        }
    }

    /// - Parameter element: a class, or what `PodClasses.element(ofRegion:)` makes of a region.
    func contains(_ element: Int) -> Bool {
        element >= 0 ? classes.contains(element) : regions.holds(~element)
    }

    private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        guard ranges.count > 1 else { return ranges }
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension [Range<Int>] {
    /// Of ranges that ascend and do not overlap.
    func holds(_ number: Int) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound <= number { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(number)
    }
}
