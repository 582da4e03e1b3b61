import NetValues
import Observations

/// The first resets of a conversation, in a pool of all conversations: most have none.
struct ResetList {
    static let most: UInt8 = 4

    private var first = UInt32.max
    private var last = UInt32.max
    private(set) var count: UInt8 = 0

    mutating func append(_ reset: ResetNode, in pool: inout ChunkedPool<ResetNode>) {
        guard count < Self.most else { return }
        let place = pool.insert(reset)
        if count == 0 { first = place } else { pool[last].next = place }
        last = place
        count += 1
    }

    mutating func removeAll(in pool: inout ChunkedPool<ResetNode>) {
        for place in places(in: pool) { pool.remove(place) }
        self = ResetList()
    }

    func records(in pool: ChunkedPool<ResetNode>) -> [ResetRecord] { places(in: pool).map { pool[$0].record } }

    private func places(in pool: ChunkedPool<ResetNode>) -> [UInt32] {
        var places: [UInt32] = []
        var place = first
        for _ in 0..<count {
            places.append(place)
            place = pool[place].next
        }
        return places
    }
}

struct ResetNode {
    let frame: Int
    let at: Int64
    let isFromA: Bool
    let hopLimit: UInt8
    let window: UInt16
    let hasAck: Bool
    let hasPayload: Bool
    let bytesFromSender: Int64
    let bytesFromOther: Int64
    let sincePrevious: Int64
    let isCopy: Bool
    var next = UInt32.max

    var record: ResetRecord {
        ResetRecord(
            frame: frame, at: WallTime(nanoseconds: at), isFromA: isFromA, hopLimit: hopLimit, window: window,
            hasAck: hasAck, hasPayload: hasPayload, bytesFromSender: Int(bytesFromSender),
            bytesFromOther: Int(bytesFromOther), sincePrevious: .nanoseconds(max(0, sincePrevious)),
            isSecondSight: isCopy)
    }
}
