import NetValues
import Observations
import PacketAnalysis
import Testing
import Wire

@Suite struct KeptCaptureTests {
    @Test func handshakesOfOpenSSL() throws {
        let tls = try KeptCapture.tls.summary().tls
        for handshake in tls.handshakes { print(handshake) }
        print(tls.clientHellos, tls.serverHellos, tls.unanswered, tls.alerts, tls.versions)
        let http = try KeptCapture.http.summary().http
        for exchange in http.exchanges { print(exchange) }
        print(http.requests, http.responses, http.unanswered, http.statuses, http.latency as Any)
        for flow in try KeptCapture.http.summary().flows { print(flow.application as Any, flow.name as Any, flow.bytes) }
        for flow in try KeptCapture.tls.summary().flows { print(flow.application as Any, flow.name as Any, flow.bytes) }
        #expect(tls.clientHellos == 8)
    }
}
