import Kubernetes
import NetValues
import Testing

@Suite struct KubeconfigTests {
    private static func access(_ files: [(String, String)], context: String? = nil) throws -> ClusterAccess {
        var config = Kubeconfig()
        for (name, text) in files { try config.merge(Array(text.utf8), file: name) }
        return try KubeconfigChoice(config, among: files.map(\.0)).access(context: context)
    }

    private static func problem(_ text: String, context: String? = nil) -> ClusterProblem? {
        do {
            _ = try access([("config", text)], context: context)
            return nil
        } catch {
            return error as? ClusterProblem
        }
    }

    private static let sound = """
        kind: Config
        current-context: one
        clusters:
        - name: c
          cluster: {server: "https://10.0.0.1:6443/prefix/"}
        users:
        - name: u
          user: {token: t}
        contexts:
        - name: one
          context: {cluster: c, user: u, namespace: shop}
        - name: two
          context: {cluster: c, user: u}
        """

    @Test func theCurrentContext_orTheOneNamed_isTaken() throws {
        let one = try Self.access([("config", Self.sound)])
        #expect(one.namespace == "shop" && one.origin == "context one of config")
        #expect(one.place == "https://10.0.0.1:6443/prefix (context one of config)")
        #expect(try Self.access([("config", Self.sound)], context: "two").namespace == "default")
    }

    @Test func ofSeveralFiles_theFirstEntryOfANameCounts() throws {
        let first = "current-context: two\nclusters: [{name: c, cluster: {server: \"https://other:1\"}}]"
        let access = try Self.access([("a", first), ("b", Self.sound)])
        #expect(access.place == "https://other:1 (context two of b)")
    }

    @Test(
        "Each mistake is told where it stands",
        arguments: [
            ("kind: Config\n  x: [", "config:2:4", "`:` with a blank behind it"),
            ("kind: Config\n\tx: 1", "config:2:1", "tab"),
            ("- a", "config:1:1", "found no mapping"),
            ("kind: Service", "config:1:7", "no kubeconfig"),
            ("clusters: {a: b}", "config:1:11", "must be a list"),
            ("users:\n- user: {}", "config:2:3", "has no `name`"),
            ("kind: Config", "config", "no current-context"),
            ("current-context: gone", "config:1:18", "no context “gone”"),
            (
                "users:\n- name: u\n  user: {token: a, token: hunter2}", "config:3:20",
                "`token` stands here a second time"
            ),
        ])
    func mistakes(_ text: String, _ place: String, _ words: String) {
        let problem = Self.problem(text)
        #expect(problem?.place == place && problem?.cause.contains(words) == true, "\(String(describing: problem))")
        #expect(problem?.kind == .input && problem?.fix.isEmpty == false)
    }

    @Test(
        "What is not supported, or contradicts itself, is refused with words",
        arguments: [
            ("proxy-url: http://p:1", "{}", "`proxy-url` is not supported"),
            ("certificate-authority-data: '!'", "{}", "`certificate-authority-data` is not base64"),
            ("certificate-authority: /nowhere/ca.crt", "{}", "cannot read /nowhere/ca.crt"),
            ("insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "{}", "exclude each other"),
            ("tls-server-name: a b", "{}", "`tls-server-name` is no host name"),
            ("x: y", "{username: admin, password: hunter2}", "a user name with a password is not supported"),
            ("x: y", "{auth-provider: {name: gcp}}", "`auth-provider` is not supported"),
            ("x: y", "{token: hunter2, as: admin}", "(`as`) is not supported"),
            ("x: y", "{client-certificate-data: QQ==}", "no `client-key`"),
            ("x: y", "{tokn: hunter2}", "a user has no key `tokn`"),
            ("x: y", "{Token: hunter2}", "a user has no key `Token`"),
            ("x: y", "{token: [hunter2]}", "`token` must be one text, not a list"),
            ("certificate-authorty: a", "{token: t}", "a cluster has no key `certificate-authorty`"),
            ("insecure-skip-tls-verify: maybe", "{token: t}", "`insecure-skip-tls-verify` must be true or false"),
            (
                "x: y", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: p, args: a}}",
                "`args` must be a list of texts"
            ),
            (
                "x: y", "{exec: {command: p, apiVersion: client.authentication.k8s.io/v1alpha1}}",
                "must have the apiVersion"
            ),
            ("x: y", "{exec: {apiVersion: client.authentication.k8s.io/v1}}", "has no `command`"),
            (
                "x: y", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: p, interactiveMode: Always}}",
                "wants to ask at the terminal"
            ),
        ])
    func refusals(_ cluster: String, _ user: String, _ words: String) {
        let text = """
            current-context: x
            clusters: [{name: c, cluster: {server: "https://h:1", \(cluster)}}]
            users: [{name: u, user: \(user)}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """
        let problem = Self.problem(text)
        #expect(problem?.cause.contains(words) == true, "\(String(describing: problem))")
        #expect(problem?.place.hasPrefix(cluster == "x: y" ? "config:3:" : "config:2:") == true)
        #expect(problem?.description.contains("hunter2") == false)
    }

    @Test func whoHasNoCredentials_andAForeignKey_areTold() throws {
        func remarks(_ server: String, _ user: String, _ context: String = "user: u") throws -> [String] {
            try Self.access([
                (
                    "config",
                    """
                    current-context: x
                    clusters: [{name: c, cluster: {server: "\(server)"}}]
                    users: [{name: u, user: \(user)}]
                    contexts: [{name: x, context: {cluster: c, \(context)}}]
                    """
                )
            ]).remarks
        }
        #expect(try remarks("https://h:1", "{token: t, extensions: [], as: null}") == [])
        #expect(try remarks("https://h:1", "{client-certificate-data: QQ==, client-key-data: QQ==}") == [])
        #expect(try remarks("http://h:1", "{}") == [])
        for nobody in ["{}", "{token: \"\"}", "{token: null}"] {
            let told = try remarks("https://h:1", nobody)
            #expect(told.count == 1 && told[0].hasPrefix("config:3:25: this user has no credentials"), "\(told)")
        }
        #expect(try remarks("https://h:1", "{token: t}", "namespace: a")[0].contains("names no `user`"))
        let strange = try remarks("https://h:1", "{token: t, bearing: hunter2}")
        #expect(strange == ["config:3:36: `bearing` is no key of a user, and is passed over"])
    }

    @Test func whereThereIsNothing_itIsSaidWhereWasLooked() {
        let locator = ClusterLocator(kubeconfig: nil, context: nil, environment: { $0 == "HOME" ? "/nowhere" : nil })
        let problem = #expect(throws: ClusterProblem.self) { try locator.locate() }
        #expect(problem?.cause.contains("/nowhere/.kube/config") == true && problem?.kind == .input)
    }
}
