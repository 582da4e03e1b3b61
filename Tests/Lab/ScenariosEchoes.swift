/// Series of pings: how losses lie in time, limits that are no loss, and what this host itself drops.
extension Scenario {
    static let echoes: [Scenario] = [
        outage, lossFromAMomentOn, periodicBursts, limitedEchoes, limitedEchoesBesideTCP, policedAboveARate,
        onlyLargePackets, bufferOverflow, bufferOverflowBefore, refusedByThePeer,
    ]

    private static func drop(_ condition: String) -> LabChange {
        .filter("r", at: "forward", rule: "icmp type echo-request \(condition) counter drop")
    }

    private static func lossy(_ words: String, _ condition: String, says: [String]) -> Scenario {
        Scenario(
            name: "packet-loss: \(words)", changes: [drop(condition)],
            checks: """
                  - {name: echo, icmp: 198.18.2.2, samples: 150, interval: 5ms, timeout: 300ms}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["packet-loss"], statuses: ["echo": "failed"],
                headline: "packet-loss", says: says))
    }

    private static let outage = lossy(
        "an outage in the midst of a series", "numgen inc mod 1000 60-99", says: ["40 of 150", "one stretch of 40"])
    private static let lossFromAMomentOn = lossy(
        "nothing is answered from a moment on", "numgen inc mod 1000 100-999",
        says: ["all were lost from number 100 on"])
    private static let periodicBursts = lossy(
        "bursts at an even distance", "numgen inc mod 30 10-13", says: ["5 stretches, the longest of 4", "one every"])

    // MARK: Limits

    /// As Linux limits what ICMP it sends to one address: six at once, and then one in 50 ms.
    private static let slowToAnswer: [LabChange] = [
        .sysctl("s", "net.ipv4.icmp_ratemask=1"), .sysctl("s", "net.ipv4.icmp_ratelimit=50"),
    ]

    private static let limitedEchoes = Scenario(
        name: "rate-limited: the target answers twenty pings a second, which is no loss", changes: slowToAnswer,
        checks: """
              - {name: echo, icmp: 198.18.2.2, samples: 150, interval: 10ms, timeout: 300ms}
            """,
        isTimed: true,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["rate-limited"], statuses: ["echo": "passed"],
            says: ["pings a second", "evenly"]))

    private static let limitedEchoesBesideTCP = Scenario(
        name: "rate-limited: pings alone, as TCP to the same address shows", changes: slowToAnswer + [.http()],
        checks: """
              - {name: echo, icmp: 198.18.2.2, samples: 150, interval: 10ms, timeout: 300ms}
              - {name: port, tcp: "198.18.2.2:80", samples: 40, interval: 5ms}
            """,
        isTimed: true,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["rate-limited"], statuses: ["echo": "passed", "port": "passed"],
            says: ["of 40 connections over TCP to the same address 0"]))

    /// Chance would take from the slow series as much as from the fast one.
    private static let policedAboveARate = Scenario(
        name: "rate-limited: a slow series loses nothing where a fast one does",
        changes: [drop("limit rate over 60/second burst 20 packets")],
        checks: """
              - {name: fast, icmp: 198.18.2.2, samples: 200, interval: 4ms, timeout: 300ms}
              - {name: slow, icmp: 198.18.2.2, samples: 40, interval: 30ms, timeout: 300ms, needs: [fast]}
            """,
        isTimed: true,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["rate-limited"], statuses: ["fast": "passed", "slow": "passed"]))

    private static let onlyLargePackets = Scenario(
        name: "packet-loss: of large packets only", changes: [drop("meta length gt 1000 numgen inc mod 7 0")],
        checks: """
              - {name: large, icmp: 198.18.2.2, size: 1200, samples: 120, interval: 4ms, timeout: 300ms}
              - {name: small, icmp: 198.18.2.2, samples: 120, interval: 4ms, timeout: 300ms}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["packet-loss"], statuses: ["large": "failed", "small": "passed"],
            says: ["large packets"]))

    // MARK: This host's own

    /// A program that does not fetch its datagrams: as many as fit, and the rest is dropped.
    private static func overflow(seconds: String) -> String {
        """
        python3 -c '
        import socket, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.bind(("127.0.0.1", 9999))
        until = time.monotonic() + \(seconds)
        while True:
            for _ in range(50): s.sendto(b"x" * 200, ("127.0.0.1", 9999))
            if time.monotonic() > until: break
            time.sleep(0.02)
        '
        """
    }

    private static let twoChecks = """
          - {name: echo, icmp: 198.18.2.2, samples: 40, interval: 10ms}
        """

    private static let bufferOverflow = Scenario(
        name: "interface-drops: a socket of this host overflows during the run",
        changes: [.shell("c", overflow(seconds: "8") + " >/dev/null 2>&1 &")], checks: twoChecks,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["interface-drops"], statuses: ["echo": "passed"],
            says: ["a socket's buffer was full"]))

    private static let bufferOverflowBefore = Scenario(
        name: "silence: what overflowed before the run is history", changes: [.shell("c", overflow(seconds: "0"))],
        checks: twoChecks, expected: .healthy)

    /// The other end of the link takes only small frames, so the own end cannot be rid of large ones.
    private static let refusedByThePeer = Scenario(
        name: "interface-drops: the other end of the link takes no large frames",
        changes: [.shell("r", "ip link set dev to-c mtu 1300")],
        checks: """
              - {name: small, icmp: 198.18.2.2, samples: 40, interval: 5ms, timeout: 300ms}
              - {name: large, icmp: 198.18.2.2, size: 1400, samples: 20, interval: 5ms, timeout: 300ms}
            """,
        // Nothing of the large series comes through: what it says of itself is others' to judge.
        expected: Expected(
            verdict: "failing", exit: 1, must: ["interface-drops"],
            may: [
                "icmp-filtered-tcp-ok", "pmtu-black-hole", "mtu-mismatch-cni", "pmtu-reduced", "expectation-unmet",
                "packet-loss",
            ], statuses: ["small": "passed"]))
}
