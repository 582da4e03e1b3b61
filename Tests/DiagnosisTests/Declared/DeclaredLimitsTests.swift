import Diagnosis
import Manifests
import NetValues
import Observations
import Planning
import Testing
import Wire

/// What manifests do not say, and what is no evidence beside them.
@MainActor @Suite struct DeclaredLimitsTests {
    private static let address = "198.18.9.10"

    private static func service(_ selector: String = "db", clusterIP: String = address) -> String {
        """
        kind: Service
        apiVersion: v1
        metadata: {name: db, namespace: shop}
        spec:
          clusterIP: \(clusterIP)
          selector: {app: \(selector)}
          ports:
          - {port: 5432, targetPort: 5432}
        """
    }

    private static let denied = "\(service())\n---\n\(policy("db", "Ingress"))"

    private func endpoint() throws -> Endpoint { try #require(Endpoint("\(Self.address):5432")) }

    private func silent(also facts: [Fact] = []) throws -> CheckRecord {
        tcp("db", to: try endpoint(), .timedOut, elapsed: .seconds(3), retransmits: 2, also: facts)
    }

    /// The same state, of a cluster whose pods may not be listed.
    private func partlyRead(_ text: String, _ whole: Set<String>) -> DeclaredView {
        var set = declared(text).state.set
        set.wholeKinds = whole
        if !whole.contains("Pod") {
            set.notReadable = [ManifestSet.NotReadable(what: "pods", why: "forbidden")]
        }
        return DeclaredView(
            DeclaredState(set), name: DeclaredState.Name("shop", "web"), namespace: "shop",
            addresses: [ownAddress.address])
    }

    @Test func ofPodsThatCannotBeRead_nothingIsSaid() throws {
        let silent = try silent()
        let judgement = judge(silent, with: partlyRead(Self.service("database"), ["Service"]))
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(judgement.declaredLimits == ["not readable: pods: forbidden"])
        let whole = judge(silent, with: partlyRead(Self.service("database"), ["Service", "Pod"]))
        #expect(whole.ids == ["service-no-endpoints"] && whole.declaredLimits.isEmpty)
    }

    /// What the own namespace alone has is enough for its Services.
    @Test func podsOfTheNamespace_areEnough() throws {
        var set = partlyRead(Self.service("database"), ["Service"]).state.set
        set.wholeKindsInNamespaces = ["shop": ["Pod"]]
        let view = DeclaredView(
            DeclaredState(set), name: DeclaredState.Name("shop", "web"), namespace: "shop", addresses: [])
        #expect(judge(try silent(), with: view).ids == ["service-no-endpoints"])
    }

    /// kube-proxy translates declared ports only: a node may reject all else, or have no route for it.
    @Test func whatElseAServicesAddressAnswers_isNoEvidence() throws {
        let address = try endpoint().address
        let echo = Fact.echo(
            EchoFact(
                address: address, sequence: 0, outcome: .failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3))),
                roundTrip: .milliseconds(1)))
        let datagram = Fact.datagram(
            DatagramFact(
                endpoint: try endpoint(), elapsed: .milliseconds(1),
                outcome: .failed(failure("ENETUNREACH", 101, icmp: icmp(3, 0)))))
        let record = try silent(also: [echo, datagram])
        #expect(judge(record, with: declared(Self.denied)).ids == ["policy-denies-expected-flow"])
        #expect(judge(record, with: declared(Self.service())).ids == ["tcp-filtered-drop"])
        #expect(judge(record).ids != ["tcp-filtered-drop"], "without manifests it is evidence of its own")
        #expect(judge(record, with: declared(Self.service())).checks.first?.record.facts.count { _ in true } == 3)
    }

    /// `check` pings beside what it is asked for.
    @Test func anEchoBeside_toAServicesAddress_measuresNothing() throws {
        let address = try endpoint().address
        func pinged(_ outcome: EchoFact.Outcome, asked: Bool = false) -> CheckRecord {
            let fact = Fact.echo(EchoFact(address: address, sequence: 0, outcome: outcome, roundTrip: nil))
            return record(
                "ping", kind: "icmp", target: .host(.address(address)), asked: asked, [sample(.failed(.echo), [fact])])
        }
        let view = declared(Self.service())
        let rejected = EchoFact.Outcome.failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3)))
        for outcome in [EchoFact.Outcome.lost, rejected] {
            let judgement = judge(tcp("db", to: try endpoint(), .connected), pinged(outcome), with: view)
            #expect(judgement.ids == [])
            #expect(judgement.verdict == .healthy)
            #expect(judgement.status("ping") == .unmeasured)
        }
        #expect(judge(pinged(rejected, asked: true), with: view).status("ping") == .failed)
    }

    @Test func anEndThatRulesMayMean_isNotJudged() throws {
        let other = """
            kind: Pod
            apiVersion: v1
            metadata: {name: ledger, namespace: books, labels: {app: ledger}}
            spec: {containers: []}
            status: {podIP: 198.18.2.9}
            ---
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: out, namespace: shop}
            spec:
              podSelector: {}
              policyTypes: [Egress]
              egress: [{to: [{podSelector: {}, namespaceSelector: {matchLabels: {team: books}}}]}]
            """
        let ledger = try #require(Endpoint("198.18.2.9:5432"))
        let dropped = tcp("ledger", to: ledger, .timedOut, elapsed: .seconds(3), retransmits: 2)
        #expect(judge(dropped, with: declared(other)).ids == ["tcp-filtered-drop"])
        #expect(judge(tcp("ledger", to: ledger, .connected, times: 2), with: declared(other)).ids.isEmpty)
        let known = "kind: Namespace\napiVersion: v1\nmetadata: {name: books, labels: {team: else}}\n---\n\(other)"
        #expect(judge(dropped, with: declared(known)).ids == ["policy-denies-expected-flow"])
    }

    /// The defaults of `check` and of derived plans: one sample.
    @Test func oneHandshake_showsThatNothingIsEnforced() throws {
        for word in [Expectation.Word.reachable, .blocked] {
            let judgement = judge(tcp("db", to: try endpoint(), .connected, expect: word), with: declared(Self.denied))
            #expect(judgement.ids == ["policy-not-enforced"])
        }
    }

    /// Whether an ipBlock means addresses before or after they are translated is left to the plugin.
    @Test func aRangeWithTheServicesAddress_mayLetItPass() throws {
        let rules = "[{to: [{ipBlock: {cidr: \(Self.address)/32}}], ports: [{port: 5432}]}]"
        let text = "\(Self.service())\n---\n\(policy("web", "Egress", rules))"
        #expect(judge(tcp("db", to: try endpoint(), .connected, times: 2), with: declared(text)).ids.isEmpty)
    }

    @Test func anotherPodThanIsSaid_isJudgedWithCare() throws {
        let state = declared(Self.denied).state
        let database = try #require(IPAddress("198.18.2.2"))
        let view = DeclaredView(
            state, name: DeclaredState.Name("shop", "web"), namespace: "shop", addresses: [database])
        #expect(view.contradiction == "shop/db[Pod]")
        #expect(judge(tcp("db", to: try endpoint(), .connected, times: 2), with: view).ids.isEmpty)
        #expect(judge(try silent(), with: view).findings.first?.confidence == .possible)
        #expect(declared(Self.denied).contradiction == nil)
    }

    @Test func aNameWithAnotherAddress_isOfAnotherCluster() throws {
        let host = Host.name(name("db.shop.svc.cluster.local"))
        var record = try silent()
        record = CheckRecord(
            check: Check(
                name: "db", kind: "tcp", target: .hostPort(HostPort(host: host, port: 5432)), samples: 1,
                timeout: .seconds(3), expectation: Expectation()),
            samples: record.samples, ending: .measured, startedAt: .zero)
        let same = judge(record, with: declared(Self.denied))
        #expect(same.ids == ["policy-denies-expected-flow"] && same.declaredLimits.isEmpty)
        let text = "\(Self.service(clusterIP: "198.18.77.10"))\n---\n\(policy("db", "Ingress"))"
        let other = judge(record, with: declared(text))
        #expect(other.ids == ["tcp-filtered-drop"])
        #expect(other.declaredLimits.first?.contains("198.18.77.10") == true)
    }

    @Test func namesThatAreAnsweredAgainstThePolicies_areNotEnforced() throws {
        let server = """
            kind: Service
            apiVersion: v1
            metadata: {name: kube-dns, namespace: kube-system}
            spec: {clusterIP: \(resolverA.address), selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
            spec: {containers: []}
            ---
            """
        let hit = dnsFact(answer(.noError, addresses: [target.address]))
        let only = "[{to: [{podSelector: {matchLabels: {app: db}}}]}]"
        let judgement = judge(dns([hit, hit]), with: declared("\(server)\n\(policy("web", "Egress", only))"))
        #expect(judgement.ids == ["policy-not-enforced"])
        #expect(judge(dns([hit, hit]), with: declared(server + "\n" + policy("web", "Egress", "[{}]"))).ids.isEmpty)
    }
}
