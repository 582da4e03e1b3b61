import NetValues
import Planning
import ProbeKit

/// What a plan asks of the many connections.
struct FlowsSettings: Sendable {
    static let count = 64
    /// More are opened only where the plan says that this is meant.
    static let plainLimit = 4096
    /// Fewer than the ports that Linux gives out for one destination (net.ipv4.ip_local_port_range, 28,232 by default).
    static let hardLimit = 28_000
    static let startsPerSecond = 500
    static let hold = Duration.seconds(2)
    /// Destinations that are tried beside.
    static let mostBeside = 8

    let target: HostPort
    let count: Int
    let startsPerSecond: Int
    let hold: Duration
    let beside: [HostPort]
    let words: OpeningWords
    /// How many must come about.
    let wanted: Int

    init(_ check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("flows needs \(Target.Form.hostPort.syntax)")
        }
        let parameters = check.parameters
        self.target = target
        count = parameters.number("count") ?? Self.count
        guard count <= Self.plainLimit || parameters.flag("allowMore") == true else {
            throw PlanProblem(
                "count: more than \(Self.plainLimit) connections are opened only with allowMore: true (--allow-more)",
                at: parameters.places["count"])
        }
        guard (1...Self.hardLimit).contains(count) else {
            throw PlanProblem(
                "count: \(count) is not from 1 to \(Self.hardLimit)", at: parameters.places["count"])
        }
        startsPerSecond = max(1, parameters.number("rate") ?? Self.startsPerSecond)
        hold = parameters.span("hold") ?? Self.hold
        beside = (parameters.list("beside") ?? []).compactMap { HostPort($0) }
        wanted = check.expectation.parameters.number("connected") ?? count
        guard wanted <= count else {
            throw PlanProblem(
                "connected: \(wanted) of \(count) connections cannot come about",
                at: check.expectation.parameters.places["connected"])
        }
        guard let words = OpeningWords(parameters.text("send"), to: target) else {
            throw PlanProblem("send: \(SendText.expected)", at: parameters.places["send"])
        }
        self.words = words
    }
}
