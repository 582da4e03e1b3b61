import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct ApplicationTests {
    @Test(
        "A TCP conversation is known by its first bytes, on any port",
        arguments: [
            (true, "SSH-2.0-OpenSSH_9.2\r\n", FlowRecord.Application.ssh),
            (false, "SSH-2.0-OpenSSH_9.2\r\n", .ssh),
            (true, "\u{0}\u{0}\u{0}\u{8}\u{4}\u{d2}\u{16}/", .postgres),
            (true, "\u{0}\u{0}\u{0}\u{24}\u{0}\u{3}\u{0}\u{0}user\u{0}anna\u{0}database\u{0}shop\u{0}\u{0}", .postgres),
            (false, "\u{4a}\u{0}\u{0}\u{0}\u{a}8.0.36\u{0}\u{8}\u{0}\u{0}\u{0}", .mysql),
            (true, "*1\r\n$4\r\nPING\r\n", .redis),
            (true, "EHLO lab.example\r\n", .smtp),
            (false, "220 mail.lab.example ESMTP Postfix\r\n", .smtp),
            (true, "0\u{c}\u{2}\u{1}\u{1}`\u{7}\u{2}\u{1}\u{3}\u{4}\u{0}\u{80}\u{0}", .ldap),
            (true, "GET / HTTP/1.1\r\n\r\n", .http), (false, "HTTP/1.0 200 OK\r\n\r\n", .http),
            (true, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http),
        ])
    func known(isClient: Bool, text: String, application: FlowRecord.Application) {
        // Each scalar is one byte.
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        var talk = Talk()
        talk.open()
        if isClient { talk.clientSays(bytes) } else { talk.serverSays(bytes) }
        #expect(talk.application == application)
    }

    @Test(
        "What is nothing of that stays unknown",
        arguments: ["220 ftp.lab.example ready\r\n", "\u{16}\u{3}", "hello there", "GET "])
    func unknown(text: String) {
        var talk = Talk(server: "198.18.0.2:443")
        talk.open()
        talk.clientSays(text)
        #expect(talk.application == nil)
    }

    @Test("The port is a hint only where the bytes were cut off")
    func portHint() {
        var cut = Talk(server: "198.18.0.2:5432")
        cut.snapLength = 40
        cut.open()
        cut.clientSays("whatever it was")
        #expect(cut.application == .postgres)
        #expect(cut.summary.tls.clientHellos == 0)
    }

    @Test(
        "A UDP conversation is known by its bytes and its port",
        arguments: [
            ("198.18.0.2:123", [0x23] + [UInt8](repeating: 0, count: 47), FlowRecord.Application.ntp),
            ("198.18.0.2:9999", [1, 0, 0, 0] + [UInt8](repeating: 7, count: 144), .wireguard),
            ("198.18.0.2:443", [0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 4, 1, 2, 3, 4], .quic),
        ])
    func datagrams(server: String, bytes: [UInt8], application: FlowRecord.Application) {
        var talk = Talk(server: PacketEndpoint(stringLiteral: server))
        talk.datagram(isFromClient: true, bytes)
        #expect(talk.application == application)
    }

    @Test("Requests behind another protocol's start are TLS none the less")
    func startTLS() {
        var talk = Talk()
        talk.open()
        talk.clientSays([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])
        talk.serverSays("S")
        talk.clientSays(HelloBytes.client(serverName: "db.lab.example"))
        talk.serverSays(HelloBytes.server())
        let summary = talk.summary
        #expect(summary.flows.first?.application == .postgres)
        #expect(summary.flows.first?.name == "db.lab.example")
        #expect(summary.tls.clientHellos == 1 && summary.tls.serverHellos == 1 && summary.tls.unanswered == 0)
    }
}
