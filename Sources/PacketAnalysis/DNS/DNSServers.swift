import NetValues
import Observations
import Wire

/// How each server fared.
struct DNSServers {
    private struct Server {
        let endpoint: PacketEndpoint
        var queries = 0
        var answered = 0
        var failures = 0
        var latency = LatencyHistogram()
    }

    /// Each takes room for its times.
    private static let most = 256

    private var servers: [Server] = []
    private var places: [PacketEndpoint: Int] = [:]

    /// - Returns: Its place, for `countAnswer`; nil when there is no room for another server.
    mutating func countQuery(_ endpoint: PacketEndpoint) -> Int? {
        if let place = places[endpoint] {
            servers[place].queries += 1
            return place
        }
        guard servers.count < Self.most else { return nil }
        places[endpoint] = servers.count
        servers.append(Server(endpoint: endpoint, queries: 1))
        return servers.count - 1
    }

    mutating func countAnswer(_ place: Int?, _ rcode: DNSRcode, nanoseconds: Int64) {
        guard let place else { return }
        servers[place].answered += 1
        if rcode != .noError, rcode != .nxDomain { servers[place].failures += 1 }
        servers[place].latency.add(nanoseconds: nanoseconds)
    }

    /// The most often asked first.
    func tallies() -> [DNSServerTally] {
        servers.map { server in
            var tally = DNSServerTally(server.endpoint)
            tally.queries = server.queries
            tally.unanswered = server.queries - server.answered
            tally.failures = server.failures
            tally.latency = server.latency.spread
            return tally
        }.sorted { $0.queries > $1.queries }
    }
}
