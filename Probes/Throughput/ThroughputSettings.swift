import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What a plan asks of a transfer.
struct ThroughputSettings: Sendable {
    static let span = Duration.seconds(10)
    static let mostSpan = Duration.seconds(300)
    static let bytes = 1_000_000_000
    /// As iperf3 has it: a datagram stream without a rate would be a flood.
    static let datagramRate = 1_000_000
    static let mostStreams = 32
    static let port: UInt16 = 5201

    let target: HostPort
    let peer: ThroughputFact.Peer?
    let transport: ThroughputFact.Transport
    let direction: ThroughputFact.Direction
    let span: Duration
    let bytes: Int
    let streams: Int
    /// Bits a second, all streams together.
    let rate: Int?
    let congestion: String?
    let least: BitRate?

    init(_ check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("throughput needs \(Target.Form.hostPort.syntax)")
        }
        let parameters = check.parameters
        self.target = target
        peer = parameters.text("server").flatMap { ThroughputFact.Peer(rawValue: $0) }
        transport = parameters.text("transport") == "udp" ? .udp : .tcp
        direction = parameters.text("direction") == "down" ? .down : .up
        span = parameters.span("duration") ?? Self.span
        streams = min(max(parameters.number("streams") ?? 1, 1), Self.mostStreams)
        bytes = parameters.text("bytes").flatMap { Int(byteSize: $0) } ?? Self.bytes
        congestion = parameters.text("congestion")
        least = check.expectation.parameters.text("min").flatMap { BitRate($0) }
        let rate = parameters.text("rate").flatMap { BitRate($0) }?.bitsPerSecond
        self.rate = rate ?? (transport == .udp ? Self.datagramRate : nil)
        if let rate, let least, least.bitsPerSecond > rate {
            throw PlanProblem(
                "min: \(least) cannot come about at a rate of \(BitRate(bitsPerSecond: rate))",
                at: check.expectation.parameters.places["min"])
        }
        if transport == .udp, congestion != nil {
            throw PlanProblem("congestion: UDP has none", at: parameters.places["congestion"])
        }
    }

    var request: ThroughputRequest {
        ThroughputRequest(
            transport: transport, direction: direction, span: span, bytes: bytes, streams: streams, rate: rate,
            congestion: congestion)
    }
}

/// One transfer.
struct ThroughputRequest: Sendable {
    var transport: ThroughputFact.Transport
    var direction: ThroughputFact.Direction
    var span: Duration
    var bytes: Int
    var streams: Int
    var rate: Int?
    var congestion: String?

    static let write = 131_072
    /// Ethernet's 1500 bytes less the headers of IPv6 and UDP, and not more: larger ones would come in fragments somewhere.
    static let datagram = 1452
    static let leastDatagram = 500

    /// - Parameter segment: of the control connection.
    func length(segment: Int?) -> Int {
        guard transport == .udp else { return Self.write }
        return min(max(segment ?? Self.datagram, Self.leastDatagram), Self.datagram)
    }

    func parameters(segment: Int?) -> IperfParameters {
        var parameters = IperfParameters()
        parameters.isUDP = transport == .udp
        parameters.isReverse = direction == .down
        parameters.seconds = Int((span.nanoseconds + 999_999_999) / 1_000_000_000)
        parameters.streams = streams
        // Of what is beyond it nothing need be sent.
        if direction == .down, transport == .tcp { parameters.bytes = bytes }
        parameters.length = length(segment: segment)
        parameters.rate = rate.map { max(1, $0 / streams) } ?? 0
        parameters.hasWideCounters = transport == .udp
        parameters.congestion = congestion
        parameters.isLeadsman = true
        return parameters
    }

    func course(segment: Int?) -> BulkCourse {
        let part = Duration.nanoseconds(span.nanoseconds / 40)
        let interval = min(max(part, Duration.milliseconds(50)), Duration.seconds(1))
        return BulkCourse(
            role: direction == .up ? .send : .receive, span: span, bytes: bytes, rate: direction == .up ? rate : nil,
            length: length(segment: segment), isWide: true, interval: interval)
    }
}
