import JSON
import NetValues
import Observations

/// Facts as JSON with all their detail. Bytes and names stand here as the peer sent them: whoever builds a document
/// redacts them, whoever shows them escapes them.
enum FactJSON {
    /// The first facts of a check, each with the sample it belongs to.
    static func facts(of samples: [Sample], limit: Int) -> [JSONValue] {
        var result: [JSONValue] = []
        for sample in samples {
            for fact in sample.facts {
                guard result.count < limit else { return result }
                result.append(.object(place(of: sample).followed(by: json(fact))))
            }
        }
        return result
    }

    private static func place(of sample: Sample) -> JSONObject {
        var place = JSONObject([("sample", .int(sample.index))])
        place["attempt"] = sample.attempt > 0 ? .int(sample.attempt) : nil
        return place
    }

    static func json(_ fact: Fact) -> JSONObject {
        switch fact {
        case .resolution(let fact): resolution(fact)
        case .dns(let fact): dns(fact)
        case .connect(let fact): connect(fact)
        case .datagram(let fact): datagram(fact)
        case .banner(let fact): banner(fact)
        case .tls(let fact): tls(fact)
        case .http(let fact): http(fact)
        case .echo(let fact): echo(fact)
        case .capture(let fact): capture(fact)
        case .sounding(let fact): sounding(fact)
        case .service(let fact): service(fact)
        case .neighbour(let fact): neighbour(fact)
        case .flows(let fact): flows(fact)
        case .idle(let fact): idle(fact)
        case .pairs(let fact): pairs(fact)
        case .rate(let fact): rate(fact)
        case .trace(let fact): trace(fact)
        case .pathMTU(let fact): pathMTU(fact)
        case .throughput(let fact): throughput(fact)
        }
    }

    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    static func optional(_ span: Duration?) -> JSONValue { span.map { .milliseconds($0) } ?? .null }

    static func failure(_ failure: SocketFailure) -> JSONValue {
        .object(
            JSONObject([
                ("name", .string(failure.name)), ("code", .int(Int(failure.code))),
                ("icmp", failure.icmp.map(icmp) ?? .null),
            ]))
    }

    private static func icmp(_ report: ICMPErrorReport) -> JSONValue {
        var object = JSONObject([
            ("origin", .string(report.origin.rawValue)), ("type", .int(Int(report.type))),
            ("code", .int(Int(report.code))), ("offender", optional(report.offender?.description)),
            ("mtu", report.mtu.map { .int($0) } ?? .null),
        ])
        // Only soundings ask for it.
        if let hopLimit = report.hopLimit { object["hopLimit"] = .int(hopLimit) }
        return .object(object)
    }

    /// `outcome` and what belongs to it.
    static func end(_ end: StreamEnd) -> [(String, JSONValue)] {
        switch end {
        case .satisfied: [("end", "satisfied")]
        case .closed: [("end", "closed")]
        case .deadline: [("end", "deadline")]
        case .failed(let failure): [("end", "failed"), ("failure", self.failure(failure))]
        case .tlsFailed(let reason): [("end", "tlsFailed"), ("reason", .string(reason))]
        }
    }
}
