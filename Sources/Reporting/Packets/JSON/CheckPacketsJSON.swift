import JSON
import Observations

/// The packets of a check as JSON: its own flows, each with its first packets.
enum CheckPacketsJSON {
    static func json(_ packets: CheckPackets) -> JSONValue {
        PacketJSON.object([
            ("place", .string(packets.place)), ("complete", .bool(packets.isComplete)),
            ("drops", CaptureJSON.drops(packets.drops)), ("file", PacketJSON.text(packets.file)),
            ("flows", .array(packets.flows.map(FlowJSON.json))),
            ("arp", ControlJSON.json(packets.neighbours, top: nil)),
        ])
    }
}
