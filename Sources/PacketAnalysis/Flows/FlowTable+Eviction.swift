/// The table is full: an eighth of it goes, those that were used longest ago, so that the search for them costs each new flow
/// little.
extension FlowTable {
    private static var sampled: Int { 1024 }

    mutating func evict() {
        let last = evictionThreshold()
        for place in 0..<UInt32(flows.extent) where flows[place].isLive && flows[place].lastUse <= last {
            evict(place)
        }
    }

    /// The use before which an eighth of the flows was last used, by a sample of them.
    private func evictionThreshold() -> Int {
        let stride = max(1, flows.extent / Self.sampled)
        var uses: [Int] = []
        for place in Swift.stride(from: 0, to: flows.extent, by: stride) where flows[UInt32(place)].isLive {
            uses.append(flows[UInt32(place)].lastUse)
        }
        uses.sort()
        // With every flow gone from the sample there is none to spare: all may go.
        return uses.isEmpty ? .max : uses[uses.count / 8]
    }

    private mutating func evict(_ place: UInt32) {
        let flow = flows[place]
        if flow.isIndexed { index.remove(hash.hash(flow.key), place) }
        left.append(DepartedFlow(flow, isListed: false))
        totals.add(flow, hash: hash)
        totals.countEviction()
        if flow.conversation != Flow.noConversation {
            conversations[flow.conversation].clear(in: &pools)
            totals.add(conversations[flow.conversation])
            conversations.remove(flow.conversation)
        }
        flows[place].isLive = false
        flows.remove(place)
    }
}
