import Observations

/// What few flows have: names, ICMP errors, events. By the number of the flow, and gone with it.
struct FlowAnnotations {
    /// ICMP errors kept of one flow.
    static let mostErrors = 8
    /// Flows of which any of these are kept.
    static let most = 1 << 16

    private var names: [Int: String] = [:]
    private var errors: [Int: [QuotedError]] = [:]
    private var events: [Int: [PacketEvent]] = [:]

    mutating func name(_ flow: Int, _ name: String) {
        if names[flow] != nil || names.count < Self.most { names[flow] = name }
    }

    mutating func add(_ error: QuotedError, to flow: Int) {
        let count = errors[flow]?.count
        if count == nil && errors.count < Self.most || (count ?? Self.mostErrors) < Self.mostErrors {
            errors[flow, default: []].append(error)
        }
    }

    /// - Parameter most: events of one flow.
    mutating func add(_ event: PacketEvent, to flow: Int, most: Int) {
        let count = events[flow]?.count
        if count == nil && events.count < Self.most || (count ?? most) < most {
            events[flow, default: []].append(event)
        }
    }

    /// Whether an event of the flow would still be kept.
    func wantsEvents(of flow: Int, most: Int) -> Bool { (events[flow]?.count ?? 0) < most }

    mutating func forget(_ flow: Int) {
        names[flow] = nil
        errors[flow] = nil
        events[flow] = nil
    }

    func annotate(_ record: inout FlowRecord, flow: Int) {
        if let name = names[flow] { record.name = name }
        if let errors = errors[flow] { record.icmpErrors = errors }
        if let events = events[flow] { record.events = events }
    }
}
