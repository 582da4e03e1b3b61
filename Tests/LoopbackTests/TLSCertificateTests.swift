import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSCertificateTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    private func kinds(_ fact: TLSFact) -> Set<VerificationProblem.Kind> { Set(fact.verification.map(\.kind)) }

    @Test(arguments: bothLoopbacks) func soundServer_isEstablishedWithoutObjection(address: IPAddress) async throws {
        let fact = try await world.handshake(with: try world.soundServer(), on: address)
        #expect(fact.outcome == .established)
        #expect(fact.verification.isEmpty)
        #expect(fact.nameMatch == true)
        #expect(fact.version == "TLSv1.3")
        #expect(fact.cipher?.hasPrefix("TLS_") == true)
        #expect(fact.group == "x25519")
        #expect(fact.alpn == nil)
        #expect(fact.clientCertificate == nil)
        #expect(fact.serverName == "shop.test")
        #expect(fact.expectedName == "shop.test")
        #expect(fact.trustStore == world.rootPath)
        #expect(fact.elapsed > .zero)
        #expect(fact.alerts.isEmpty)
    }

    @Test func chain_holdsEveryFact_asPresented() async throws {
        let fact = try await world.handshake(with: try world.soundServer())
        #expect(fact.chain.map(\.subject) == ["CN=shop.test", "CN=Test Intermediate"])
        let leaf = try #require(fact.chain.first)
        #expect(leaf.commonName == "shop.test")
        #expect(leaf.issuer == "CN=Test Intermediate")
        #expect(leaf.dnsNames == ["shop.test", "*.shop.test"])
        #expect(leaf.ipAddresses == bothLoopbacks)
        #expect(leaf.key == "EC prime256v1")
        #expect(leaf.signature == "ecdsa-with-SHA256")
        #expect(leaf.sha256.count == 64)
        #expect(leaf.serial.allSatisfy { "0123456789abcdef".contains($0) } && !leaf.serial.isEmpty)
        #expect(!leaf.isSelfIssued)
        #expect(leaf.notBefore < .now && leaf.notAfter > .now + .seconds(89 * 86_400))
    }

    @Test(arguments: [
        (CertificateFactory.Key.rsa(bits: 2048), "RSA 2048", "sha256WithRSAEncryption"),
        (.ed25519, "ED25519", "ED25519"),
    ]) func key_isNamed(key: CertificateFactory.Key, name: String, signature: String) async throws {
        let leaf = try world.leaf(by: nil) { $0.key = key }
        let fact = try await world.handshake(with: world.server(presenting: leaf))
        #expect(fact.chain.first?.key == name)
        #expect(fact.chain.first?.signature == signature)
    }

    @Test func expiredLeaf_isSeenAtDepthZero() async throws {
        let leaf = try world.leaf(by: world.intermediate) { content in
            content.notBefore = .now + .seconds(-20 * 86_400)
            content.notAfter = .now + .seconds(-86_400)
        }
        let fact = try await world.handshake(with: world.server(presenting: leaf, above: [world.intermediate]))
        #expect(fact.outcome == .established)
        #expect(fact.verification.map(\.kind) == [.expired])
        #expect(fact.verification.first?.depth == 0)
        #expect(fact.verification.first?.reason == "certificate has expired")
        #expect(fact.verification.first?.code == 10)
    }

    @Test func notYetValidLeaf_isSeen() async throws {
        let leaf = try world.leaf(by: world.root) { $0.notBefore = .now + .seconds(86_400) }
        let fact = try await world.handshake(with: world.server(presenting: leaf))
        #expect(fact.verification.map(\.kind) == [.notYetValid])
    }

    @Test func wrongName_isNoVerificationProblem_butNoMatch() async throws {
        let fact = try await world.handshake(with: try world.soundServer()) { settings in
            settings.serverName = "bank.test"
            settings.expectedName = Host("bank.test") ?? settings.expectedName
        }
        #expect(fact.verification.isEmpty)
        #expect(fact.nameMatch == false)
        #expect(fact.expectedName == "bank.test")
    }

    @Test func address_matchesByItsOwnAlternativeName() async throws {
        let fact = try await world.handshake(with: try world.soundServer(), on: bothLoopbacks[1]) { settings in
            settings.serverName = nil
            settings.expectedName = .address(bothLoopbacks[1])
        }
        #expect(fact.nameMatch == true)
        #expect(fact.serverName == nil)
    }

    @Test func selfSignedLeaf_isSeen() async throws {
        let fact = try await world.handshake(with: world.server(presenting: try world.leaf(by: nil)))
        #expect(fact.outcome == .established)
        #expect(fact.verification.map(\.kind) == [.selfSigned])
        #expect(fact.chain.first?.isSelfIssued == true)
    }

    @Test func missingIntermediate_isAnUnknownIssuer() async throws {
        let leaf = try world.leaf(by: world.intermediate)
        let fact = try await world.handshake(with: world.server(presenting: leaf))
        #expect(kinds(fact) == [.unknownIssuer])
        #expect(fact.verification.allSatisfy { $0.depth == 0 })
        #expect(fact.chain.count == 1)
    }

    @Test func rootThatNobodyTrusts_isUntrusted_whenTheServerSendsItToo() async throws {
        let stranger = try CertificateFactory.authority(named: "Stranger")
        let leaf = try world.leaf(by: stranger)
        let fact = try await world.handshake(with: world.server(presenting: leaf, above: [stranger]))
        #expect(fact.verification.map(\.kind) == [.untrustedRoot])
        #expect(fact.verification.first?.depth == 1)
    }

    @Test func authorityThatNobodyKnows_isAnUnknownIssuer() async throws {
        let leaf = try world.leaf(by: try CertificateFactory.authority(named: "Stranger"))
        let fact = try await world.handshake(with: world.server(presenting: leaf))
        #expect(kinds(fact) == [.unknownIssuer])
    }

    @Test func severalProblems_areAllSeen() async throws {
        let leaf = try world.leaf(by: try CertificateFactory.authority(named: "Stranger")) { content in
            content.notBefore = .now + .seconds(-20 * 86_400)
            content.notAfter = .now + .seconds(-86_400)
        }
        let fact = try await world.handshake(with: world.server(presenting: leaf)) { settings in
            settings.expectedName = Host("bank.test") ?? settings.expectedName
        }
        #expect(kinds(fact) == [.unknownIssuer, .expired])
        #expect(fact.nameMatch == false)
    }

    @Test func shortKey_isWeak_andTheHandshakeStillCompletes() async throws {
        let leaf = try world.leaf(by: world.root) { $0.key = .rsa(bits: 1024) }
        let fact = try await world.handshake(with: world.server(presenting: leaf))
        #expect(fact.outcome == .established)
        #expect(fact.chain.first?.key == "RSA 1024")
        #expect(kinds(fact) == [.weak])
    }

    @Test func oldDigest_isWeak() async throws {
        var content = CertificateFactory.Content(commonName: "Old Intermediate")
        content.isAuthority = true
        content.digest = .sha1
        let old = try CertificateFactory.issue(content, by: world.root)
        let leaf = try world.leaf(by: old)
        let fact = try await world.handshake(with: world.server(presenting: leaf, above: [old]))
        #expect(fact.outcome == .established)
        #expect(kinds(fact) == [.weak])
        #expect(fact.verification.first?.depth == 1)
        #expect(fact.chain.last?.signature == "ecdsa-with-SHA1")
    }

    @Test func leafAsIssuer_isNoAuthority() async throws {
        let pretender = try world.leaf(by: world.root)
        let leaf = try world.leaf(by: pretender)
        let fact = try await world.handshake(with: world.server(presenting: leaf, above: [pretender]))
        #expect(kinds(fact).contains(.invalidPurpose))
    }
}
