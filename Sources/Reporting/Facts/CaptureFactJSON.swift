import JSON
import Observations

extension FactJSON {
    /// What a capture of a plan holds, without its longer lists: for those there is `leadsman capture`.
    static func capture(_ fact: CaptureFact) -> JSONObject {
        let summary = fact.summary
        return JSONObject([
            ("type", "capture"), ("interface", .string(fact.interface)), ("filter", .string(fact.filter)),
            ("elapsedMs", .milliseconds(fact.elapsed)), ("packets", .int(summary.packets)),
            ("bytes", .int(summary.bytes)), ("firstAt", PacketJSON.time(summary.firstAt)),
            ("lastAt", PacketJSON.time(summary.lastAt)), ("problems", .strings(summary.problems)),
            ("drops", CaptureJSON.drops(summary.drops)), ("protocols", CaptureJSON.protocols(summary.protocols)),
            ("tcp", TCPJSON.json(summary.tcp)), ("dns", NameJSON.json(summary.dns, top: mostListed)),
            ("icmp", ControlJSON.json(summary.icmp, top: mostListed)),
            ("arp", ControlJSON.json(summary.neighbours, top: mostListed)),
            ("flows", .array(summary.flows.first(mostListed).map(FlowJSON.json))),
        ])
    }

    private static let mostListed = 20
}
