import NetValues
import Observations
import Planning

/// What shows who is to blame: the network, the server or this vantage.
extension SlowCheck {
    func comparison(in evidence: Evidence) -> [String] {
        ([network] + application + [transfer] + [others(in: evidence), vantage(in: evidence)]).compactMap(\.self)
    }

    /// The network alone.
    private var network: String? {
        guard let quickest = shares.quickest, check.check.kind != "icmp" else { return nil }
        let usual = shares.usual.map { $0 > quickest * 2 && $0 - quickest > .milliseconds(5) } ?? false
        let now = usual ? ", \((shares.usual ?? .zero).spoken) in the slow samples" : ""
        return "a round trip alone takes \(quickest.spoken) at best\(now)"
    }

    private var exchanges: [HTTPFact] { check.exchanges }

    /// The server's system had the request, and its application had not answered; or the request was long on its way.
    private var application: [String] {
        let slow = exchanges.filter { ($0.firstByte ?? .zero) > .milliseconds(50) }
        guard let main, [.server, .lostRequest].contains(main), let worst = slow.max(by: { $0.wait < $1.wait }),
            let pace = worst.pace, let arrival = pace.acknowledgedIn
        else { return [] }
        let again = pace.retransmits > 0 ? ", \(counted(pace.retransmits, "segment")) of it sent again" : ""
        let when = arrival < .milliseconds(10) ? "at once" : "after \(arrival.spoken)"
        return [
            "the server's system acknowledged the request \(when)\(again); the first byte of the answer came after \(worst.wait.spoken)"
        ]
    }

    /// Bytes against time, and whether any were lost on the way.
    private var transfer: String? {
        guard shares.main.contains(where: { $0.part == .transfer }),
            let worst = exchanges.filter({ $0.response != nil }).max(by: { $0.body < $1.body }),
            let bytes = worst.response?.bodyBytes, worst.body > .zero
        else { return nil }
        let rate = Double(bytes) * 8e3 / Double(worst.body.nanoseconds)
        let lost =
            switch worst.pace?.outOfOrder {
            case nil: ""
            case 0: "; nothing of it came out of order, so nothing was lost on the way"
            case let count?:
                "; \(counted(count, "segment")) came out of order: parts were lost on the way and sent again"
            }
        return "\(bytes) bytes came in \(worst.body.spoken): \(rate.decimals(rate < 10 ? 2 : 0)) Mbit/s\(lost)"
    }

    /// What else was reached meanwhile, and how quickly.
    private func others(in evidence: Evidence) -> String? {
        let own = Set(check.connects.map(\.endpoint.address) + check.echoes.map(\.address))
        guard !own.isEmpty, main.map({ [.distance, .queues, .repeatedSYN, .connecting].contains($0) }) ?? true else {
            return nil
        }
        let trips = evidence.roundTrips.filter { !own.contains($0.key) && !$0.key.isLoopback }
        guard let quickest = trips.min(by: { $0.value.p50 < $1.value.p50 }) else { return nil }
        let slow = trips.filter { $0.value.p50 * 2 > summary.p50 }
        if slow.count == trips.count, trips.count > 1 {
            return
                "all \(trips.count) other addresses of this run take as long (\(quickest.key): \(quickest.value.p50.spoken)): what is common to them is near this vantage"
        }
        return "meanwhile \(quickest.key) was reached in \(quickest.value.p50.spoken)"
    }

    private func vantage(in evidence: Evidence) -> String? {
        let strain = evidence.strain
        guard strain.duration > .zero, strain.throttling == nil, strain.stalledTime * 20 < strain.duration else {
            return nil
        }
        let late =
            strain.stalledTime == .zero
            ? "were never late" : "were late for only \(strain.stalledTime.spoken) of \(strain.duration.spoken)"
        return "this process's own timers \(late): the time did not pass here"
    }
}

extension HTTPFact {
    fileprivate var wait: Duration { firstByte ?? .zero }
    /// From the first byte of the answer to the last, with the writing of the request.
    fileprivate var body: Duration { max(.zero, elapsed - wait) }
}

extension Evidence {
    /// Of the network alone, by address: handshakes in which nothing was sent again, and echoes.
    var roundTrips: [IPAddress: LatencySummary] {
        var times: [IPAddress: [Duration]] = [:]
        for check in checks {
            for connect in check.connects {
                if let trip = Fact.connect(connect).plainRoundTrip {
                    times[connect.endpoint.address, default: []].append(trip)
                }
            }
            for echo in check.echoes {
                if let trip = Fact.echo(echo).plainRoundTrip { times[echo.address, default: []].append(trip) }
            }
        }
        return times.compactMapValues { LatencySummary($0) }
    }
}
