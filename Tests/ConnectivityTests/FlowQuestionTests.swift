import Connectivity
import Manifests
import NetValues
import Testing

/// Questions as they are typed: names, Services, ports, and what is told beside the answer.
@Suite struct FlowQuestionTests {
    private static let shop = PolicyFixture(
        """
        kind: Namespace
        apiVersion: v1
        metadata: {name: shop}
        ---
        kind: Deployment
        apiVersion: apps/v1
        metadata: {name: web, namespace: shop}
        spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}
        ---
        kind: ReplicaSet
        apiVersion: apps/v1
        metadata: {name: web-1, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}
        spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: web-1-a, namespace: shop, labels: {app: web}, ownerReferences: [{kind: ReplicaSet, name: web-1, controller: true}]}
        spec: {containers: [{name: c}]}
        status: {podIP: 10.0.0.9}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: db, namespace: shop, labels: {app: db}}
        spec: {containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: old, namespace: shop}
        spec: {ports: [{name: sql, port: 5432}]}
        ---
        kind: EndpointSlice
        apiVersion: discovery.k8s.io/v1
        metadata: {name: old-1, namespace: shop, labels: {kubernetes.io/service-name: old}}
        endpoints: [{addresses: [192.0.2.7]}, {addresses: [192.0.2.8], conditions: {ready: false}}]
        ports: [{name: sql, port: 6432}]
        ---
        kind: NetworkPolicy
        apiVersion: networking.k8s.io/v1
        metadata: {name: db, namespace: shop}
        spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}
        ---
        kind: NetworkPolicy
        apiVersion: networking.k8s.io/v1
        metadata: {name: web, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          policyTypes: [Ingress, Egress]
          ingress: [{ports: [{port: http}]}]
          egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 6432}]}]
        """)

    private static func ask(_ from: String, _ to: String, _ port: String? = nil) throws -> FlowAnswer {
        let question = try FlowQuestion(shop.evaluation, from: from, to: to, port: port.flatMap { FlowPort($0) })
        return try question.answer()
    }

    private static func mistake(_ from: String, _ to: String, _ port: String? = nil) -> String? {
        do {
            _ = try ask(from, to, port)
            return nil
        } catch {
            return (error as? FlowEnd.Unknown)?.message
        }
    }

    @Test func podsGoByTheirTopmostOwner() throws {
        let answer = try Self.ask("shop/web-1-a", "external", "TCP/80")
        #expect(answer.from == "shop/web[Deployment]" && answer.notes.contains("shop/web-1-a is shop/web[Deployment]"))
        #expect(try Self.ask("10.0.0.9", "external", "80").from == "shop/web[Deployment]")
        #expect(try Self.ask("shop/web[Deployment]", "external", "80").from == "shop/web[Deployment]")
    }

    @Test func aService_isItsEndpointsAndTheirPorts() throws {
        let answer = try Self.ask("192.0.2.1", "shop/service/web", "TCP/80")
        #expect(answer.isAllowed && answer.flows.map(\.port) == [8080])
        #expect(answer.decidedBy.map(\.rule) == [0])
        #expect(try Self.ask("192.0.2.1", "10.96.0.1", "80").to == "shop/service/web")
        let kept = try Self.ask("shop/web", "shop/service/old", "TCP/5432")
        #expect(kept.isAllowed && kept.flows.map(\.port) == [6432])
    }

    @Test func aNamedPort_isThePods() throws {
        let answer = try Self.ask("external", "shop/web", "TCP/http")
        #expect(answer.isAllowed && answer.flows.map(\.port) == [8080])
        #expect(Self.mistake("external", "shop/web", "UDP/http")?.contains("there are TCP/http") == true)
    }

    @Test func withoutAPort_allThatMayPassIsTold() throws {
        #expect(try Self.ask("shop/db", "shop/web").ports?.description == "TCP/8080")
        let denied = try Self.ask("shop/web", "shop/db")
        #expect(!denied.isAllowed && denied.decidedBy.map(\.policy) == ["shop/web", "shop/db"])
    }

    @Test(arguments: [
        ("shop/wbe", "external", "did you mean shop/web?"), ("web", "external", "did you mean shop/web?"),
        ("other/web", "external", "did you mean shop/web?"), ("shop/old", "external", "did you mean shop/service/old?"),
        ("shop/service/web", "external", "a Service sends nothing by itself"),
        ("external", "shop/service/wbe", "did you mean shop/service/web?"),
        ("10.1.0.0/8", "shop/web", "10.0.0.0/8 is meant"),
    ])
    func whatIsUnknown_isToldWithWhatWasMeant(from: String, to: String, hint: String) {
        #expect(Self.mistake(from, to, "80")?.contains(hint) == true, "\(Self.mistake(from, to, "80") ?? "-")")
    }

    @Test func aPortThatTheServiceLacks_isAMistake() {
        #expect(Self.mistake("external", "shop/service/web", "81")?.contains("it has TCP/80") == true)
    }

    /// Applied beside the others, the policies that are offered let the flow pass.
    @Test(arguments: [
        ("shop/web", "shop/db", "TCP/5432"), ("198.18.0.1", "shop/db", "UDP/53"), ("shop/web", "external", "TCP/443"),
    ])
    func patches_allowTheFlow(from: String, to: String, port: String) throws {
        let denied = try Self.ask(from, to, port)
        #expect(!denied.isAllowed && !denied.patches.isEmpty)
        let objects = Self.shop.state.set
        let patched = PolicyFixture(denied.patches.joined(separator: "\n---\n"), file: "patch.yaml")
        var all = objects
        all.add(patched.state.set)
        let evaluation = PolicyEvaluation(DeclaredState(all))
        #expect(evaluation.refused.isEmpty)
        #expect(try FlowQuestion(evaluation, from: from, to: to, port: FlowPort(port)).answer().isAllowed)
    }

    /// Under a default deny the patch is for the two pods, once a direction, and opens nothing for others.
    @Test func patches_areForThePodsOfTheFlow() throws {
        let text = """
            \(PolicyFixture.pods)kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: deny-all, namespace: a}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            ---
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: allow-dns, namespace: a}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}
            """
        let answer = try FlowQuestion(
            PolicyFixture(text).evaluation, from: "a/web", to: "a/db", port: FlowPort("TCP/5432")
        ).answer()
        let patched = PolicyFixture(answer.patches.joined(separator: "\n---\n"))
        #expect(
            answer.patches.count == 2
                && patched.state.policies.map(\.name).sorted() == [
                    "db-allow-ingress-web-5432", "web-allow-egress-db-5432",
                ])
        let all = PolicyFixture("\(text)\n---\n\(answer.patches.joined(separator: "\n---\n"))")
        #expect(try all.allows("a/web", "a/db", 5432))
        #expect(try !all.allows("a/web", "b/web", 5432) && !all.allows("a/db", "a/web", 5432))
        #expect(try !all.allows("b/web", "a/db", 5432) && !all.allows("a/web", "a/db", 5433))
    }

    @Test func ofARange_thePartThatMayPassIsTold() throws {
        let answer = try Self.ask("shop/web", "192.0.0.0/16", "TCP/6432")
        #expect(!answer.isAllowed && answer.notes.contains("a part of it may pass: 192.0.2.0/24"))
    }

    private static func database(_ service: String, _ policy: String) -> PolicyEvaluation {
        PolicyFixture(
            PolicyFixture.pods + """
                kind: Service
                apiVersion: v1
                metadata: {name: db, namespace: a}
                spec: {\(service), selector: {app: db}}
                ---
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: db, namespace: a}
                spec: {podSelector: {matchLabels: {app: db}}, \(policy)}
                """
        ).evaluation
    }

    /// Clients of a headless Service have the pods' addresses: the packet keeps its port.
    @Test(arguments: [("None", 80, true), ("None", 8080, false), ("10.96.0.2", 8080, true), ("10.96.0.2", 80, false)])
    func theTargetPort_isForServicesWithAnAddress(address: String, port: Int, isAllowed: Bool) throws {
        let evaluation = Self.database(
            "clusterIP: \(address), ports: [{port: 80, targetPort: 8080}]", "ingress: [{ports: [{port: \(port)}]}]")
        let question = try FlowQuestion(
            evaluation, from: "a/web", to: "a/service/db", port: FlowPort("TCP/80"))
        #expect(try question.answer().isAllowed == isAllowed)
    }

    @Test(arguments: [("80", true), ("443", false)])
    func withoutAPort_aServiceMayBeReached_whereAnyOfItsPortsMay(port: String, isAllowed: Bool) throws {
        let ports = "ports: [{name: a, port: 80}, {name: b, port: 81}]"
        let evaluation = Self.database(ports, "ingress: [{ports: [{port: \(port)}]}]")
        let answer = try FlowQuestion(evaluation, from: "a/web", to: "a/service/db", port: nil).answer()
        #expect(answer.isAllowed == isAllowed)
        #expect(answer.notes.contains { $0.contains("of 2 ports only TCP/80") } == isAllowed)
    }

    @Test func ofTwoFamilies_theOneThatMayPassIsTold() throws {
        let pods = PolicyFixture.pods.replacing(
            "metadata: {name: db, namespace: a,",
            with: "status: {podIPs: [{ip: 10.0.0.7}, {ip: 'fd00:18::7'}]}\nmetadata: {name: db, namespace: a,")
        let evaluation = PolicyFixture(
            pods + """
                kind: NetworkPolicy
                apiVersion: networking.k8s.io/v1
                metadata: {name: web, namespace: a}
                spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 'fd00::/8'}}]}]}
                """
        ).evaluation
        let answer = try FlowQuestion(evaluation, from: "a/web", to: "a/db", port: FlowPort("80")).answer()
        #expect(answer.isAllowed && answer.notes.contains { $0.contains("only by IPv6") })
    }

    @Test(arguments: [("80", true), ("+80", false), ("0x50", false), ("http", false)])
    func aPort_isANumberOfDigitsOnly(text: String, isNumber: Bool) {
        #expect(FlowPort(text)?.number == (isNumber ? .number(80) : .named(text)))
    }
}
