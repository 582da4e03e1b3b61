import Diagnosis
import NetValues
import Observations
import Planning

let otherPort = Endpoint(target.address, 81)
let otherHost = Endpoint(router, 8080)

func connect(
    to endpoint: Endpoint = target, _ outcome: ConnectFact.Outcome = .connected, elapsed: Duration = .milliseconds(1)
) -> ConnectFact {
    ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: elapsed, outcome: outcome, tcp: nil)
}

/// Many connections to `target`, as the flows probe would record them.
struct Flood {
    /// For each in the order of their starts: `+` connected, `.` silent, `x` refused, `p` no local port, `1` connected when the
    /// SYN was sent again.
    var attempts: String
    var endpoint = target
    /// Those beside that work before; while all are held the ones in `failing` do not.
    var beside: [Endpoint] = [otherPort]
    var failing: [Endpoint] = []
    /// As `attempts`.
    var after = "+++"
    var alone: StreamEnd?
    var held: StreamEnd?

    var fact: FlowsFact {
        FlowsFact(
            endpoint: endpoint,
            attempts: attempts.enumerated().map { number, letter in
                let (outcome, elapsed) = Self.outcome(letter)
                return FlowsFact.Attempt(startedAt: .milliseconds(2 * number), elapsed: elapsed, outcome: outcome)
            },
            beside: beside.map { connect(to: $0, failing.contains($0) ? .timedOut : .connected) },
            after: after.map { letter in
                let (outcome, elapsed) = Self.outcome(letter)
                return connect(to: endpoint, outcome, elapsed: elapsed)
            },
            elapsed: .seconds(3), before: beside.map { connect(to: $0) }, alone: alone.map(Self.reply),
            held: held.map(Self.reply))
    }

    private static func reply(_ end: StreamEnd) -> FlowsFact.Reply {
        FlowsFact.Reply(wasAsked: true, end: end, elapsed: .milliseconds(1))
    }

    private static func outcome(_ letter: Character) -> (ConnectFact.Outcome, Duration) {
        switch letter {
        case "+": (.connected, .milliseconds(1))
        case "1": (.connected, .milliseconds(1003))
        case "x": (.failed(failure("ECONNREFUSED", 111)), .milliseconds(1))
        case "p": (.failed(failure("EADDRNOTAVAIL", 99)), .zero)
        default: (.timedOut, .seconds(2))
        }
    }

    var record: CheckRecord {
        let connected = fact.attempts.count { $0.outcome == .connected }
        let comparison = Comparison(
            key: "connected", expected: "\(attempts.count)", seen: "\(connected)", isMet: connected == attempts.count,
            isDeclared: false)
        let facts: [Fact] = [.connect(connect(to: endpoint)), .flows(fact)]
        return DiagnosisTests.record(
            "many", kind: "flows", target: hostPort(endpoint),
            [sample(latency: .milliseconds(1), facts, comparisons: [comparison])])
    }
}

/// Connections to `target` that were used after these times of silence.
func idle(_ ends: [(seconds: Double, StreamEnd)], whileIdle: Set<Double> = []) -> CheckRecord {
    let facts = ends.map { seconds, end in
        Fact.idle(
            IdleFact(
                endpoint: target, source: ownAddress, idle: .milliseconds(Int64(seconds * 1000)), end: end,
                elapsed: .seconds(1), isWhileIdle: whileIdle.contains(seconds)))
    }
    return record(
        "idle", kind: "idle", target: hostPort(target),
        [sample(latency: .milliseconds(1), [.connect(connect())] + facts)])
}
