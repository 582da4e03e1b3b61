import JSON
import NetValues
import Observations
import Testing

@testable import Reporting

/// What `--verbose` shows of many connections and of idle ones.
@Suite struct LoadLineTests {
    private let endpoint = Endpoint(known(IPAddress("198.18.2.2")), 80)
    private let portless = ConnectFact.Outcome.failed(SocketFailure(code: 99, name: "EADDRNOTAVAIL"))

    private func connect(_ outcome: ConnectFact.Outcome) -> ConnectFact {
        ConnectFact(endpoint: endpoint, source: nil, elapsed: .milliseconds(1), outcome: outcome, tcp: nil)
    }

    private func line(
        _ outcomes: [ConnectFact.Outcome], beside: [ConnectFact.Outcome] = [], after: [ConnectFact.Outcome] = [],
        held: StreamEnd? = nil
    ) -> String? {
        let fact = FlowsFact(
            endpoint: endpoint,
            attempts: outcomes.map {
                FlowsFact.Attempt(startedAt: .zero, elapsed: .milliseconds(1), outcome: $0)
            },
            beside: beside.map(connect), after: after.map(connect), elapsed: .seconds(2),
            held: held.map { FlowsFact.Reply(wasAsked: true, end: $0, elapsed: .milliseconds(1)) })
        return FactLine.line(.object(FactJSON.flows(fact)))
    }

    @Test func many_areACompactPicture() {
        let five = Array(repeating: ConnectFact.Outcome.connected, count: 5)
        #expect(
            line(
                five + Array(repeating: .timedOut, count: 59), beside: [.connected], after: [.connected, .connected],
                held: .satisfied)
                == "flows to 198.18.2.2:80: opened 64: 5 connected, 59 silent; first silence at #6; beside ok; after ok; held answers (2.0 s)"
        )
        #expect(
            line(five + [portless, portless], beside: [.connected, .timedOut], after: [.timedOut])
                == "flows to 198.18.2.2:80: opened 7: 5 connected, 2 EADDRNOTAVAIL; first failure at #6; beside 1 of 2 ok; after fails (2.0 s)"
        )
        #expect(line(five) == "flows to 198.18.2.2:80: opened 5: 5 connected (2.0 s)")
    }

    @Test(arguments: [
        (StreamEnd.satisfied, false, "still works"), (.deadline, false, "no answer, not acknowledged"),
        (.closed, true, "closed by the server meanwhile"),
        (.failed(SocketFailure(code: 104, name: "ECONNRESET")), false, "ECONNRESET"),
        (.failed(SocketFailure(code: 104, name: "ECONNRESET")), true, "ECONNRESET meanwhile"),
    ])
    func idle_saysWhatBecameOfIt(_ end: StreamEnd, _ isWhileIdle: Bool, _ words: String) {
        let fact = IdleFact(
            endpoint: endpoint, source: nil, idle: .seconds(15), end: end, elapsed: .milliseconds(1),
            isWhileIdle: isWhileIdle)
        #expect(
            FactLine.line(.object(FactJSON.idle(fact))) == "198.18.2.2:80 idle for 15.0 s: \(words) (1.0 ms)")
    }
}
