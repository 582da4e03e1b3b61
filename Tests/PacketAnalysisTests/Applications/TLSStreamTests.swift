import Observations
import PacketAnalysis
import Testing
import Wire

@Suite struct TLSStreamTests {
    @Test("A hello over several records and segments is one hello", arguments: [1, 5, 7, 100, 1200])
    func split(size: Int) {
        let content = HelloBytes.message(1, HelloBytes.clientBody(serverName: "big.lab.example", padding: 3000))
        let bytes = HelloBytes.record(Array(content[..<50])) + HelloBytes.record(Array(content[50...]))
        var talk = Talk()
        talk.open()
        // What a single byte is, nobody knows; the record's header is enough.
        talk.clientSays(Array(bytes[..<max(6, size)]))
        for start in stride(from: max(6, size), to: bytes.count, by: size) {
            talk.clientSays(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        talk.serverSays(HelloBytes.server())
        let summary = talk.summary
        #expect(summary.tls.clientHellos == 1 && summary.tls.serverHellos == 1)
        #expect(summary.tls.handshakes.first?.serverName == "big.lab.example")
        #expect(summary.tls.handshakes.first?.offeredVersions == ["1.3", "1.2"])
        #expect(summary.tls.handshakes.first?.latency == .milliseconds(1))
    }

    @Test("Segments that changed places, and segments that were sent again")
    func disorder() {
        let hello = HelloBytes.client(serverName: "late.lab.example", padding: 600)
        let half = UInt32(400)
        var talk = Talk()
        talk.open()
        talk.clientSays(Array(hello[400...]), at: half)
        talk.clientSays(Array(hello[..<400]), at: 0)
        talk.clientSays(Array(hello[..<400]), at: 0)
        talk.clientSays(hello, at: 0)
        talk.serverSays(HelloBytes.server())
        talk.serverSays(HelloBytes.server(), at: 0)
        let tls = talk.summary.tls
        #expect(tls.clientHellos == 1 && tls.serverHellos == 1 && tls.unanswered == 0)
        #expect(tls.handshakes.first?.serverName == "late.lab.example")
    }

    @Test("Out of order within a hello that has begun")
    func disorderWithin() {
        let hello = HelloBytes.client(serverName: "late.lab.example", padding: 900)
        var talk = Talk()
        talk.open()
        talk.clientSays(Array(hello[..<100]), at: 0)
        talk.clientSays(Array(hello[700...]), at: 700)
        talk.clientSays(Array(hello[400..<700]), at: 400)
        #expect(talk.summary.tls.clientHellos == 0)
        talk.clientSays(Array(hello[100..<400]), at: 100)
        #expect(talk.summary.tls.clientHellos == 1)
        #expect(talk.summary.tls.unanswered == 1)
    }

    @Test("A HelloRetryRequest is neither an answer nor another handshake")
    func retry() {
        var talk = Talk()
        talk.open()
        talk.clientSays(HelloBytes.client(serverName: "retry.lab.example"))
        talk.serverSays(HelloBytes.server(random: HelloBytes.retryRandom) + HelloBytes.changeCipherSpec)
        #expect(talk.summary.tls.unanswered == 1)
        talk.clientSays(HelloBytes.changeCipherSpec + HelloBytes.client(serverName: "retry.lab.example"))
        talk.serverSays(HelloBytes.server())
        let tls = talk.summary.tls
        #expect(tls.clientHellos == 1 && tls.serverHellos == 1 && tls.unanswered == 0)
        #expect(tls.handshakes.first?.latency == .milliseconds(3))
    }

    @Test("Alerts in the clear are told with level and sender; encrypted ones are not")
    func alerts() {
        var talk = Talk()
        talk.open()
        talk.clientSays(HelloBytes.client(serverName: "a.lab.example"))
        talk.serverSays(HelloBytes.record([2, 40], type: 21))
        let tls = talk.summary.tls
        #expect(tls.alerts == ["handshake_failure": 1])
        #expect(tls.handshakes.first?.alerts == ["fatal handshake_failure from the server"])
        #expect(tls.unanswered == 0)

        var sealed = Talk()
        sealed.open()
        sealed.clientSays(HelloBytes.client(serverName: "a.lab.example"))
        sealed.serverSays(HelloBytes.server(version: 0x0303) + HelloBytes.changeCipherSpec)
        sealed.serverSays(HelloBytes.record([UInt8](repeating: 2, count: 26), type: 21))
        #expect(sealed.summary.tls.alerts.isEmpty)
        #expect(sealed.summary.tls.versions == ["1.2": 1])
    }

    @Test("What was not captured is neither unanswered nor answered")
    func hole() {
        var talk = Talk()
        talk.open()
        talk.clientSays(HelloBytes.client(serverName: "a.lab.example"))
        talk.serverSaysUnseen(1400)
        talk.serverSays([UInt8](repeating: 7, count: 1000))
        talk.clientSays(HelloBytes.record([UInt8](repeating: 1, count: 30), type: 23))
        let tls = talk.summary.tls
        #expect(tls.clientHellos == 1 && tls.serverHellos == 0 && tls.unanswered == 0)
    }

    @Test("A flood of hellos that never end takes bounded room, and a later one is still read")
    func flood() {
        var settings = AnalysisSettings()
        settings.mostPayloadBytes = 100_000
        settings.mostConversations = 50
        settings.mostTransactions = 3
        var talk = Talk(settings)
        let hello = HelloBytes.client(serverName: "flood.lab.example", padding: 9000)
        for port in 0..<500 {
            talk.client = PacketEndpoint(talk.client.address, UInt16(20_000 + port))
            talk.open()
            talk.clientSays(Array(hello[..<8000]))
        }
        for port in 0..<5 {
            talk.client = PacketEndpoint(talk.client.address, UInt16(30_000 + port))
            talk.open()
            talk.clientSays(HelloBytes.client(serverName: "after.lab.example"))
            talk.serverSays(HelloBytes.server())
        }
        let summary = talk.summary
        #expect(summary.tls.clientHellos == 5 && summary.tls.serverHellos == 5)
        #expect(summary.tls.handshakes.count == 3)
        #expect(summary.limits.unlistedTransactions == 2)
    }
}
