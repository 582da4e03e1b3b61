import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@MainActor @Suite struct DeclaredServiceTests {
    private static let address = "198.18.9.10"

    private static func service(_ selector: String, port: Int = 5432, target: String = "5432") -> String {
        """
        kind: Service
        apiVersion: v1
        metadata: {name: db, namespace: shop}
        spec:
          clusterIP: \(address)
          selector: {app: \(selector)}
          ports:
          - {port: \(port), targetPort: \(target)}
        """
    }

    private func refused() throws -> CheckRecord {
        tcp("db", to: try #require(Endpoint("\(Self.address):5432")), .failed(failure("ECONNREFUSED", 111)))
    }

    @Test func aSelectorThatMatchesNothing_isNamedWithItsLine() throws {
        let judgement = judge(try refused(), with: declared(Self.service("database")))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["service-no-endpoints"] && finding.confidence == .certain)
        #expect(finding.location?.object == "Service shop/db" && finding.location?.line == 22)
    }

    @Test func aPortThatTheServiceHasNot_isNamed() throws {
        let judgement = judge(try refused(), with: declared(Self.service("db", port: 5433)))
        #expect(judgement.ids == ["service-port-mismatch"])
        #expect(judgement.findings.first?.summary == "Service shop/db has no port 5432.")
    }

    @Test func aTargetPortThatNoPodHas_isNamed() throws {
        #expect(judge(try refused(), with: declared(Self.service("db", target: "pg"))).ids == ["service-port-mismatch"])
        let other = judge(try refused(), with: declared(Self.service("db", target: "5433")))
        #expect(other.ids == ["service-port-mismatch"] && other.findings.first?.confidence == .likely)
    }

    @Test func aServiceAsItShouldBe_leavesTheRefusalToThePod() throws {
        #expect(judge(try refused(), with: declared(Self.service("db"))).ids == ["tcp-refused"])
    }
}
