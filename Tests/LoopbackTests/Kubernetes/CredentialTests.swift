import FaultServers
import Kubernetes
import LinuxIO
import Manifests
import NetValues
import StreamTransport
import Synchronization
import Testing

@Suite struct CredentialTests {
    /// Takes one token only.
    private static func api(_ token: String) -> FakeAPI {
        FakeAPI { request in
            request.fields["authorization"] == "Bearer \(token)" ? nil : .status(401, "Unauthorized")
        }
    }

    @Test func aTokenFile_isReadAnew() async throws {
        let folder = Mailbox()
        let api = FakeAPI { request in
            guard request.number > 2 else { return nil }
            // Rotated while it is in use.
            if request.number == 3 { folder.world?.replaceToken("second") }
            return request.fields["authorization"] == "Bearer second" ? nil : .status(401, "Unauthorized")
        }
        let world = try await ClusterWorld(api)
        folder.world = world
        try world.write("token", "first\n")
        let set = try await world.read(world.access(user: "{tokenFile: token}"))
        await world.stop()
        folder.world = nil
        #expect(set.isComplete)
        #expect(api.requests.first?.fields["authorization"] == "Bearer first")
    }

    @Test func thePodsServiceAccount_isTaken_whereThereIsNoKubeconfig() async throws {
        let api = Self.api("of-the-pod")
        let world = try await ClusterWorld(api)
        try world.write("token", "of-the-pod")
        try world.write("namespace", "shop")
        let variables = ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(world.port)"]
        let locator = ClusterLocator(
            kubeconfig: nil, context: nil, environment: { variables[$0] }, serviceAccount: world.folder)
        let access = try locator.locate()
        #expect(access.namespace == "shop" && access.origin == "the service account of this pod")
        #expect(try await world.read(access).isComplete)
        await world.stop()
    }

    @Test func aClientCertificate_isShown() async throws {
        let world = try await ClusterWorld(FakeAPI()) { settings, tls in
            settings.clientCertificates = .required(authorities: [tls.root.certificate])
        }
        let client = try CertificateFactory.issue(CertificateFactory.Content(commonName: "me"), by: world.tls.root)
        try world.write("client.crt", client.certificatePEM)
        try world.write("client.key", client.keyPEM)
        let user = "{client-certificate: client.crt, client-key: client.key}"
        #expect(try await world.read(world.access(user: user)).isComplete)
        let refused = try await world.problem(world.access(user: "{}"))
        #expect(refused?.cause.contains("certificate") == true, "\(refused.map(\.description) ?? "none")")
        // A key of somebody else.
        try world.write("client.key", world.tls.root.keyPEM)
        let wrong = try await world.problem(world.access(user: user))
        #expect(wrong?.cause.contains("client key") == true, "\(wrong.map(\.description) ?? "none")")
        #expect(wrong?.description.contains("PRIVATE") == false)
        await world.stop()
    }

    @Test func aClientCertificateThatHasEnded_isNamedSo() async throws {
        let world = try await ClusterWorld(FakeAPI { _ in .status(401, "Unauthorized") })
        var content = CertificateFactory.Content(commonName: "me")
        content.notAfter = .now + .seconds(-7200)
        let client = try CertificateFactory.issue(content, by: world.tls.root)
        try world.write("client.crt", client.certificatePEM)
        try world.write("client.key", client.keyPEM)
        let problem = try await world.problem(
            world.access(user: "{client-certificate: client.crt, client-key: client.key}"))
        #expect(
            problem?.cause == "does not take the client certificate (401: Unauthorized; it ended 2.0 hours ago)",
            "\(problem.map(\.description) ?? "none")")
        await world.stop()
    }

    // MARK: Plug-ins

    private static func answer(_ status: String, version: String = "v1") -> String {
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/\(version)\",\"status\":\(status)}"
    }

    /// By the shell: a script that was just written may still be open in a child that another test begins.
    private static func user(_ world: ClusterWorld, _ more: String = "", version: String = "v1") -> String {
        "{exec: {apiVersion: client.authentication.k8s.io/\(version), command: sh, "
            + "args: [\(world.folder)/plugin, a, b c], env: [{name: WHO, value: me}]\(more)}}"
    }

    @Test(arguments: ["v1", "v1beta1"]) func aPlugin_givesTheToken(version: String) async throws {
        let api = Self.api("from-the-plugin")
        let world = try await ClusterWorld(api)
        try world.write(
            "plugin",
            """
            [ "$1/$2/$WHO" = "a/b c/me" ] || exit 9
            case "$KUBERNETES_EXEC_INFO" in *'"server":"\(world.address)"'*) ;; *) exit 8;; esac
            echo '\(Self.answer("{\"token\":\"from-the-plugin\"}", version: version))'
            """)
        let user = Self.user(world, ", provideClusterInfo: true, interactiveMode: IfAvailable", version: version)
        #expect(try await world.read(world.access(user: user)).isComplete)
        await world.stop()
    }

    @Test(
        "What a plug-in does wrong is told with its place and without its output",
        arguments: [
            ("echo token t0k3n is bad >&2; exit 4", "ended with status 4, and wrote to standard error"),
            ("kill -9 $$", "ended with status 137"),
            ("echo token-t0k3n", "wrote no JSON"),
            ("echo '{\"kind\":\"Other\",\"x\":\"t0k3n\"}'", "wrote no ExecCredential"),
            ("echo '\(answer("{}"))'", "gave neither"),
            ("echo '\(answer("{}", version: "v1beta1"))'", "another apiVersion"),
            (
                "echo '\(answer("{\"token\":\"t0k3n\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}"))'",
                "have ended already"
            ),
            ("head -c 2000000 /dev/zero", "more than 1 MiB"),
            ("yes t0k3n", "more than 1 MiB"),
        ])
    func brokenPlugins(_ script: String, _ words: String) async throws {
        let world = try await ClusterWorld(FakeAPI())
        try world.write("plugin", script)
        let problem = try await world.problem(world.access(user: Self.user(world)))
        await world.stop()
        #expect(problem?.cause.contains(words) == true, "\(problem.map(\.description) ?? "none")")
        #expect(problem?.place == "\(world.folder)/config:4:32" && problem?.description.contains("t0k3n") == false)
    }

    @Test func aPluginThatIsNotInstalled_isToldWithItsHint() async throws {
        let world = try await ClusterWorld(FakeAPI())
        let problem = try await world.problem(
            world.access(
                user:
                    "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./gone, installHint: apt install plugin}}"
            ))
        await world.stop()
        #expect(problem?.cause.contains("cannot be started") == true && problem?.fix == "apt install plugin")
    }
}

/// Where the server finds the world it stands in.
private final class Mailbox: Sendable {
    private let held = Mutex<ClusterWorld?>(nil)

    var world: ClusterWorld? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}

extension ClusterWorld {
    fileprivate func replaceToken(_ token: String) { _ = try? write("token", token) }
}
