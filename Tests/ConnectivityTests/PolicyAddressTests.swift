import Connectivity
import Manifests
import NetValues
import Testing

/// ipBlock, the world outside, and what has the node's address.
@Suite struct PolicyAddressTests {
    private static let block = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}"

    @Test func aBlock_meansItsAddressesWithoutTheExceptions() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [\(Self.block)], ports: [{port: 80}]}]")
        #expect(try policy.allows("10.2.3.4", "a/db", 80) && !policy.allows("10.1.3.4", "a/db", 80))
        #expect(try !policy.allows("11.0.0.1", "a/db", 80) && !policy.allows("fd00::1", "a/db", 80))
    }

    @Test func aRange_isAllowedWhereAllOfItIs() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [\(Self.block)]}]")
        #expect(try !policy.allows("10.0.0.0/8", "a/db", 80) && policy.allows("10.2.0.0/15", "a/db", 80))
        #expect(try !policy.allows("10.0.0.0/15", "a/db", 80) && !policy.allows("external", "a/db", 80))
        let all = PolicyFixture.onDatabase(
            "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}, {ipBlock: {cidr: '::/0'}}]}]"
        )
        #expect(try all.allows("external", "a/db", 80) && all.allows("0.0.0.0/0", "a/db", 80))
    }

    @Test func anExceptionOfOneRule_isNoneOfAnother() throws {
        let policy = PolicyFixture.onDatabase("ingress: [{from: [\(Self.block), {ipBlock: {cidr: 10.1.2.0/24}}]}]")
        #expect(try policy.allows("10.1.2.9", "a/db", 80) && !policy.allows("10.1.3.9", "a/db", 80))
    }

    @Test func aPod_isInABlockByItsAddressAlone() throws {
        let everywhere = "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"
        #expect(try !PolicyFixture.onDatabase(everywhere).allows("a/web", "a/db", 80))
        let text = PolicyFixture.pods.replacing(
            "metadata: {name: web, namespace: b,",
            with: "status: {podIP: 10.9.0.1}\nmetadata: {name: web, namespace: b,")
        let known = PolicyFixture(
            text + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: db, namespace: a}
                spec: {podSelector: {}, ingress: [{from: [\(Self.block)]}]}
                """)
        #expect(try known.allows("b/web", "a/db", 80))
        #expect(known.evaluation.party(at: .v4(.init(bits: 0x0A09_0001))) == (try known.party("b/web")))
    }

    @Test func hostNetworkPods_areSelectedByNothing() throws {
        let policy = PolicyFixture.onDatabase(
            "ingress: [{from: [{namespaceSelector: {}, podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]")
        #expect(try !policy.allows("b/agent", "a/db", 80) && policy.allows("b/web", "a/db", 80))
        let every = PolicyFixture.onDatabase("ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]")
        #expect(try every.allows("b/agent", "a/db", 80))
        let isolated = PolicyFixture(
            PolicyFixture.pods + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: all, namespace: b}
                spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
                """)
        #expect(try isolated.allows("a/web", "b/agent", 80) && isolated.allows("b/agent", "a/web", 80))
        #expect(try !isolated.allows("a/web", "b/web", 80))
    }

    @Test func aPodReachesItself_andItsNodeReachesIt() throws {
        let closed = PolicyFixture(
            """
            kind: Pod
            apiVersion: v1
            metadata: {name: db, namespace: a, labels: {app: db}}
            spec: {nodeName: n1, containers: []}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: agent, namespace: a}
            spec: {nodeName: n1, hostNetwork: true, containers: []}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: far, namespace: a}
            spec: {nodeName: n2, hostNetwork: true, containers: []}
            ---
            kind: Node
            apiVersion: v1
            metadata: {name: n1}
            status: {addresses: [{type: InternalIP, address: 192.0.2.1}, {type: Hostname, address: n1}]}
            ---
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: none, namespace: a}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            """)
        #expect(try closed.verdict("a/db", "a/db", 80).exemption == .itself)
        #expect(try closed.verdict("a/agent", "a/db", 80).exemption == .ownNode)
        #expect(try closed.verdict("a/db", "192.0.2.1", 80).exemption == .ownNode)
        #expect(try !closed.allows("a/far", "a/db", 80) && !closed.allows("a/db", "192.0.2.2", 80))
    }

    @Test func replicas_areOtherPodsThanTheirLike() throws {
        let deployment = PolicyFixture(
            """
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: db, namespace: a}
            spec: {replicas: 2, template: {metadata: {labels: {app: db}}, spec: {containers: []}}}
            ---
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: none, namespace: a}
            spec: {podSelector: {}}
            """)
        #expect(try !deployment.allows("a/db", "a/db", 80))
    }

    @Test(arguments: [
        ("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]", true),
        ("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 81}]}]", false),
        ("ingress: [{from: [{podSelector: {matchLabels: {app: no}}}]}]", false), ("ingress: [{}]", false),
    ])
    func aBlock_mayHoldAPodOfUnknownAddress(spec: String, mayPass: Bool) throws {
        let policy = PolicyFixture.onDatabase(spec)
        let (web, db) = (try policy.party("a/web"), try policy.party("a/db"))
        #expect(policy.evaluation.isUndecided(from: web, to: db, transport: .tcp, port: 80) == mayPass)
    }

    /// Of a namespace that nobody declared the name alone is known.
    @Test(arguments: [
        ("{matchLabels: {team: red}}", true, true), ("{matchLabels: {team: red}}", false, false),
        ("{matchLabels: {team: red, kubernetes.io/metadata.name: c}}", true, true),
        ("{matchLabels: {team: red, kubernetes.io/metadata.name: x}}", true, false),
        ("{matchLabels: {kubernetes.io/metadata.name: x}}", true, false),
    ])
    func aNamespaceOfUnknownLabels_mayBeMeant(selector: String, isUnknown: Bool, mayPass: Bool) throws {
        let namespace = isUnknown ? "" : "kind: Namespace\napiVersion: v1\nmetadata: {name: c}\n---\n"
        let text = """
            \(namespace)kind: Pod
            apiVersion: v1
            metadata: {name: far, namespace: c, labels: {app: far}}
            spec: {containers: []}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: db, namespace: a, labels: {app: db}}
            spec: {containers: []}
            ---
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: db, namespace: a}
            spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: \(selector)}]}]}
            """
        let fixture = PolicyFixture(text)
        let (far, db) = (try fixture.party("c/far"), try fixture.party("a/db"))
        #expect(fixture.evaluation.isUndecided(from: far, to: db, transport: .tcp, port: 80) == mayPass)
        var whole = fixture.state.set
        whole.wholeKinds = ["Namespace"]
        let evaluation = PolicyEvaluation(DeclaredState(whole))
        #expect(!evaluation.isUndecided(from: far, to: db, transport: .tcp, port: 80))
    }

    @Test func aPodThatHasEnded_isNoPod() {
        let ended = PolicyFixture.pods.replacing(
            "metadata: {name: web, namespace: b,",
            with: "status: {phase: Succeeded}\nmetadata: {name: web, namespace: b,")
        #expect(!PolicyFixture(ended).state.workloads.contains { $0.namespace == "b" && $0.name == "web" })
    }
}
