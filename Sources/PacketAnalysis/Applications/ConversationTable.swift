/// Where a conversation stands in its table. A place is used again; the generation tells whose it is.
struct PlaceMark: BitwiseCopyable {
    var index: UInt32 = 0
    /// 0 is none.
    var generation: UInt32 = 0
}

/// Conversations that are being read, at most so many at once: the next one takes the place of one of the oldest.
struct ConversationTable<Conversation> {
    private var entries: [(conversation: Conversation?, generation: UInt32)] = []
    private var vacant: [UInt32] = []
    private var hand = 0
    private let most: Int

    init(most: Int) {
        self.most = max(1, most)
    }

    /// - Returns: the place, and the conversation that had to give way.
    mutating func insert(_ conversation: consuming Conversation) -> (PlaceMark, evicted: Conversation?) {
        var evicted: Conversation?
        let index: Int
        if let free = vacant.popLast() {
            index = Int(free)
        } else if entries.count < most {
            index = entries.count
            entries.append((nil, 0))
        } else {
            hand = (hand + 1) % entries.count
            index = hand
            swap(&evicted, &entries[index].conversation)
        }
        entries[index].conversation = conversation
        entries[index].generation &+= entries[index].generation == .max ? 2 : 1
        return (PlaceMark(index: UInt32(index), generation: entries[index].generation), evicted)
    }

    /// Moved out, so that changing it copies nothing; `put` or `remove` must follow. Nil when the place is another's by now.
    mutating func take(_ mark: PlaceMark) -> Conversation? {
        guard holds(mark) else { return nil }
        var taken: Conversation?
        swap(&taken, &entries[Int(mark.index)].conversation)
        return taken
    }

    mutating func put(_ conversation: consuming Conversation, _ mark: PlaceMark) {
        if holds(mark) { entries[Int(mark.index)].conversation = conversation }
    }

    mutating func remove(_ mark: PlaceMark) {
        guard holds(mark) else { return }
        entries[Int(mark.index)].conversation = nil
        entries[Int(mark.index)].generation &+= 1
        vacant.append(mark.index)
    }

    private func holds(_ mark: PlaceMark) -> Bool {
        mark.generation != 0 && Int(mark.index) < entries.count
            && entries[Int(mark.index)].generation == mark.generation
    }
}
