import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Observations
import Planning
import Testing

@MainActor @Suite struct DeclaredPolicyTests {
    private static let toDB = "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]"

    private func silent() -> CheckRecord { tcp(.timedOut, elapsed: .seconds(3), retransmits: 2) }

    @Test func aFlowThatIsDeniedAndSilent_isThePolicys() throws {
        let judgement = judge(silent(), with: declared(policy("db", "Ingress")))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["policy-denies-expected-flow"] && finding.confidence == .certain)
        #expect(finding.summary.contains("shop/web[Pod] to shop/db[Pod]: ingress of shop/db[Pod] does not allow it"))
        #expect(finding.location?.object == "NetworkPolicy shop/db-policy" && finding.location?.file == "shop.yaml")
    }

    /// The patch makes of the denied flow an allowed one.
    @Test(arguments: [("db", "Ingress"), ("web", "Egress")])
    func thePatch_letsItPass(_ app: String, _ direction: String) throws {
        let written = policy(app, direction)
        let finding = try #require(judge(silent(), with: declared(written)).findings.first)
        let patched = declared("\(written)\n---\n\(try #require(finding.patch))")
        #expect(judge(silent(), with: patched).ids == ["tcp-filtered-drop"])
    }

    /// A closed UDP port beside it shows that the host is up, and nothing of the flow.
    @Test func aDatagramBeside_isAnotherFlow() {
        let closed = Fact.datagram(
            DatagramFact(
                endpoint: target, elapsed: .milliseconds(1),
                outcome: .failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3, from: target.address)))))
        let record = tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [closed])
        #expect(judge(record, with: declared(policy("db", "Ingress"))).ids == ["policy-denies-expected-flow"])
    }

    @Test func bothSides_areNamed() throws {
        let view = declared("\(policy("db", "Ingress"))\n---\n\(policy("web", "Egress"))")
        let finding = try #require(judge(silent(), with: view).findings.first)
        #expect(finding.summary.contains("egress of shop/web[Pod] and ingress of shop/db[Pod] do not allow it"))
    }

    @Test("A silence that the policies allow, or that nobody declared, stays what it was")
    func lookalikes() {
        #expect(judge(silent(), with: declared(policy("db", "Ingress", Self.toDB))).ids == ["tcp-filtered-drop"])
        #expect(judge(silent(), with: declared("")).ids == ["tcp-filtered-drop"])
        #expect(judge(silent()).ids == ["tcp-filtered-drop"])
        let refused = tcp(.failed(failure("ECONNREFUSED", 111)))
        #expect(judge(refused, with: declared(policy("db", "Ingress"))).ids == ["tcp-refused"])
    }

    @Test func aFlowThatIsDeniedAndPasses_isNotEnforced() throws {
        let passing = tcp("db", .connected, expect: .blocked, times: 2)
        let judgement = judge(passing, with: declared(policy("db", "Ingress")))
        #expect(judgement.ids == ["policy-not-enforced"] && judgement.findings.first?.severity == .critical)
        #expect(judge(passing, with: declared("")).ids == ["flow-not-blocked"])
        #expect(judge(tcp("db", .connected, times: 2), with: declared(policy("db", "Ingress", Self.toDB))).ids.isEmpty)
        #expect(
            judge(
                tcp("db", .timedOut, elapsed: .seconds(3), expect: .blocked, times: 2),
                with: declared(policy("db", "Ingress"))
            ).ids.isEmpty)
    }

    @Test func aVantageThatNobodyKnows_isNotJudgedByPolicies() {
        let view = DeclaredView(
            declared(policy("db", "Ingress")).state, name: nil, namespace: nil, addresses: [])
        #expect(judge(silent(), with: view).ids == ["tcp-filtered-drop"])
    }

    @Test func silentDNS_thatIsNotAllowed_isThePolicys() throws {
        let silent = dns([
            dnsFact(.timedOut), dnsFact(.timedOut), dnsFact(transport: .tcp, step: .contrast, .timedOut),
        ])
        let judgement = judge(
            silent,
            with: declared(
                policy("web", "Egress", "[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]")))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["policy-missing-dns-egress"] && finding.confidence == .certain)
        let patch = try #require(finding.patch)
        let policy = try #require(
            DeclaredState(ManifestReader.read(Array(patch.utf8), file: "p.yaml")).policies.first)
        #expect(policy.egress.first?.ports?.map(\.transport) == [.udp, .tcp])
        #expect(judge(silent, with: declared(policyAllowingDNS)).ids == ["dns-server-unreachable"])
        #expect(judge(silent, with: declared("")).ids == ["dns-server-unreachable"])
    }

    /// The DNS pods are in no manifest, and the usual rule allows them: whether the server's address is theirs nobody knows.
    @Test func silentDNS_thatARuleForPodsMayMean_staysUnexplained() {
        let silent = dns([
            dnsFact(.timedOut), dnsFact(.timedOut), dnsFact(transport: .tcp, step: .contrast, .timedOut),
        ])
        let usual = policy(
            "web", "Egress",
            "[{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {port: 53}]}]"
        )
        #expect(judge(silent, with: declared(usual)).ids == ["dns-server-unreachable"])
    }

    private var policyAllowingDNS: String {
        policy("web", "Egress", "[{ports: [{protocol: UDP, port: 53}, {port: 53}]}]")
    }

    @Test func anEnvironmentThatReachesAnother_isABreach() throws {
        let production = """
            kind: Namespace
            apiVersion: v1
            metadata: {name: prod, labels: {environment: production}}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: ledger, namespace: prod, labels: {app: ledger}}
            spec: {containers: []}
            status: {podIP: 198.18.2.9}
            """
        let ledger = try #require(Endpoint("198.18.2.9:5432"))
        let passing = tcp("ledger", to: ledger, .connected, expect: .blocked, times: 2)
        let judgement = judge(passing, with: declared(production))
        #expect(judgement.ids == ["env-isolation-breach"])
        #expect(judgement.findings.first?.summary.contains("staging reaches production") ?? false)
        #expect(judge(passing).ids == ["flow-not-blocked"])
    }
}
