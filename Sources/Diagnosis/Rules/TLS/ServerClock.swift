import NetValues
import Observations

/// How far a server's clock is ahead of ours: a web server's as its Date header says (RFC 9110 section 6.6.1), a time server's as NTP does.
struct ServerClock {
    /// Linkerd's allowance for the clocks of a cluster (catalogue section 9).
    static let tolerance = Duration.seconds(300)

    let address: IPAddress
    let endpoint: Endpoint
    let offset: Duration
    let text: String
    /// The checks that saw it.
    let checks: [String]
    /// Telling the time is its trade.
    var isTimeServer = false

    var isWithinTolerance: Bool { offset.isShort(Self.tolerance) }

    /// One for each address: a server has one clock.
    static func all(in evidence: Evidence) -> [ServerClock] { all(in: evidence.checks, now: evidence.now) }

    /// - Parameter now: our clock at the start of the run.
    static func all(in checks: [CheckEvidence], now: WallTime) -> [ServerClock] {
        let told = checks.filter(\.asksServices).flatMap { check in
            check.services.compactMap { fact -> ServerClock? in
                guard let offset = fact.clockOffset, case .answered(let words) = fact.outcome else { return nil }
                return ServerClock(
                    address: fact.endpoint.address, endpoint: fact.endpoint, offset: offset, text: words,
                    checks: [check.name], isTimeServer: true)
            }
        }
        let seen = checks.lazy.filter(\.hasExchanges).flatMap { check in
            check.samples.flatMap { sample in
                let moment = now + sample.startedAt
                return sample.facts.compactMap { fact -> ServerClock? in
                    // What comes from a cache tells the time at which it was stored (RFC 9111 section 5.1).
                    guard case .http(let http) = fact, !http.isContrast, http.response?.header("age") == nil,
                        let text = http.response?.header("date"), let date = WallTime(httpDate: text)
                    else { return nil }
                    return ServerClock(
                        address: http.endpoint.address, endpoint: http.endpoint, offset: date - moment, text: text,
                        checks: [check.name])
                }
            }
        }
        return grouped(told + seen, by: \.address).map { _, members in
            ServerClock(
                address: members[0].address, endpoint: members[0].endpoint, offset: members[0].offset,
                text: members[0].text, checks: members.flatMap(\.checks).unique(),
                isTimeServer: members[0].isTimeServer)
        }
    }
}

extension Duration {
    fileprivate func isShort(_ limit: Duration) -> Bool { self <= limit && self >= .zero - limit }

    /// Within a minute of each other.
    func isNear(_ other: Duration) -> Bool { (self - other).isShort(.seconds(60)) }
}
