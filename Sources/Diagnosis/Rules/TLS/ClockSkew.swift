import NetValues
import Observations
import Planning

/// The own clock is wrong (catalogue section 9).
enum ClockSkew: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "clock-skew", severity: .warning, title: "This host's clock is wrong",
        signals: [
            "the Date headers of two web servers or more agree that this host's clock is more than 5 minutes off, and fewer contradict",
            "or a time server that was asked is more than 5 minutes away from it",
            "or one web server does, and a certificate that is not valid by this clock is valid by that server's: then it is only possible",
        ],
        lookalikes: [
            "a server whose own clock is wrong: the others contradict it, and nothing is said",
            "a certificate that was issued for a time to come: the servers' clocks agree with this host's",
        ],
        traps: [
            "two servers of one machine share its clock: they are counted by address",
            "a cache sends the Date at which it stored the answer: answers with an Age header do not count",
        ],
        remedy: ["set the clock by NTP (timedatectl, chronyc tracking), and see why it was not"])

    static func findings(in evidence: Evidence) -> [Finding] {
        let clocks = ServerClock.all(in: evidence)
        let strange = clocks.filter { !$0.isWithinTolerance }
        let agreeing = strange.map { one in strange.filter { $0.offset.isNear(one.offset) } }.max {
            $0.count < $1.count
        }
        let seen = Set(clocks.map(\.address)).union(evidence.traces.agreeingClocks)
        guard let agreeing, agreeing.count * 2 > seen.count, let first = agreeing.first else { return [] }
        let isByTimeServer = agreeing.contains(where: \.isTimeServer)
        guard agreeing.count > 1 || isByTimeServer || vouches(for: first, evidence) else { return [] }
        let isBehind = first.offset > .zero
        let amount = (isBehind ? first.offset : .zero - first.offset).toTheMinute.spoken
        return [
            finding(
                "clock of this host", checks: agreeing.flatMap(\.checks).unique(),
                confidence: agreeing.count > 1 ? .likely : .possible,
                summary: "This host's clock is \(amount) \(isBehind ? "behind" : "ahead of") \(who(agreeing)).",
                evidence: ["this host's clock said \(evidence.now.spoken) at the start"]
                    + evidenceLines(
                        agreeing.map {
                            $0.isTimeServer
                                ? "\($0.endpoint): \($0.text)" : "\($0.endpoint) said \($0.text.escaped(limit: 40))"
                        })
                    // Alone it says nothing: a virtual machine may have its host's time by other means.
                    + (evidence.vantage.start.clock?.isSynchronized == false
                        ? ["the kernel does not know this clock as synchronised (adjtimex)"] : []),
                cause: cause(agreeing.count, isByTimeServer: isByTimeServer)
            )
        ]
    }

    private static func cause(_ servers: Int, isByTimeServer: Bool) -> String {
        if servers > 1 {
            return
                "Several servers agree against it. Certificates are held against this clock, and are found too old or too young for no fault of theirs."
        }
        return isByTimeServer
            ? "One of the two clocks is wrong, and all that take their time from that server differ from this host by as much: ask a second time server which."
            : "That server's clock and its certificate agree against it; it may also be the server's clock that is wrong."
    }

    private static func who(_ clocks: [ServerClock]) -> String {
        listed(clocks.map(\.address.description))
    }

    /// A certificate of this server that is out of its time by our clock and in it by the server's.
    private static func vouches(for clock: ServerClock, _ evidence: Evidence) -> Bool {
        evidence.checks.lazy.flatMap(\.handshakes).filter { $0.endpoint.address == clock.address }.flatMap(\.chain)
            .contains { certificate in
                let theirs = evidence.now + clock.offset
                let isOut = evidence.now < certificate.notBefore || evidence.now > certificate.notAfter
                return isOut && theirs >= certificate.notBefore && theirs <= certificate.notAfter
            }
    }
}

extension Duration {
    /// A Date header knows no fractions of a second: three days less one of them are three days.
    fileprivate var toTheMinute: Duration { .seconds((components.seconds + 30) / 60 * 60) }
}
