/// Values in chunks, so that growing copies none of them, with the places of removed ones used again.
struct ChunkedPool<Element> {
    private static var chunkBits: Int { 9 }
    private static var chunkSize: Int { 1 << chunkBits }

    private var chunks: [[Element]] = []
    private var vacant: [UInt32] = []
    /// Those in use.
    private(set) var count = 0

    /// Places that were ever used: vacant ones among them.
    var extent: Int { chunks.isEmpty ? 0 : (chunks.count - 1) * Self.chunkSize + chunks[chunks.count - 1].count }

    mutating func insert(_ element: Element) -> UInt32 {
        count += 1
        if let place = vacant.popLast() {
            self[place] = element
            return place
        }
        let place = UInt32(extent)
        if Int(place) & (Self.chunkSize - 1) == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
        }
        chunks[chunks.count - 1].append(element)
        return place
    }

    mutating func remove(_ place: UInt32) {
        count -= 1
        vacant.append(place)
    }

    subscript(place: UInt32) -> Element {
        @inline(__always) get { chunks[Int(place) >> Self.chunkBits][Int(place) & (Self.chunkSize - 1)] }
        @inline(__always) _modify { yield &chunks[Int(place) >> Self.chunkBits][Int(place) & (Self.chunkSize - 1)] }
    }

    /// Changes an element where it stands.
    @inline(__always)
    mutating func update<Result>(_ place: UInt32, _ body: (inout Element) -> Result) -> Result {
        body(&chunks[Int(place) >> Self.chunkBits][Int(place) & (Self.chunkSize - 1)])
    }

    /// Takes the elements of the highest places out, vacant ones among them, and gives their memory back.
    ///
    /// - Returns: with the place of the first; nil when there are none left.
    mutating func removeLastChunk() -> (first: UInt32, elements: [Element])? {
        guard let elements = chunks.popLast() else { return nil }
        return (UInt32(chunks.count * Self.chunkSize), elements)
    }
}
