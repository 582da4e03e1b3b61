import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Testing

@Suite struct CertificateRulesTests {
    private static let now = WallTime(seconds: 1_800_000_000)
    private static let day: Int64 = 86_400

    /// Two bytes of DER stand for the certificate: what it says is decided here.
    private static let secret = soundShop.replacing(
        "type: kubernetes.io/tls\n",
        with:
            "type: kubernetes.io/tls\ndata:\n  tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BQT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\n  tls.key: c2VjcmV0LWtleS1ieXRlcw==\n"
    )

    private static func judge(
        _ text: String = secret, names: [String] = ["shop.example.com"], from: Int64 = -30, to: Int64 = 60
    ) -> [Finding] {
        var set = ManifestReader.read(Array(text.utf8), file: "a.yaml")
        set.readCertificates(at: now) { der in
            guard der == [0x30, 0x00] else { return nil }
            return DeclaredCertificate.Facts(
                subject: "CN=shop", issuer: "CN=issuer", names: names,
                notBefore: WallTime(seconds: now.nanoseconds / 1_000_000_000 + from * day),
                notAfter: WallTime(seconds: now.nanoseconds / 1_000_000_000 + to * day))
        }
        return AuditBook.judge(DeclaredState(set))
    }

    @Test func aCertificateInDateForItsHost_isSilent() {
        #expect(Self.judge().ofServices == [])
        #expect(Self.judge(names: ["*.example.com"]).ofServices == [])
    }

    @Test func anExpiredCertificate_isToldAtItsLine() {
        let found = Self.judge(to: -3)
        #expect(found.ofServices == ["tls-cert-expired:44"])
        #expect(found.first?.evidence.contains { $0.contains("Ingress shop/shop") } == true)
    }

    @Test func aCertificateThatEndsSoon_isTold_measuredByItsLife() {
        #expect(Self.judge(from: -80, to: 10).ofServices == ["tls-cert-expiring:44"])
        // Four days of a life of ten.
        #expect(Self.judge(from: -6, to: 4).ofServices == [])
    }

    @Test func aCertificateForAnotherHost_isToldAtTheHost() {
        #expect(Self.judge(names: ["pay.example.com"]).ofServices == ["tls-name-mismatch:58"])
        #expect(Self.judge(names: ["*.shop.example.com"]).ofServices == ["tls-name-mismatch:58"])
    }

    @Test func aSecretWithoutACertificate_isTold() {
        let broken = Self.secret.replacing("  tls.crt: LS0tLS1C", with: "  tls.crt: <base64-")
        #expect(Self.judge(broken).ofServices == ["tls-default-certificate:44"])
        // Whoever shows manifests leaves the data out.
        #expect(Self.judge(soundShop).ofServices == [])
    }

    @Test func keysAreNeverShown() {
        for finding in Self.judge(to: -3) + Self.judge(names: []) {
            #expect(!"\(finding)".contains("c2VjcmV0") && !"\(finding)".contains("secret-key"))
        }
    }

    // MARK: tls-plaintext-on-tls-port

    private static let id = "tls-plaintext-on-tls-port"

    private static func service(_ ports: String, annotations: String = "{}") -> String {
        soundShop.replacing("  - name: http\n    port: 80\n    targetPort: 8080\n", with: "  - \(ports)\n").replacing(
            "number: 80", with: "number: 443"
        ).replacing("  name: web\n", with: "  name: web\n  annotations: \(annotations)\n")
    }

    @Test func aTLSPortThatLeadsToHTTP_isTold() {
        #expect(audit(Self.service("{port: 443, targetPort: http}")).first(Self.id)?.confidence == .likely)
        #expect(audit(Self.service("{port: 443, targetPort: 8080}")).lines(of: Self.id) == [36])
    }

    @Test func aTLSPortThatIsServedOrEndedElsewhere_isSilent() {
        let ended = Self.service(
            "{port: 443, targetPort: http}",
            annotations: "{service.beta.kubernetes.io/aws-load-balancer-ssl-cert: \"arn:aws:acm:x\"}")
        #expect(audit(ended).lines(of: Self.id) == [])
        let served = Self.service("{port: 443, targetPort: 8080}").replacing(
            "{name: http, containerPort: 8080}", with: "{name: https, containerPort: 8080}")
        #expect(audit(served).lines(of: Self.id) == [])
    }

    @Test func twoPortsOfOneTarget_arePossible() {
        let nameless = Self.service("{port: 443, targetPort: 8080}").replacing(
            "{name: http, containerPort: 8080}", with: "{containerPort: 8080}")
        #expect(audit(nameless).lines(of: Self.id) == [])
        let both = nameless.replacing(
            "  - {port: 443, targetPort: 8080}\n",
            with: "  - {name: a, port: 80, targetPort: 8080}\n  - {name: b, port: 443, targetPort: 8080}\n")
        #expect(audit(both).lines(of: Self.id) == [37] && audit(both).first(Self.id)?.confidence == .possible)
        // As Argo CD does: one port for both, and the name says so.
        #expect(audit(both.replacing("name: b", with: "name: https")).lines(of: Self.id) == [])
    }
}
