import NetValues
import Observations
import Planning
import Wire

/// What a proxy or an application said: status, headers, body.
struct Answer {
    var status: Int
    var headers: [String: String] = [:]
    var body = ""

    static let nginx404 = Answer(status: 404, headers: ["Server": "nginx"], body: "default backend - 404")
    static let nginx503 = Answer(
        status: 503, headers: ["Server": "nginx"],
        body: "<html><body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>")
    static let application503 = Answer(status: 503, body: "{\"error\":\"database is down\"}")
    static let envoy404 = Answer(status: 404, headers: ["server": "istio-envoy"])
    static let envoy503 = Answer(status: 503, headers: ["server": "istio-envoy"], body: "no healthy upstream")
}

/// An http check with these answers, a sample each; none of them is as expected where the status says so.
func asked(
    _ url: String, _ answers: [Answer], at address: String = "198.18.3.2", parameters: Parameters = Parameters()
) -> CheckRecord {
    guard let target = HTTPURL(url), let place = IPAddress(address) else { fatalError("no URL: \(url)") }
    let endpoint = Endpoint(place, target.port)
    let samples = answers.map { answer in
        let connect = Fact.connect(
            ConnectFact(
                endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
        let exchange = Fact.http(
            HTTPFact(
                url: target, endpoint: endpoint, method: "GET",
                outcome: .responded(
                    HTTPResponse(
                        version: "HTTP/1.1", status: answer.status, reason: "",
                        headers: answer.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) },
                        bodyBytes: answer.body.utf8.count, isBodyCut: false, bodyStart: Array(answer.body.utf8))),
                firstByte: .milliseconds(1), elapsed: .milliseconds(2)))
        let status = Comparison(
            key: "status", expected: "2xx or 3xx", seen: "\(answer.status)", isMet: (200..<400).contains(answer.status),
            isDeclared: false)
        return sample(.answered, latency: .milliseconds(2), [connect, exchange], comparisons: [status])
    }
    return record("page", kind: "http", target: .url(target), parameters: parameters, samples)
}

func asked(_ url: String, _ answer: Answer, at address: String = "198.18.3.2") -> CheckRecord {
    asked(url, [answer], at: address)
}

/// A request that ended without a byte of an answer.
func hungUpOn(_ url: String, at address: String, _ end: StreamEnd = .closed) -> CheckRecord {
    guard let target = HTTPURL(url), let place = IPAddress(address) else { fatalError("no URL: \(url)") }
    let endpoint = Endpoint(place, target.port)
    let connect = Fact.connect(
        ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    let exchange = Fact.http(
        HTTPFact(
            url: target, endpoint: endpoint, method: "GET",
            outcome: .incomplete(end, partial: PartialResponse(status: nil, bytes: 0)), firstByte: nil,
            elapsed: .milliseconds(2), sentBytes: 80))
    return record("page", kind: "http", target: .url(target), [sample(.failed(.response), [connect, exchange])])
}
