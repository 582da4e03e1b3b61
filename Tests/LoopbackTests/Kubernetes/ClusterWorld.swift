import FaultServers
import Glibc
import Kubernetes
import LinuxIO
import Manifests
import NameResolution
import NetValues
import Observations
import ProbeKit
import ProbeTesting
import StreamTransport
import Testing

/// An API server on loopback, with a folder for kubeconfigs and what they name.
final class ClusterWorld: Sendable {
    let tls: TLSWorld
    let folder: String
    private let server: TLSFaultServer

    init(_ api: FakeAPI, _ change: (inout TLSServerSettings, TLSWorld) throws -> Void = { _, _ in }) async throws {
        tls = try TLSWorld()
        let leaf = try tls.leaf(by: tls.root)
        var settings = TLSServerSettings(chain: [leaf.certificate], key: leaf.key, alpn: ["http/1.1"])
        try change(&settings, tls)
        server = try await TLSFaultServer(
            on: bothLoopbacks[0], .handshake(settings), reactor: tls.reactor, serve: { await api.serve($0) })
        var template = Array("/tmp/leadsman-k8s-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp") }
        folder = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        try write("ca.crt", tls.root.certificatePEM)
    }

    deinit {
        for name in ["ca.crt", "config", "token", "namespace", "plugin", "client.crt", "client.key"] {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
    }

    var address: String { "https://\(server.endpoint)" }
    var port: UInt16 { server.endpoint.port }

    func stop() async { await server.stop() }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemCallFailure("open") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemCallFailure("write") }
        return path
    }

    /// - Parameter user: flow mapping of the user.
    func config(user: String, cluster: String, server: String?) throws -> String {
        try write(
            "config",
            """
            kind: Config
            current-context: here
            clusters: [{name: c, cluster: {server: "\(server ?? address)", \(cluster)}}]
            users: [{name: u, user: \(user)}]
            contexts: [{name: here, context: {cluster: c, user: u, namespace: shop}}]
            """)
    }

    func access(
        user: String = "{token: good}", cluster: String = "certificate-authority: ca.crt", server: String? = nil
    ) throws -> ClusterAccess {
        let path = try config(user: user, cluster: cluster, server: server)
        return try ClusterLocator(kubeconfig: path, context: nil, environment: { _ in nil }).locate()
    }

    func read(_ access: ClusterAccess, largestAnswer: Int = 1 << 20) async throws -> ManifestSet {
        let reactor = tls.reactor
        let capabilities = Capabilities(
            dns: AresExchange(reactor: reactor), streams: TCPConnector(reactor: reactor),
            tls: OpenSSLTransport(reactor: reactor), datagrams: UnusedDatagrams(), echo: UnusedEcho(),
            resolver: ResolverConfiguration(servers: []), hosts: HostsTable())
        return try await ClusterReader(
            capabilities: capabilities, reactor: reactor, time: SystemTime(reactor: reactor), agent: "leadsman/test",
            largestAnswer: largestAnswer, certificates: try CertificateDescriber()
        ).read(access)
    }

    /// Why it cannot be read.
    func problem(_ access: ClusterAccess) async throws -> ClusterProblem? {
        do {
            _ = try await read(access)
            return nil
        } catch let problem as ClusterProblem {
            return problem
        }
    }
}
