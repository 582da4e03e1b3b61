import Observations
import PacketAnalysis
import PacketBuilding
import StreamTransport
import Testing
import Wire

@Suite struct QUICTests {
    private func settings() throws -> AnalysisSettings {
        var settings = AnalysisSettings()
        settings.quicInitials = try QUICInitialOpener()
        return settings
    }

    @Test(
        "The examples of RFC 9001 and RFC 9369",
        arguments: [(QUICPackets.client1, QUICPackets.server1), (QUICPackets.client2, QUICPackets.server2)])
    func examples(client: [UInt8], server: [UInt8]) throws {
        var talk = Talk(try settings(), server: "198.18.0.2:443")
        talk.datagram(isFromClient: true, client)
        talk.datagram(isFromClient: false, server)
        let summary = talk.summary
        #expect(summary.flows.first?.application == .quic)
        #expect(summary.flows.first?.name == "example.com")
        #expect(summary.tls.quicInitials == 1)
        #expect(summary.tls.clientHellos == 1 && summary.tls.serverHellos == 1 && summary.tls.unanswered == 0)
        let handshake = try #require(summary.tls.handshakes.first)
        #expect(handshake.isQUIC && handshake.frame == 1)
        #expect(handshake.offeredALPN == ["alpn"])
        #expect(handshake.offeredVersions == ["1.3"])
        #expect(handshake.chosenVersion == "1.3" && handshake.cipher == "TLS_AES_128_GCM_SHA256")
        #expect(handshake.latency == .milliseconds(1))
    }

    @Test("A hello in pieces over two packets, in any order, and sent again")
    func pieces() throws {
        for order in [
            [QUICPackets.first, QUICPackets.second], [QUICPackets.second, QUICPackets.first, QUICPackets.first],
        ] {
            var talk = Talk(try settings(), server: "198.18.0.2:443")
            for packet in order { talk.datagram(isFromClient: true, packet) }
            #expect(talk.summary.tls.clientHellos == 1)
            #expect(talk.summary.tls.handshakes.first?.serverName == "example.com")
            #expect(talk.summary.tls.handshakes.first?.frame == 2)
            #expect(talk.summary.tls.unanswered == 1)
        }
    }

    @Test("After a Retry other keys hold")
    func retry() throws {
        var talk = Talk(try settings(), server: "198.18.0.2:443")
        talk.datagram(isFromClient: true, QUICPackets.first)
        talk.datagram(isFromClient: false, QUICPackets.retry)
        talk.datagram(isFromClient: true, QUICPackets.afterRetry)
        #expect(talk.summary.tls.handshakes.first?.serverName == "example.com")
    }

    @Test("A refusal is an alert")
    func refusal() throws {
        var talk = Talk(try settings(), server: "198.18.0.2:443")
        talk.datagram(isFromClient: true, QUICPackets.client1)
        talk.datagram(isFromClient: false, QUICPackets.refusal)
        let tls = talk.summary.tls
        #expect(tls.alerts == ["no_application_protocol": 1])
        #expect(tls.handshakes.first?.alerts == ["fatal no_application_protocol from the server"])
        #expect(tls.unanswered == 0)
    }

    @Test("What cannot be opened is QUIC without a name")
    func unreadable() throws {
        var broken = QUICPackets.client1
        broken[600] ^= 1
        var talk = Talk(try settings(), server: "198.18.0.2:443")
        talk.datagram(isFromClient: true, broken)
        talk.datagram(isFromClient: true, QUICPackets.client1)
        #expect(talk.application == .quic)
        #expect(talk.summary.tls.quicInitials == 1 && talk.summary.tls.clientHellos == 0)

        var blind = Talk(server: "198.18.0.2:443")
        blind.datagram(isFromClient: true, QUICPackets.client1)
        #expect(blind.application == .quic)
        #expect(blind.summary.tls.quicInitials == 1 && blind.summary.flows.first?.name == nil)

        var cut = Talk(try settings(), server: "198.18.0.2:443")
        cut.snapLength = 200
        cut.datagram(isFromClient: true, QUICPackets.client1)
        #expect(cut.application == .quic)
        #expect(cut.summary.tls.clientHellos == 0)
    }

    @Test("A packet of any other length opens to nothing", arguments: [1, 18, 20, 30, 37, 38, 100, 1199])
    func cutPackets(length: Int) throws {
        let opener = try QUICInitialOpener()
        func sealed(_ bytes: [UInt8], _ offset: Int) -> SealedQUICInitial {
            SealedQUICInitial(
                bytes: bytes, numberOffset: offset, version: 1, connectionID: Array(QUICPackets.client1[6..<14]),
                isFromServer: false)
        }
        #expect(opener.open(sealed(Array(QUICPackets.client1.prefix(length)), 18)) == nil)
        #expect(opener.open(sealed(QUICPackets.client1, length)) == nil || length == 18)
        #expect(opener.open(sealed(QUICPackets.client1, 18))?.count == 1162)
    }

    @Test func certificatesThatAreNone() throws {
        let describer = try CertificateDescriber()
        #expect(describer.describe([]) == nil)
        #expect(describer.describe([[]]) == nil)
        #expect(describer.describe([[0x30, 0x82, 0xff, 0xff, 1, 2, 3]]) == nil)
    }
}
