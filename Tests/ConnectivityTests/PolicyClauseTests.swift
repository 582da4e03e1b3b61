import Connectivity
import Manifests
import Testing

/// Each clause of the API's text (NetworkPolicySpec, networking.k8s.io/v1), one at a time.
@Suite struct PolicyClauseTests {
    @Test func withoutPolicies_everythingPasses() throws {
        let open = PolicyFixture(PolicyFixture.pods)
        #expect(try open.allows("a/web", "a/db", 1) && open.allows("external", "b/web", 9, .sctp))
        #expect(try open.verdict("a/web", "a/db", 1).decidedBy.isEmpty)
        #expect(try open.ports("a/web", "external") == "all ports")
    }

    @Test func aSelectedPod_isIsolatedInTheDirectionsOfThePolicyAlone() throws {
        let ingress = PolicyFixture.onDatabase("policyTypes: [Ingress]")
        #expect(try !ingress.allows("a/web", "a/db", 80) && ingress.allows("a/db", "a/web", 80))
        let egress = PolicyFixture.onDatabase("policyTypes: [Egress]")
        #expect(try egress.allows("a/web", "a/db", 80) && !egress.allows("a/db", "a/web", 80))
    }

    @Test func withoutPolicyTypes_egressNeedsRulesOfIt() throws {
        let none = PolicyFixture.onDatabase("ingress: []")
        #expect(try !none.allows("a/web", "a/db", 80) && none.allows("a/db", "a/web", 80))
        let some = PolicyFixture.onDatabase("egress: [{to: [{podSelector: {matchLabels: {app: nobody}}}]}]")
        #expect(try !some.allows("a/web", "a/db", 80) && !some.allows("a/db", "a/web", 80))
    }

    @Test func rulesOfADirectionThatIsNotIsolated_areNotApplied() throws {
        let policy = PolicyFixture.onDatabase("policyTypes: [Egress]\ningress: [{from: []}]\negress: [{}]")
        #expect(try policy.verdict("a/web", "a/db", 80).ingress == .open)
    }

    @Test func anEmptyRule_allowsAll_andAMissingListNone() throws {
        #expect(try PolicyFixture.onDatabase("ingress: [{}]").ports("external", "a/db") == "all ports")
        #expect(
            try PolicyFixture.onDatabase("ingress: [{from: [], ports: []}]").ports("b/agent", "a/db") == "all ports")
        #expect(try PolicyFixture.onDatabase("ingress:").ports("a/web", "a/db") == "no port")
    }

    @Test func aPodSelector_meansTheOwnNamespace() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]")
        #expect(try policy.allows("a/web", "a/db", 80) && !policy.allows("b/web", "a/db", 80))
        #expect(try !policy.allows("external", "a/db", 80))
    }

    @Test func aNamespaceSelector_meansAllPodsOfSuchNamespaces() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]")
        #expect(try !policy.allows("a/web", "a/db", 80) && policy.allows("b/web", "a/db", 80))
        let all = PolicyFixture.onDatabase("ingress: [{from: [{namespaceSelector: {}}]}]")
        #expect(try all.allows("a/web", "a/db", 80) && all.allows("b/web", "a/db", 80))
        #expect(try !all.allows("external", "a/db", 80))
    }

    @Test func everyNamespace_hasItsNameAsALabel() throws {
        let policy = PolicyFixture.onDatabase(
            "ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]")
        #expect(try policy.allows("b/web", "a/db", 80) && !policy.allows("a/web", "a/db", 80))
    }

    @Test func bothSelectorsInOnePeer_mustHold_inTwoPeersEither() throws {
        let both = PolicyFixture.onDatabase(
            "ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: db}}}]}]"
        )
        #expect(try !both.allows("b/web", "a/db", 80))
        let either = PolicyFixture.onDatabase(
            "ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}, {podSelector: {matchLabels: {app: web}}}]}]"
        )
        #expect(try either.allows("b/web", "a/db", 80) && either.allows("a/web", "a/db", 80))
    }

    @Test func aNullSelector_isNone() throws {
        let policy = PolicyFixture.onDatabase(
            "ingress:\n- from:\n  - podSelector: {matchLabels: {app: web}}\n    namespaceSelector:")
        #expect(try policy.allows("a/web", "a/db", 80) && !policy.allows("b/web", "a/db", 80))
        #expect(
            PolicyFixture.onDatabase("ingress:\n- from:\n  - podSelector:").evaluation.refused.map(\.name) == ["db"])
    }

    @Test(arguments: [
        ("{key: tier, operator: In, values: [front, mid]}", true),
        ("{key: tier, operator: NotIn, values: [back]}", true),
        ("{key: absent, operator: NotIn, values: [x]}", true), ("{key: tier, operator: Exists}", true),
        ("{key: absent, operator: DoesNotExist}", true), ("{key: tier, operator: In, values: [back]}", false),
        ("{key: tier, operator: NotIn, values: [front]}", false), ("{key: absent, operator: Exists}", false),
        ("{key: tier, operator: DoesNotExist}", false),
    ])
    func expressions_selectAsTheySay(expression: String, isSelected: Bool) throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [{podSelector: {matchExpressions: [\(expression)]}}]}]")
        #expect(try policy.allows("a/web", "a/db", 80) == isSelected)
    }

    @Test func ports_areOfTheirProtocol_withoutOneTCP() throws {
        let policy = PolicyFixture.onDatabase(
            "ingress: [{ports: [{port: 80}, {port: 53, protocol: UDP}, {protocol: SCTP}, {port: 8000, endPort: 8010}]}]"
        )
        #expect(try policy.ports("a/web", "a/db") == "TCP/80, TCP/8000-8010, UDP/53, SCTP/all")
        #expect(try policy.allows("a/web", "a/db", 8010) && !policy.allows("a/web", "a/db", 8011))
        #expect(try !policy.allows("a/web", "a/db", 80, .udp) && policy.allows("a/web", "a/db", 7, .sctp))
    }

    @Test func aNamedPort_isThatOfTheDestination() throws {
        let ingress = PolicyFixture.onDatabase(
            "ingress: [{ports: [{port: http}, {port: dns, protocol: UDP}, {port: none}]}]")
        #expect(try ingress.ports("a/web", "a/db") == "TCP/8080, UDP/53")
        #expect(try PolicyFixture.onDatabase("ingress: [{ports: [{port: dns}]}]").ports("a/web", "a/db") == "no port")
        let egress = PolicyFixture.onDatabase("policyTypes: [Egress]\negress: [{ports: [{port: http}]}]")
        #expect(try egress.ports("a/db", "a/web") == "TCP/80")
        #expect(try egress.ports("a/db", "b/web") == "no port" && egress.ports("a/db", "external") == "no port")
    }

    @Test func rulesOfSeveralPolicies_areTakenTogether() throws {
        let two = PolicyFixture(
            PolicyFixture.pods + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: one, namespace: a}
                spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}
                ---
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: two, namespace: a}
                spec: {podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 81}]}, {ports: [{port: 80}]}]}
                """)
        #expect(try two.ports("b/web", "a/db") == "TCP/80-81" && two.ports("b/web", "a/web") == "TCP/80")
        let verdict = try two.verdict("b/web", "a/db", 80)
        #expect(verdict.decidedBy.map { "\($0.policy) \($0.rule ?? -1)" } == ["a/one 0", "a/two 1"])
        let denied = try two.verdict("b/web", "a/db", 82)
        #expect(denied.decidedBy.map(\.rule) == [nil, nil] && denied.deniedDirections == [.ingress])
    }

    @Test func bothEnds_mustLetItPass() throws {
        let both = PolicyFixture(
            PolicyFixture.pods + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: all, namespace: a}
                spec:
                  podSelector: {}
                  policyTypes: [Ingress, Egress]
                  ingress: [{ports: [{port: 80, endPort: 90}]}]
                  egress: [{ports: [{port: 85, endPort: 95}]}]
                """)
        #expect(try both.ports("a/web", "a/db") == "TCP/85-90" && both.ports("b/web", "a/db") == "TCP/80-90")
        #expect(try both.verdict("a/web", "a/db", 1).deniedDirections == [.egress, .ingress])
    }

    @Test func aPolicyTheAPIRefuses_isNotThere() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]")
        #expect(try policy.allows("a/web", "a/db", 80))
        #expect(policy.evaluation.refused.map(\.name) == ["db"])
    }

    /// Read leniently, each of them would mean more than was written.
    @Test(arguments: [
        "ingress: [{from: {podSelector: {matchLabels: {app: web}}}}]", "ingress: [{from: none}]",
        "ingress: [{ports: {port: 81}}]", "ingress: {from: []}", "ingress: [{from: [{podSelector: {app: web}}]}]",
        "ingress: [{form: [{podSelector: {}}]}]", "ingress: [{port: [{port: 81}]}]", "policyTypes: [ingress]",
        "ingress: [{ports: [{port: '80'}]}]", "ingres: []", "egress: [{from: []}]",
        "ingress: [{ports: [{port: a-name-that-is-too-long}]}]",
    ])
    func whatTheAPIRefuses_isNoPolicy(spec: String) throws {
        let policy = PolicyFixture.onDatabase(spec)
        #expect(policy.evaluation.refused.map(\.name) == ["db"])
        #expect(try policy.allows("b/web", "a/db", 80))
    }

    @Test func ofTwoPoliciesOfOneName_theLastCounts() throws {
        let policy = { (rules: String) in
            "kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: {name: db, namespace: a}\n"
                + "spec: {podSelector: {}, ingress: \(rules)}\n---\n"
        }
        let closed = PolicyFixture(PolicyFixture.pods + policy("[{}]") + policy("[]"))
        #expect(try !closed.allows("a/web", "a/db", 80))
        #expect(closed.evaluation.replaced.map(\.name) == ["db"])
        let open = PolicyFixture(PolicyFixture.pods + policy("[]") + policy("[{}]"))
        #expect(try open.allows("a/web", "a/db", 80))
    }
}
