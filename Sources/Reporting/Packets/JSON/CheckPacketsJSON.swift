import NetValues
import Observations

/// What was captured of a check (`--evidence`), as its `packets` member: flows with their first packets as events.
enum CheckPacketsJSON {
    /// A check of many samples has many connections; what they show is judged from all of them.
    private static let mostFlows = 50

    static func json(_ packets: CheckPackets) -> JSONValue {
        let more = packets.flows.count - mostFlows
        return PacketJSON.object([
            ("place", .string(packets.place)), ("complete", .bool(packets.isComplete)),
            ("drops", CaptureJSON.drops(packets.drops)), ("file", PacketJSON.text(packets.file)),
            ("flows", .array(packets.flows.prefix(mostFlows).map(FlowJSON.json))),
            ("flowsOmitted", .int(max(0, more))), ("arp", ControlJSON.json(packets.neighbours, top: nil)),
        ])
    }
}
