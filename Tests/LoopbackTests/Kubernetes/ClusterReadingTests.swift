import Kubernetes
import Manifests
import NetValues
import Testing
import YAML

@Suite struct ClusterReadingTests {
    private static func pod(_ name: String, _ namespace: String = "shop") -> String {
        "{\"metadata\":{\"name\":\"\(name)\",\"namespace\":\"\(namespace)\",\"managedFields\":[{\"manager\":\"x\"}]},"
            + "\"spec\":{\"containers\":[]}}"
    }

    private static func reading(_ api: FakeAPI, largestAnswer: Int = 1 << 20) async throws -> ManifestSet {
        let world = try await ClusterWorld(api)
        let set = try await world.read(world.access(), largestAnswer: largestAnswer)
        await world.stop()
        return set
    }

    @Test func allPagesOfAList_areRead_byGETAlone() async throws {
        let api = FakeAPI(groups: ["apps/v1": ["deployments"]]) { request in
            if request.path == "/version" { return .json("{\"major\":\"1\",\"minor\":\"20+\"}") }
            guard request.path == "/api/v1/pods" else { return nil }
            let page = Int(request.query["continue"] ?? "0") ?? 0
            let names = (0..<50).map { Self.pod("p\(page)-\($0)") }
            return .list("Pod", names, next: page < 3 ? "\(page + 1)" : "")
        }
        let set = try await Self.reading(api)
        #expect(set.objects.count { $0.isKind("Pod", "") } == 200)
        #expect(set.isComplete && set.hasAll("Pod", "Deployment", "HTTPRoute") && set.notReadable.isEmpty)
        #expect(set.release == 20)
        #expect(set.objects.allSatisfy { $0.root["metadata"]?["managedFields"] == nil && $0.file == nil })
        let requests = api.requests
        #expect(requests.allSatisfy { $0.method == "GET" && $0.fields["accept-encoding"] == nil })
        #expect(requests.filter { $0.path == "/api/v1/pods" }.allSatisfy { $0.query["limit"] == "500" })
        #expect(api.connections <= 2)
    }

    @Test func aKindThatIsNotServed_isNeverAskedFor() async throws {
        let api = FakeAPI(groups: ["apps/v1": ["deployments"], "networking.istio.io/v1": ["gateways"]])
        let set = try await Self.reading(api)
        #expect(set.isComplete && set.notReadable.isEmpty)
        let paths = Set(api.requests.map(\.path))
        #expect(paths.contains("/apis/apps/v1/deployments") && !paths.contains("/apis/apps/v1/statefulsets"))
        #expect(!paths.contains { $0.contains("gateway.networking") || $0.contains("virtualservices") })
    }

    @Test func ofASecret_nothingButItsNameAndCertificateIsKept() async throws {
        let secret = """
            {"metadata":{"name":"web","namespace":"shop","annotations":{"note":"hunter2",
            "kubectl.kubernetes.io/last-applied-configuration":"hunter2"}},"type":"kubernetes.io/tls",
            "data":{"tls.crt":"Q0VSVA==","tls.key":"aHVudGVyMg==","other":"aHVudGVyMg=="},"stringData":{"a":"hunter2"}}
            """
        let opaque = """
            {"metadata":{"name":"db","namespace":"shop"},"type":"Opaque","data":{"password":"aHVudGVyMg=="}}
            """
        let api = FakeAPI { request in
            request.path.hasSuffix("secrets") ? .list("Secret", [secret, opaque]) : nil
        }
        let set = try await Self.reading(api)
        let secrets = set.objects.filter { $0.kind == "Secret" }
        #expect(secrets.map(\.name).sorted() == ["db", "web"])
        #expect(secrets.first { $0.name == "web" }?["data", "tls.crt"]?.text == "Q0VSVA==")
        let shown = String(describing: secrets)
        #expect(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg") && !shown.contains("tls.key"))
        let asked = api.requests.filter { $0.path == "/api/v1/secrets" }
        #expect(asked.count == 2)
        #expect(asked.contains { $0.fields["accept"]?.contains("as=PartialObjectMetadataList") == true })
        #expect(asked.contains { $0.query["fieldSelector"] == "type%3Dkubernetes.io%2Ftls" })
    }

    @Test func whereTheClusterIsForbidden_theOwnNamespaceIsRead_andTheRestTold() async throws {
        let user = "system:serviceaccount:shop:default"
        let api = FakeAPI { request in
            switch request.path {
            case "/api/v1/pods", "/api/v1/secrets", "/api/v1/namespaces/shop/secrets", "/api/v1/nodes":
                .forbidden(user)
            case "/api/v1/namespaces/shop/pods": .list("Pod", [Self.pod("mine")])
            default: nil
            }
        }
        let set = try await Self.reading(api)
        #expect(set.objects.map(\.title) == ["Pod shop/mine"])
        #expect(!set.isComplete && set.hasAll("Service") && !set.hasAll("Pod") && !set.hasAll("Secret"))
        #expect(
            Set(set.notReadable.map { "\($0.what): \($0.why)" }) == [
                "nodes: forbidden to \(user)", "pods outside namespace shop: forbidden to \(user)",
                "secrets: forbidden to \(user), also in namespace shop",
            ])
    }

    @Test func aServerThatIsBusy_isAskedAgain_whenItSays() async throws {
        let api = FakeAPI { request in
            request.number == 1 ? .status(429, "too many", ["Retry-After: 0"]) : nil
        }
        #expect(try await Self.reading(api).isComplete)
        let late = FakeAPI { request in
            request.path == "/api/v1/services" ? .status(429, "too many", ["Retry-After: 600"]) : nil
        }
        let set = try await Self.reading(late)
        #expect(set.notReadable.map { "\($0.what): \($0.why)" } == ["services: HTTP 429: too many"])
        #expect(!set.isComplete && late.requests.count { $0.path == "/api/v1/services" } == 1)
    }

    @Test func aListWhoseSnapshotIsGone_beginsAnew() async throws {
        let api = FakeAPI { request in
            guard request.path == "/api/v1/pods" else { return nil }
            guard request.query["continue"] != nil else {
                return .list("Pod", [Self.pod(request.number < 4 ? "old" : "new")], next: "t\(request.number)")
            }
            return request.number < 6 ? .status(410, "expired") : .list("Pod", [Self.pod("last")])
        }
        let set = try await Self.reading(api)
        let pods = set.objects.filter { $0.kind == "Pod" }.map(\.name)
        #expect(pods.count == 2 && pods.last == "last" && set.isComplete)
    }

    @Test func aFewConfigMaps_areAskedForByName() async throws {
        let api = FakeAPI { request in
            switch request.path {
            case "/api/v1/namespaces":
                .list("Namespace", ["{\"metadata\":{\"name\":\"kube-system\"}}"])
            case "/api/v1/namespaces/kube-system/configmaps/coredns":
                .json(
                    "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"coredns\",\"namespace\":\"kube-system\"},\"data\":{\"Corefile\":\".:53 {}\"}}"
                )
            default: nil
            }
        }
        let set = try await Self.reading(api)
        #expect(set.isComplete)
        #expect(set.objects.first { $0.kind == "ConfigMap" }?["data", "Corefile"]?.text == ".:53 {}")
        let paths = api.requests.map(\.path)
        #expect(!paths.contains { $0.hasSuffix("/configmaps") || $0.contains("istio-system") })
    }

    @Test func aConnectionThatTheServerCloses_isOpenedAgain() async throws {
        let api = FakeAPI { request in
            request.path == "/api/v1/services" ? .last("{\"kind\":\"ServiceList\",\"items\":null}") : nil
        }
        #expect(try await Self.reading(api).isComplete)
        #expect(api.connections >= 2)
    }
}
