import Glibc
import NetValues
import Observations
import Testing
import VantageState

/// A root folder with a few files in it, which goes away with its owner.
private final class Root {
    let path: String
    /// What stands in it, folders before what is in them.
    private var made: [String] = []

    init(_ files: [String: String]) throws {
        var template = Array("/tmp/leadsman-root-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        for (file, text) in files {
            var folder = path
            for part in file.split(separator: "/").dropLast() {
                folder += "/\(part)"
                if mkdir(folder, 0o700) == 0 { made.append(folder) }
            }
            let descriptor = open(path + file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            let bytes = Array(text.utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
            close(descriptor)
            made.append(path + file)
        }
    }

    deinit {
        for name in made.reversed() { remove(name) }
        remove(path)
    }
}

@Suite(.onReactor) struct SurroundingsTests {
    private func read(
        _ files: [String: String] = [:], _ environment: [String: String] = [:], search: [String] = []
    ) throws -> VantageSurroundings {
        let root = try Root(files)
        let resolver = ResolverConfiguration(servers: [], search: search.compactMap { DomainName($0) })
        return SurroundingsFiles(root: root.path).read(environment: environment, resolver: resolver)
    }

    private static let account = "/var/run/secrets/kubernetes.io/serviceaccount"

    @Test func aBareMachine_isNothingOfAll() throws {
        let found = try read()
        #expect(found.cluster.place == .outside && found.cluster.signs.isEmpty)
        #expect(found.cloud == nil && found.proxies.isEmpty && !found.isIsolatedPod)
    }

    @Test func aPod_isKnownByWhatKubeletGivesIt() throws {
        let found = try read(
            [
                "\(Self.account)/token": "secret-token", "\(Self.account)/ca.crt": "x",
                "\(Self.account)/namespace": "shop\n",
                "/etc/hosts": "# Kubernetes-managed hosts file.\n127.0.0.1 localhost\n",
            ],
            [
                "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443", "NODE_NAME": "node-7",
                "HOSTNAME": "cart-5d9c",
            ], search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"])
        let cluster = found.cluster
        #expect(cluster.place == .pod && cluster.namespace == "shop" && cluster.node == "node-7")
        #expect(cluster.pod == "cart-5d9c" && cluster.apiServer?.description == "10.96.0.1:443")
        #expect(cluster.domain?.description == "cluster.local" && cluster.usesHostNetwork == false)
        #expect(found.isIsolatedPod)
        #expect(!"\(found)".contains("secret-token"))
    }

    @Test func aPodOnItsNodesNetwork_isNoIsolatedPod() throws {
        let byFile = try read(["/etc/hosts": "# Kubernetes-managed hosts file (host network).\n"])
        #expect(byFile.cluster.usesHostNetwork == true && !byFile.isIsolatedPod)
        let byName = try read([:], ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "NODE_NAME": "n1", "HOSTNAME": "n1"])
        #expect(byName.cluster.usesHostNetwork == true)
        let unknown = try read([:], ["KUBERNETES_SERVICE_HOST": "10.96.0.1"])
        #expect(unknown.cluster.usesHostNetwork == nil && unknown.isIsolatedPod)
    }

    @Test func aNode_isNoPod() throws {
        let found = try read(["/var/lib/kubelet/config.yaml": "kind: KubeletConfiguration"])
        #expect(found.cluster.place == .node)
    }

    @Test(
        arguments: [
            (["chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77\n"], "Azure"),
            (["sys_vendor": "Amazon EC2\n"], "AWS"), (["product_name": "Google Compute Engine\n"], "Google Cloud"),
            (["sys_vendor": "Microsoft Corporation\n", "product_name": "Virtual Machine\n"], nil),
        ] as [([String: String], String?)])
    func clouds_areKnownByTheirFirmware(_ files: [String: String], _ name: String?) throws {
        let found = try read([String: String](files.map { ("/sys/class/dmi/id/\($0)", $1) }) { $1 })
        #expect(found.cloud?.name == name)
    }

    // MARK: Proxies

    @Test func proxies_areRead_andTheirCredentialsAreNotShown() throws {
        let proxies = try read(
            [:],
            [
                "HTTPS_PROXY": "http://lab:s%40cret@proxy.corp:3128/",
                "https_proxy": "http://lab:s%40cret@proxy.corp:3128/",
            ]
        ).proxies
        #expect(proxies.https?.place.description == "proxy.corp:3128")
        #expect(proxies.https?.credentials == "lab:s@cret")
        #expect(proxies.variables.map(\.shown) == ["http://***@proxy.corp:3128", "http://***@proxy.corp:3128"])
        #expect(!proxies.traps.joined().contains("cret"))
    }

    @Test(arguments: [
        ("http://p:3128/hidden?x=hidden#hidden", "http://p:3128"), ("http://p:3128?hidden", "http://p:3128"),
        ("bob:hidden", "(not shown)"), ("bob:hid@den@p:1", "***@p:1"), ("http://u:hidden/x@p:1", "(not shown)"),
        ("http://u:1/hidden@p:1", "(not shown)"), ("http://u:hidden?x@p:1", "(not shown)"),
        ("http://u:hidden@p:99999", "(not shown)"), ("http:/u:hidden@p:1", "(not shown)"),
        ("//u:hidden@p:1", "(not shown)"), ("odd://hidden", "(not shown)"),
        ("socks5://u:hidden@p:1", "socks5://***@p:1"),
    ])
    func ofAProxy_onlySchemeHostAndPortAreShown(_ value: String, _ shown: String) throws {
        let proxies = try read([:], ["https_proxy": value, "no_proxy": "localhost,http://x:hidden@y,u:hidden,.corp"])
            .proxies
        #expect(proxies.variables.first { $0.name == "https_proxy" }?.shown == shown)
        #expect(proxies.exceptions == ["localhost", "(not shown)", "(not shown)", ".corp"])
        #expect(!"\(proxies.variables) \(proxies.traps) \(proxies.exceptions)".contains("hidden"))
    }

    @Test(arguments: [
        ("abc def-ghi-jkl", "blanks"), ("line-one\nline-two", "blanks"), ("a", "8 bytes"), ("metadat", "8 bytes"),
        ("", "empty"),
        ("abc\u{1}defghij", "blanks"),
    ])
    func aTokenThatIsNone_isNotUsed(_ token: String, _ words: String) throws {
        let root = try Root(["\(Self.account)/token": token])
        let files = SurroundingsFiles(root: root.path)
        let resolver = ResolverConfiguration(servers: [], search: [])
        let problem = files.read(environment: [:], resolver: resolver).cluster.tokenProblem
        #expect(problem?.contains(words) == true, "\(problem ?? "none")")
        #expect(files.token(at: "\(Self.account)/token") == nil)
    }

    @Test(arguments: [
        (["http_proxy": "http://p:1"], "https_proxy is not set"),
        (["HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1"], "small letters only"),
        (["https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"], "differ"),
        (["https_proxy": "p:3128"], "no http:// in front"),
        (["https_proxy": "http://p:notaport"], "malformed"),
        (["https_proxy": "socks5://p:1080"], "socks5, which is not asked"),
        (["https_proxy": "user:hidden@http://odd"], "malformed"),
        (["https_proxy": "http://p:1", "no_proxy": "*.corp,localhost"], "begin with *."),
        (["https_proxy": "http://p:1", "no_proxy": "10.0.0.0/8,localhost"], "address ranges"),
        (["https_proxy": "http://p:1", "no_proxy": "corp"], "lacks localhost"),
    ])
    func traps(_ variables: [String: String], _ words: String) throws {
        let proxies = try read([:], variables).proxies
        #expect(proxies.traps.contains { $0.contains(words) }, "\(proxies.traps)")
        #expect(!"\(proxies.traps) \(proxies.variables)".contains("hidden"))
    }

    @Test func inACluster_whatIsTheClustersMustNotGoToTheProxy() throws {
        let pod = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "https_proxy": "http://p:1"]
        let search = ["shop.svc.cluster.local"]
        let missing = try read([:], pod.merging(["no_proxy": "localhost"]) { $1 }, search: search).proxies.traps
        #expect(missing.contains { $0.contains("10.96.0.1") } && missing.contains { $0.contains(".svc") })
        let whole = "localhost,.svc,.cluster.local,10.96.0.1"
        #expect(try read([:], pod.merging(["no_proxy": whole]) { $1 }, search: search).proxies.traps.isEmpty)
    }
}
