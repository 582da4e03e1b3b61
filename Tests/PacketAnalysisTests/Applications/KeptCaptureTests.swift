import ChildProcesses
import Glibc
import NetValues
import Observations
import PacketAnalysis
import StreamTransport
import Testing
import Wire

@Suite struct KeptCaptureTests {
    private func settings() throws -> AnalysisSettings {
        var settings = AnalysisSettings()
        settings.certificates = try CertificateDescriber()
        return settings
    }

    @Test func handshakesOfOpenSSL() throws {
        let summary = try KeptCapture.tls.summary(settings())
        let tls = summary.tls
        #expect(tls.clientHellos == 7)
        #expect(tls.serverHellos == 4)
        #expect(tls.versions == ["1.2": 1, "1.3": 3])
        #expect(tls.alerts == ["protocol_version": 1, "unknown_ca": 1])
        // The silent server; the one that speaks HTTP did answer.
        #expect(tls.unanswered == 1)
        let names = tls.handshakes.map(\.serverName)
        #expect(
            names == [
                "www.lab.example", "www.lab.example", "www.lab.example", "retry.lab.example", "old.lab.example",
                "silent.lab.example", "plain.lab.example",
            ])
        #expect(Set(summary.flows.compactMap(\.name)) == Set(names.compactMap { $0 }))
        #expect(summary.flows.filter { $0.application == .tls }.count == 7)
    }

    @Test func whatAHandshakeOf12Shows() throws {
        let first = try #require(KeptCapture.tls.summary(settings()).tls.handshakes.first)
        #expect(first.frame == 4)
        #expect(first.offeredALPN == ["h2", "http/1.1"])
        #expect(first.chosenALPN == "h2")
        #expect(first.chosenVersion == "1.2")
        #expect(first.cipher == "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
        #expect(first.latency == .nanoseconds(468_579))
        let certificate = try #require(first.certificate)
        #expect(certificate.subject == "CN=www.lab.example,O=Lab")
        #expect(certificate.names == ["www.lab.example", "lab.example"])
        #expect(certificate.chainLength == 1)
    }

    @Test func whatLaterHandshakesShow() throws {
        let handshakes = try KeptCapture.tls.summary(settings()).tls.handshakes
        let refused = handshakes[2]
        #expect(refused.chosenVersion == "1.3")
        #expect(refused.alerts == ["fatal unknown_ca from the client"])
        #expect(refused.certificate == nil)
        let retried = handshakes[3]
        #expect(retried.offeredVersions == ["1.3", "1.2", "1.1", "1.0"])
        #expect(retried.latency == .nanoseconds(2_835_553))
        #expect(handshakes[4].offeredVersions == ["1.2"])
        #expect(handshakes[4].alerts == ["fatal protocol_version from the server"])
        #expect(handshakes[5].latency == nil)
    }

    @Test func exchangesOfAWebServer() throws {
        let summary = try KeptCapture.http.summary()
        let http = summary.http
        // The seventeenth request begins with a segment of two bytes, by which nobody knows HTTP; tshark does not either.
        #expect(http.requests == 16)
        #expect(http.responses == 17)
        #expect(http.statuses == [100: 1, 101: 1, 200: 12, 204: 2, 404: 1])
        #expect(http.unanswered == 1)
        #expect(
            http.exchanges.map(\.path) == [
                "/one", "/missing/two", "/head", "/chunk", "/last", "/p1", "/p2", "/chunk3", "/p4", "/up", "/after",
                "/up100", "/ws", "secure.lab.example:443", "/close", "/none",
            ])
        #expect(http.exchanges.filter(\.carriesCredentials).map(\.path) == ["/missing/two", "/chunk"])
        #expect(http.exchanges[9].latency == .nanoseconds(745_511), "from the last byte of the body")
        #expect(http.exchanges.allSatisfy { $0.host == "www.lab.example:8000" })
        #expect(http.latency?.count == 15)
        #expect(summary.flows.allSatisfy { $0.application == .http })
    }

    @Test func nothingSecretIsKept() throws {
        let http = try KeptCapture.http.summary().http
        let text = String(describing: http)
        #expect(!text.contains("secret") && !text.contains("c2VjcmV0") && !text.contains("token"))
    }

    /// A capture of headers alone, or of a little more, must not be taken for a fault.
    @Test(arguments: [54, 66, 67, 72, 80, 128, 200, 300])
    func cutCapturesSayNothingWrong(snapLength: Int) throws {
        let tls = try KeptCapture.tls.summary(snapLength: snapLength).tls
        #expect(tls.clientHellos <= 7 && tls.serverHellos <= 4)
        #expect(tls.unanswered <= 1)
        #expect(tls.alerts.values.reduce(0, +) <= 2)
        let http = try KeptCapture.http.summary(snapLength: snapLength).http
        #expect(http.requests <= 16 && http.responses <= 17)
        #expect(http.unanswered <= 1)
        #expect(http.exchanges.allSatisfy { $0.latency.map { $0 < .milliseconds(10) } ?? true })
    }

    @Test func headersAloneAreKnownByTheirPorts() throws {
        let summary = try KeptCapture.http.summary(snapLength: 54)
        #expect(summary.http.requests == 0)
        #expect(summary.tls.clientHellos == 0)
    }

    /// The counts beside tshark's own.
    @MainActor @Test func tsharkCountsTheSame() throws {
        let tls = try KeptCapture.tls.summary().tls
        let hellos = try tshark(.tls, "tls.handshake.type==1", "tls.handshake.type==2")
        // The HelloRetryRequest is a ServerHello to tshark, and what answers it another ClientHello.
        #expect(hellos == [tls.clientHellos + 1, tls.serverHellos + 1])
        let http = try KeptCapture.http.summary().http
        #expect(try tshark(.http, "http.response")[0] == http.responses)
        // Of four requests in one packet, tshark's filter counts one.
        #expect(try tshark(.http, "http.request")[0] == http.requests - 3)
    }

    /// Frames that match each filter.
    private func tshark(_ capture: KeptCapture, _ filters: String...) throws -> [Int] {
        let program = "/usr/bin/tshark"
        guard access(program, X_OK) == 0 else { try Test.cancel("tshark is not installed") }
        return try filters.map { filter in
            let ports = "tcp.port==4430-4440,tls"
            let arguments = [
                "-n", "-r", capture.path, "-d", ports, "-Y", filter, "-T", "fields", "-e", "frame.number",
            ]
            return try lines(of: program, arguments)
        }
    }

    private func lines(of program: String, _ arguments: [String]) throws -> Int {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let process = ChildProcess()
        try process.run(program, arguments, output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        var count = 0
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let read = read(ends[0], &bytes, bytes.count), read > 0 {
            count += bytes.prefix(read).count { $0 == 0x0a }
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return count
    }
}
