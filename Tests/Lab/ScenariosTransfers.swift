/// What bounds a transfer: shapers, policers, long queues, and what only looks like them.
extension Scenario {
    static let transfers: [Scenario] = [
        soundTransfers, shaped, shapedUndeclared, bloated, policed, policedDatagrams, lossyTransfer, smallWindow,
        largeLost, largeSegmentsLost, disorderedDatagrams, noServer,
    ]

    private static let server = LabChange.daemon("s", .iperf3, "")

    private static func transfer(_ rest: String) -> String {
        "  - {name: transfer, throughput: \"198.18.2.2:5201\", samples: 1, timeout: 3s, bytes: 50MB, \(rest)}"
    }

    private static func between(_ impairment: Impairment) -> LabChange { .impair("c", "r", impairment) }

    private static func warns(_ id: String, says: [String] = []) -> Expected {
        Expected(
            verdict: "degraded", exit: 0, must: [id], may: ["vantage-throttled"], statuses: ["transfer": "warned"],
            headline: id, says: says)
    }

    private static let quiet = Expected(verdict: "healthy", exit: 0, may: ["vantage-throttled"])

    private static let soundTransfers = Scenario(
        name: "transfers: up, down and over UDP, over a path that is fast enough",
        changes: [server],
        checks: """
              - {name: up, throughput: "198.18.2.2:5201", duration: 500ms, bytes: 20MB, timeout: 3s, samples: 1, expect: {min: 1Mbit}}
              - {name: down, throughput: "[fd00:18:2::2]:5201", direction: down, streams: 2, duration: 500ms, bytes: 20MB, timeout: 3s, samples: 1, needs: [up]}
              - {name: datagrams, throughput: "198.18.2.2:5201", transport: udp, rate: 4Mbit, duration: 500ms, timeout: 3s, samples: 1, needs: [down]}
            """,
        isTimed: true, expected: quiet)

    private static let shaped = Scenario(
        name: "bandwidth-limited: a shaper of 10 Mbit/s where 50 are declared",
        changes: [between(Impairment(rate: 10, queue: 80)), server],
        checks: transfer("duration: 2s, congestion: reno, expect: {min: 50Mbit}"), isTimed: true,
        expected: warns("bandwidth-limited", says: ["waits in a queue", "50.0 Mbit/s"]))

    /// A link is as fast as it is: every transfer fills its queue.
    private static let shapedUndeclared = Scenario(
        name: "silence: a link of 10 Mbit/s of which nothing else is declared",
        changes: [between(Impairment(rate: 10, queue: 80)), server],
        checks: transfer("duration: 2s, congestion: reno"), isTimed: true, expected: quiet)

    private static let bloated = Scenario(
        name: "bufferbloat: a queue of 400 ms before a link of 5 Mbit/s",
        changes: [between(Impairment(rate: 5, queue: 250)), server],
        checks: transfer("duration: 3s, congestion: reno"), isTimed: true,
        expected: warns("bufferbloat", says: ["under load"]))

    private static let policed = Scenario(
        name: "bandwidth-limited: a policer of 4 Mbit/s",
        changes: [
            .filter(
                "r", at: "forward", rule: "tcp dport 5201 limit rate over 500 kbytes/second burst 20 kbytes drop"),
            server,
        ],
        checks: transfer("duration: 3s, congestion: reno"), isTimed: true,
        expected: warns("bandwidth-limited", says: ["dropped", "again below that"]))

    private static let policedDatagrams = Scenario(
        name: "bandwidth-limited: a policer of 4 Mbit/s, and datagrams at 10",
        changes: [
            .filter(
                "r", at: "forward", rule: "udp dport 5201 limit rate over 500 kbytes/second burst 20 kbytes drop"),
            server,
        ],
        checks: transfer("duration: 3s, transport: udp, rate: 10Mbit"), isTimed: true,
        expected: warns("bandwidth-limited", says: ["dropped", "datagrams lost"]))

    /// As much is lost below the rate as at it: no limit of the bandwidth.
    private static let lossyTransfer = Scenario(
        name: "packet-loss: three packets of a hundred are lost at any rate",
        changes: [
            .filter("r", at: "forward", rule: "tcp dport 5201 meta length > 1000 numgen random mod 100 < 3 drop"),
            server,
        ],
        checks: transfer("duration: 2s, congestion: reno"), isTimed: true,
        expected: warns("packet-loss", says: ["at any rate"]))

    /// 8 kB on the way in 40 ms: the receiver's doing, and no finding of the path.
    private static let smallWindow = Scenario(
        name: "bandwidth-limited: a receiver with a small window is no limit of the path",
        changes: [between(Impairment(delay: 20)), .sysctl("s", "net.ipv4.tcp_rmem=4096 8192 8192"), server],
        checks: transfer("duration: 2s, congestion: reno, expect: {min: 50Mbit}"), isTimed: true,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], may: ["vantage-throttled"],
            statuses: ["transfer": "failed"], headline: "expectation-unmet", says: ["receiver's window"]))

    /// The streams stand, and nothing comes through.
    private static let largeLost = Scenario(
        name: "pmtu-black-hole: a transfer that stalls since large packets are lost is no matter of bandwidth",
        changes: [.filter("r", at: "forward", rule: "meta length > 1300 drop"), server],
        checks: transfer("duration: 2s"), isTimed: true,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["pmtu-black-hole"], may: ["vantage-throttled"],
            statuses: ["transfer": "failed"], headline: "pmtu-black-hole", says: ["1300 bytes get there"]))

    /// Other large packets pass beside it: no black hole is claimed.
    private static let largeSegmentsLost = Scenario(
        name: "expectation-unmet: a transfer stalls since large segments to its port are lost",
        changes: [.filter("r", at: "forward", rule: "tcp dport 5201 meta length > 1300 drop"), server],
        checks: transfer("duration: 2s"), isTimed: true,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], may: ["vantage-throttled"],
            statuses: ["transfer": "failed"], headline: "expectation-unmet"))

    /// By their numbers, without an echo; loss is none of it.
    private static let disorderedDatagrams = Scenario(
        name: "packet-reordering and packet-duplication: of the datagrams of a transfer",
        changes: [
            .impair("c", "r", Impairment(), back: Impairment(only: .udp(), reorder: 5, duplicate: 5)), server,
        ],
        checks: transfer("duration: 1s, transport: udp, direction: down, rate: 10Mbit"), isTimed: true,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["packet-reordering", "packet-duplication"], may: ["vantage-throttled"],
            statuses: ["transfer": "warned"],
            says: ["of datagrams with 198.18.2.2", "behind one with a higher number"]))

    private static let noServer = Scenario(
        name: "tcp-refused: no server for a transfer",
        changes: [.http()], checks: transfer("duration: 1s"),
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused"], statuses: ["transfer": "failed"],
            headline: "tcp-refused"))
}
