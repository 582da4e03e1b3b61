import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// Requests for the start page under another Host and then under the own one again, after a request that ended without a byte:
/// what filters that read Host do (catalogue id egress-fqdn-filtered).
struct HostContrast {
    let context: ProbeContext
    let deadline: Instant

    func run(_ failed: HTTPFact) async throws(ProbeInterruption) -> [Fact] {
        guard let own = failed.url.host.name, failed.isEndedUnanswered, ["GET", "HEAD"].contains(failed.method) else {
            return []
        }
        let name = own.labels.joined(separator: ".")
        var facts: [Fact] = []
        for host in NameContrast.names(beside: name) where context.time.now() < deadline {
            let attempt = try await context.capabilities.streams.connect(
                to: failed.endpoint, source: context.check.source, deadline: deadline)
            facts.append(.connect(attempt.fact.asContrast))
            guard let stream = attempt.stream, let fact = try await ask(host, failed, over: stream) else { break }
            facts.append(.http(fact))
            guard fact.isEndedUnanswered == (host == name) else { break }
        }
        return facts
    }

    private func ask(
        _ host: String, _ failed: HTTPFact, over stream: any ByteStream
    ) async throws(ProbeInterruption) -> HTTPFact? {
        guard let domain = DomainName(host) else { return nil }
        let url = HTTPURL(scheme: .http, host: .name(domain), port: failed.url.port)
        let hop = HTTPHop(url: url, method: "GET", sendsBody: false, wasSecure: false)
        let limits = HTTPResponseParser.Limits(
            headBytes: HTTPSettings.usualHeadLimit, bodyBytes: HTTPSettings.usualBodyLimit, bodyKept: 256)
        var exchange = HTTPExchange(
            hop: hop, endpoint: failed.endpoint, proxy: nil, limits: limits, time: context.time, deadline: deadline)
        var watch = PhaseWatch(start: context.time.now())
        let request = HTTPRequestMessage(
            method: "GET", target: "/",
            fields: [
                HTTPField("Host", url.authority), HTTPField("User-Agent", "leadsman"), HTTPField("Accept", "*/*"),
                HTTPField("Connection", "close"),
            ], body: [])
        do throws(ProbeInterruption) {
            try await exchange.run(request, over: stream, watch: &watch)
        } catch {
            await stream.close()
            throw error
        }
        await stream.close()
        return exchange.fact.asContrast
    }
}

extension HTTPFact {
    fileprivate var asContrast: HTTPFact {
        HTTPFact(
            url: url, endpoint: endpoint, method: method, outcome: outcome, firstByte: firstByte, elapsed: elapsed,
            sentBytes: sentBytes, isContrast: true)
    }
}
