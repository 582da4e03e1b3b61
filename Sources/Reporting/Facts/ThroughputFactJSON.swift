import JSON
import NetValues
import Observations

extension FactJSON {
    static func throughput(_ fact: ThroughputFact) -> JSONObject {
        var object = JSONObject([("type", "throughput"), ("endpoint", .string(fact.endpoint.description))])
        object["peer"] = .string(fact.peer.rawValue)
        object["transport"] = .string(fact.transport.rawValue)
        object["direction"] = .string(fact.direction.rawValue)
        object["streams"] = .int(fact.streams)
        object["bytes"] = .int(fact.bytes)
        object["spanMs"] = .milliseconds(fact.span)
        object["bitsPerSecond"] = .int(fact.rate)
        object["boundedBy"] = fact.bound.map { .string($0.rawValue) } ?? .null
        object["problem"] = fact.problem.map(problem)
        object["requestedBitsPerSecond"] = fact.requestedRate.map { .int($0) }
        object["cutByBytes"] = fact.isCutByBytes ? true : nil
        object["lossPercent"] = fact.lossShare.map { .double(($0 * 1e5).rounded() / 1e3) }
        object["sender"] = fact.sender.map { .object(sender($0)) }
        object["datagrams"] = fact.datagrams.map { .object(datagrams($0)) }
        object["idleMs"] = fact.idle.map(spread) ?? .null
        object["loadedMs"] = fact.loaded.map(spread) ?? .null
        object["outside"] = fact.outside.map { .object(outside($0)) }
        object["queueingMs"] = fact.queueing.map { queueing in
            .object(
                JSONObject([("idle", .milliseconds(queueing.idle)), ("loaded", .milliseconds(queueing.loaded))]))
        }
        object["ownProcessor"] = fact.ownProcessor.map(share)
        object["ownProcessorWait"] = fact.ownWait.map(share)
        object["peerProcessor"] = fact.peerProcessor.map(share)
        object["intervals"] = .array(fact.intervals.map { .object(interval($0)) })
        object["contrasts"] = fact.contrasts.isEmpty ? nil : .array(fact.contrasts.map { .object(contrast($0)) })
        return object
    }

    private static func share(_ share: Double) -> JSONValue { .double((share * 1000).rounded() / 1000) }

    private static func interval(_ interval: ThroughputFact.Interval) -> JSONObject {
        JSONObject([
            ("startMs", .milliseconds(interval.start)), ("spanMs", .milliseconds(interval.span)),
            ("bytes", .int(interval.bytes)), ("retransmits", interval.retransmits.map { .int($0) } ?? .null),
            ("roundTripMs", optional(interval.roundTrip)),
        ])
    }

    private static func sender(_ state: ThroughputFact.SenderState) -> JSONObject {
        var object = JSONObject([("retransmits", .int(state.retransmits))])
        object["segments"] = state.segments.map { .int($0) }
        object["roundTripMs"] = state.roundTrip.map { .milliseconds($0) }
        object["leastRoundTripMs"] = state.leastRoundTrip.map { .milliseconds($0) }
        object["congestionWindow"] = state.congestionWindow.map { .int($0) }
        object["segmentSize"] = state.segmentSize.map { .int($0) }
        object["busyMs"] = state.busy.map { .milliseconds($0) }
        object["windowLimitedMs"] = state.windowLimited.map { .milliseconds($0) }
        object["bufferLimitedMs"] = state.bufferLimited.map { .milliseconds($0) }
        object["deliveryBitsPerSecond"] = state.deliveryRate.map { .int($0) }
        object["congestionControl"] = state.congestionControl.map { .string($0) }
        return object
    }

    private static func datagrams(_ count: ThroughputFact.DatagramCount) -> JSONObject {
        var object = JSONObject([("sent", .int(count.sent))])
        object["lost"] = count.lost.map { .int($0) } ?? .null
        object["late"] = count.late.map { .int($0) } ?? .null
        object["copies"] = count.copies.map { .int($0) } ?? .null
        object["sentBitsPerSecond"] = count.sentRate.map { .int($0) } ?? .null
        object["jitterMs"] = .milliseconds(count.jitter)
        return object
    }

    private static func outside(_ packets: ThroughputFact.Outside) -> JSONObject {
        JSONObject([
            ("carrier", .string(packets.carrier.rawValue)), ("idleSent", .int(packets.idleSent)),
            ("idleLost", .int(packets.idleLost)), ("loadedSent", .int(packets.loadedSent)),
            ("loadedLost", .int(packets.loadedLost)),
        ])
    }

    private static func contrast(_ contrast: ThroughputFact.Contrast) -> JSONObject {
        JSONObject([
            ("kind", .string(contrast.kind.rawValue)),
            ("requestedBitsPerSecond", contrast.requestedRate.map { .int($0) } ?? .null),
            ("streams", .int(contrast.streams)), ("bytes", .int(contrast.bytes)),
            ("spanMs", .milliseconds(contrast.span)), ("bitsPerSecond", .int(contrast.rate)),
            ("packets", .int(contrast.packets)), ("lost", .int(contrast.lost)),
        ])
    }

    private static func problem(_ problem: ThroughputFact.Problem) -> JSONValue {
        var object = JSONObject()
        switch problem {
        case .busy: object["kind"] = "busy"
        case .serverError(let number, let code):
            object["kind"] = "serverError"
            object["iperfError"] = .int(number)
            object["errno"] = .int(code)
        case .terminated: object["kind"] = "terminated"
        case .malformed(let expected, let bytes):
            object["kind"] = "malformed"
            object["expected"] = .string(expected)
            object["bytes"] = .string(bytes.escaped(limit: 64))
        case .closed(let step): (object["kind"], object["during"]) = ("closed", .string(step.rawValue))
        case .silent(let step): (object["kind"], object["during"]) = ("silent", .string(step.rawValue))
        case .failed(let failure, let step):
            object["kind"] = "failed"
            object["during"] = .string(step.rawValue)
            object["failure"] = self.failure(failure)
        case .stalled: object["kind"] = "stalled"
        case .wantsAuthentication: object["kind"] = "wantsAuthentication"
        }
        return .object(object)
    }

    private static func spread(_ spread: LatencySpread) -> JSONValue {
        .object(
            JSONObject([
                ("count", .int(spread.count)), ("min", .milliseconds(spread.min)), ("p50", .milliseconds(spread.p50)),
                ("p95", .milliseconds(spread.p95)), ("max", .milliseconds(spread.max)),
            ]))
    }
}
