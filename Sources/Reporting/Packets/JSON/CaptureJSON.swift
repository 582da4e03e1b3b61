import JSON
import NetValues
import Observations
import Wire

/// What a capture is, who talks in it, and where its bytes go, as JSON.
enum CaptureJSON {
    static func protocols(_ tally: ProtocolTally) -> JSONValue {
        .array(
            tally.entries.map { entry in
                PacketJSON.object([
                    ("name", .string(entry.name)), ("packets", .int(entry.packets)), ("bytes", .int(entry.bytes)),
                ])
            })
    }

    static func endpoint(_ endpoint: EndpointTally) -> JSONValue {
        PacketJSON.object([
            ("address", .string(endpoint.address.description)), ("packetsSent", .int(endpoint.packetsSent)),
            ("packetsReceived", .int(endpoint.packetsReceived)), ("bytesSent", .int(endpoint.bytesSent)),
            ("bytesReceived", .int(endpoint.bytesReceived)),
        ])
    }

    static func drops(_ drops: CaptureDrops) -> JSONValue {
        PacketJSON.object([
            ("kernel", .int(drops.kernel)), ("interface", .int(drops.interface)), ("known", .bool(drops.isKnown)),
        ])
    }

    static func limits(_ limits: AnalysisLimits) -> JSONValue {
        PacketJSON.object([
            ("evictedFlows", .int(limits.evictedFlows)), ("abandonedDatagrams", .int(limits.abandonedDatagrams)),
            ("unlistedTransactions", .int(limits.unlistedTransactions)),
        ])
    }

    /// Every class is there, also those that got nothing.
    static func json(_ tally: EgressTally, top: Int?) -> JSONValue {
        let classes = EgressTally.Class.allCases.map { ($0.rawValue, entry(tally.classes[$0] ?? EgressTally.Entry())) }
        return PacketJSON.object([
            ("classes", PacketJSON.object(classes)), ("rangesSource", PacketJSON.text(tally.rangesSource)),
            ("talkers", .array(tally.talkers.first(top).map(talker))),
        ])
    }

    private static func entry(_ entry: EgressTally.Entry) -> JSONValue {
        PacketJSON.object([
            ("flows", .int(entry.flows)), ("bytesOut", .int(entry.bytesOut)), ("bytesIn", .int(entry.bytesIn)),
        ])
    }

    private static func talker(_ talker: EgressTally.Talker) -> JSONValue {
        PacketJSON.object([
            ("source", .string(talker.source.description)), ("destination", .string(talker.destination.description)),
            ("port", .int(Int(talker.port))), ("protocol", .string(IPProtocol.name(talker.protocolNumber))),
            ("class", .string(talker.destinationClass.rawValue)), ("name", PacketJSON.text(talker.name)),
            ("flows", .int(talker.flows)), ("bytesOut", .int(talker.bytesOut)), ("bytesIn", .int(talker.bytesIn)),
        ])
    }
}
