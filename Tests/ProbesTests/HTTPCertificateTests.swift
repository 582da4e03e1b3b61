import NetValues
import Observations
import ProbeTesting
import Testing

@Suite struct CertificateComparisonTests {
    let now = WallTime(seconds: 1_769_860_800)

    func fact(_ change: (inout TLSFact) -> Void = { _ in }) throws -> TLSFact {
        let endpoint = try #require(Endpoint("192.0.2.1:443"))
        let name = try #require(Host("shop.example"))
        var fact = TLSFact(
            endpoint: endpoint, serverName: "shop.example", outcome: .established, elapsed: .zero,
            chain: [.scripted(name: name, now: now)], trustStore: "/etc/ssl/certs", nameMatch: true,
            expectedName: "shop.example")
        change(&fact)
        return fact
    }

    func seen(_ change: (inout TLSFact) -> Void) throws -> String {
        let comparison = try fact(change).certificateComparison(now: now)
        #expect(!comparison.isMet)
        #expect(!comparison.isDeclared)
        #expect(comparison.key == "certificate")
        return comparison.seen
    }

    @Test func goodCertificate_isMet() throws {
        let comparison = try fact().certificateComparison(now: now)
        #expect(comparison.isMet)
        #expect(comparison.expected == "trusted, in date, and for shop.example")
    }

    @Test func expired_saysSinceWhen() throws {
        let words = try seen { fact in
            fact.chain[0].notAfter = now + .seconds(-3 * 86400)
            fact.verification = [
                VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "certificate has expired")
            ]
        }
        #expect(words == "expired 3 days ago (2026-01-28 12:00 UTC)")
    }

    @Test func notYetValid_saysFromWhen() throws {
        let words = try seen { fact in
            fact.chain[0].notBefore = now + .seconds(7200)
            fact.verification = [VerificationProblem(kind: .notYetValid, depth: 0, code: 9, reason: "not yet valid")]
        }
        #expect(words == "not valid before 2026-01-31 14:00 UTC, which is in 2.0 hours")
    }

    @Test func trustProblems_nameTheStore() throws {
        #expect(
            try seen { $0.verification = [VerificationProblem(kind: .selfSigned, depth: 0, code: 18, reason: "x")] }
                == "signed by itself, and not in /etc/ssl/certs")
        #expect(
            try seen { $0.verification = [VerificationProblem(kind: .unknownIssuer, depth: 0, code: 20, reason: "x")] }
                == "issued by CN=Scripted CA, which was neither sent nor is in /etc/ssl/certs")
    }

    @Test func wrongName_saysWhichNamesThereAre() throws {
        let words = try seen { fact in
            fact.chain[0].dnsNames = ["a.example", "b.example", "c.example\u{1b}", "d.example", "e.example"]
            fact.nameMatch = false
        }
        #expect(words == "for a.example, b.example, c.example\\u{1b} and 2 more, not for shop.example")
    }

    @Test func certificateWithoutNames_isNotSavedByItsCommonName() throws {
        let words = try seen { fact in
            fact.chain[0].dnsNames = []
            fact.nameMatch = false
        }
        #expect(words == "names no host but for its common name shop.example, not for shop.example")
    }

    @Test func problems_areAllTold_eachOnce() throws {
        let expired = VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "x")
        let words = try seen { fact in
            fact.chain[0].notAfter = now + .seconds(-60)
            fact.verification = [
                expired, expired, VerificationProblem(kind: .other, depth: 7, code: 1, reason: "odd\n"),
            ]
            fact.nameMatch = false
        }
        #expect(words == "expired 1 min 0 s ago (2026-01-31 11:59 UTC); odd\\n; for shop.example, not for shop.example")
    }

    @Test func noCertificate_isUnmet() throws {
        #expect(try seen { $0.chain = [] } == "no certificate")
    }
}
