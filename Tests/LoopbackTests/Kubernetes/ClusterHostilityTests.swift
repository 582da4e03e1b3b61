import FaultServers
import Kubernetes
import LinuxIO
import Manifests
import NetValues
import StreamTransport
import Testing

@Suite struct ClusterHostilityTests {
    @Test(
        "What is no list is told, and the rest is read",
        arguments: [
            (APIReply.json("{\"kind\":\"PodList\",\"items\":"), "no JSON"),
            (.json(String(repeating: "[", count: 100_000)), "no JSON"),
            (.json("{\"kind\":\"ServiceList\",\"items\":[]}"), "no list of Pod"),
            (.json("{\"kind\":\"PodList\",\"items\":{}}"), "no list of Pod"),
            (.json("[]"), "no list of Pod"),
            (.json("{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"same\"},\"items\":[]}"), "again and again"),
            (.status(302, "elsewhere", ["Location: https://127.0.0.1:1/"]), "redirect"),
            (.status(500, "oops \\u001b[31m"), "HTTP 500: oops \\u{1b}[31m"),
        ])
    func badLists(_ reply: APIReply, _ words: String) async throws {
        let api = FakeAPI { $0.path == "/api/v1/pods" ? reply : nil }
        let world = try await ClusterWorld(api)
        let set = try await world.read(world.access())
        await world.stop()
        #expect(set.notReadable.count == 1 && set.notReadable.first?.what == "pods")
        #expect(set.notReadable.first?.why.contains(words) == true, "\(set.notReadable)")
        #expect(!set.isComplete && set.hasAll("Service"))
    }

    @Test func itemsThatAreNoObjects_areLeftOut() async throws {
        let api = FakeAPI { request in
            guard request.path == "/api/v1/pods" else { return nil }
            return .json(
                "{\"kind\":\"PodList\",\"items\":[1,null,[],{},{\"metadata\":{}},{\"metadata\":{\"name\":7}},"
                    + "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":\"b\"}}]}")
        }
        let world = try await ClusterWorld(api)
        let set = try await world.read(world.access())
        await world.stop()
        #expect(set.objects.map(\.title) == ["Pod x"])
    }

    @Test(
        "An answer that is none ends it, with the place and a fix",
        arguments: [
            (APIReply.endless, "more than 1 MiB"),
            (.raw("SSH-2.0-OpenSSH\r\n"), "does not speak HTTP/1.1"),
            (.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "broke off its answer"),
            (.raw(""), "broke off its answer"),
            (.json("<html>"), "not with JSON"),
            (.json("{\"kind\":\"PodList\"}"), "not as a Kubernetes API server"),
            (.status(404, "nothing here"), "HTTP 404: nothing here"),
            (.status(302, "elsewhere"), "redirect, which is not followed"),
        ])
    func badDiscovery(_ reply: APIReply, _ words: String) async throws {
        let world = try await ClusterWorld(FakeAPI { _ in reply })
        let problem = try await world.problem(world.access())
        await world.stop()
        #expect(problem?.cause.contains(words) == true, "\(problem.map(\.description) ?? "none")")
        #expect(problem?.kind == .inability && problem?.place.hasPrefix(world.address) == true)
    }

    @Test func aServerThatQuotesOurToken_isNotQuoted() async throws {
        let api = FakeAPI { request in
            .status(401, "bad \(request.fields["authorization"] ?? "")")
        }
        let world = try await ClusterWorld(api)
        let problem = try await world.problem(world.access(user: "{token: s3cr3t-t0k3n}"))
        await world.stop()
        #expect(problem?.cause == "does not take the token (401)")
        #expect(problem?.description.contains("s3cr3t") == false)
    }

    @Test func aServerThatIsNotTheRightOne_hearsNoToken() async throws {
        for (change, words) in [
            ("insecure-skip-tls-verify: false", "not to be trusted"),
            ("certificate-authority: ca.crt, tls-server-name: other.test", "not for other.test"),
        ] {
            let api = FakeAPI()
            let world = try await ClusterWorld(api)
            let problem = try await world.problem(world.access(cluster: change))
            await world.stop()
            #expect(problem?.cause.contains(words) == true, "\(problem.map(\.description) ?? "none")")
            #expect(api.requests.isEmpty)
        }
    }

    @Test func anExpiredServer_isNamedSo() async throws {
        let api = FakeAPI()
        let world = try await ClusterWorld(api) { settings, tls in
            let old = try tls.leaf(by: tls.root) { $0.notAfter = .now + .seconds(-3600) }
            settings.chain = [old.certificate]
            settings.key = old.key
        }
        let problem = try await world.problem(world.access())
        #expect(problem?.cause.hasPrefix("its certificate has expired (20") == true && api.requests.isEmpty)
        let skipped = try world.access(cluster: "insecure-skip-tls-verify: true")
        #expect(try await world.read(skipped).isComplete)
        await world.stop()
    }

    @Test func aServerThatIsNotThere_isToldWithItsAddress() async throws {
        let world = try await ClusterWorld(FakeAPI())
        // Port 1 (tcpmux): nobody listens there.
        let problem = try await world.problem(world.access(server: "https://127.0.0.1:1"))
        await world.stop()
        #expect(problem?.cause == "cannot be reached: 127.0.0.1:1: refused")
        #expect(problem?.kind == .inability && problem?.fix.contains("leadsman check tls://") == true)
    }
}
