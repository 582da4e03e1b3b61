import Auditing
import Diagnosis
import Dispatch
import Kubernetes
import LinuxIO
import Manifests
import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

extension FuzzTarget {
    /// What an API server says, piece by piece between zero bytes: a line with the last word of the path that it answers, then the answer,
    /// as JSON or as whatever comes over the wire. Several of one word are the pages of a list.
    static let clusterAnswers = FuzzTarget(
        "cluster-answers",
        words: [
            "\u{0}pods\n", "\u{0}apis\n", "\u{0}secrets\n", "\"kind\":\"PodList\"", "\"items\":[", "\"metadata\":{",
            "\"continue\":\"a\"", "\"name\":\"a\"", "HTTP/1.1 403 Forbidden\r\n", "HTTP/1.1 410 Gone\r\n", "\r\n\r\n",
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 401 \r\n",
            "Transfer-Encoding: chunked\r\n\r\n", "\"message\":\"User \\\"a\\\" cannot\"", "null", "\\ud800", "1e999",
        ],
        seeds: {
            let policy = """
                networkpolicies\n{"kind":"NetworkPolicyList","items":[{"metadata":{"name":"a","namespace":"shop","managedFields":[]},"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}}]}
                """
            let pods = """
                pods\n{"kind":"PodList","metadata":{"continue":"x"},"items":[{"metadata":{"name":"p","namespace":"shop","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","ports":[{"containerPort":80}]}]}}]}\u{0}\
                pods\nHTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n\u{0}\
                pods\n{"kind":"PodList","metadata":{},"items":null}
                """
            let forbidden = """
                services\nHTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n{"message":"User \\"u\\" cannot list services"}\r\n0\r\n\r\n\u{0}\
                secrets\n{"kind":"PartialObjectMetadataList","items":[{"metadata":{"name":"s"}}]}\u{0}\
                secrets\n{"kind":"SecretList","items":[{"metadata":{"name":"s"},"type":"kubernetes.io/tls","data":{"tls.crt":"QQ==","tls.key":"TU9TVA=="}}]}
                """
            let odd =
                "apis\n{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"../x\",\"versions\":[{\"version\":1}]}]}"
            return [policy, pods, forbidden, odd, "apis\nHTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"].map {
                Array($0.utf8)
            }
        }
    ) { bytes in
        let server = ScriptedAPI(bytes)
        switch server.read() {
        case .failure(let problem):
            try hold(problem.description.utf8.count < 16_384, "\(problem.description.utf8.count) bytes of words")
            try hold(
                problem.description.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0a }, "control characters: \(problem)")
        case .success(let set):
            for gap in set.notReadable {
                try hold(!(gap.what + gap.why).utf8.contains { $0 < 0x20 }, "control characters: \(gap)")
                try hold(gap.why.utf8.count < 4096, "\(gap.why.utf8.count) bytes of words")
            }
            for finding in AuditBook.judge(DeclaredState(set)) {
                try hold(!finding.summary.utf8.contains { $0 < 0x20 }, "control characters: \(finding.summary)")
            }
        }
    }
}

/// An API server out of bytes, and the world around the one who asks it.
private final class ScriptedAPI: StreamConnecting, TimeSource {
    private struct State {
        var answers: [String: [[UInt8]]] = [:]
        var outcome: Result<ManifestSet, ClusterProblem>?
        var now = Instant(nanoseconds: 1_000_000_000)
    }

    private static let reactor = try? Reactor()
    private static let standard = [
        "apis": """
        {"kind":"APIGroupList","groups":[{"name":"networking.k8s.io","versions":[{"version":"v1"}]}]}
        """,
        "v1": """
        {"kind":"APIResourceList","resources":[{"name":"networkpolicies"},{"name":"ingresses"}]}
        """,
    ]
    private static let config = """
        current-context: x
        clusters: [{name: c, cluster: {server: "http://198.18.0.1:1"}}]
        users: [{name: u, user: {token: MOST-SECRET}}]
        contexts: [{name: x, context: {cluster: c, user: u, namespace: shop}}]
        """

    private let state: Mutex<State>

    init(_ bytes: [UInt8]) {
        var state = State()
        for piece in bytes.split(separator: 0) {
            let word = String(decoding: piece.prefix { $0 != 0x0a }.prefix(64), as: UTF8.self)
            state.answers[word, default: []].append(Array(piece.drop { $0 != 0x0a }.dropFirst()))
        }
        self.state = Mutex(state)
    }

    /// Blocks this thread until it is over.
    func read() -> Result<ManifestSet, ClusterProblem> {
        let over = DispatchSemaphore(value: 0)
        Task.detached { [self] in
            let outcome = await outcome()
            state.withLock { $0.outcome = outcome }
            over.signal()
        }
        over.wait()
        return state.withLock(\.outcome) ?? .success(ManifestSet())
    }

    private func outcome() async -> Result<ManifestSet, ClusterProblem> {
        do throws(ClusterProblem) {
            var config = Kubeconfig()
            try config.merge(Array(Self.config.utf8), file: "f")
            let access = try KubeconfigChoice(config, among: ["f"]).access(context: nil)
            guard let reactor = Self.reactor else { return .success(ManifestSet()) }
            let nothing = NoWorld()
            let capabilities = Capabilities(
                dns: nothing, streams: self, tls: nothing, datagrams: nothing, echo: nothing,
                resolver: ResolverConfiguration(servers: []), hosts: HostsTable(addresses: [:]))
            return .success(
                try await ClusterReader(
                    capabilities: capabilities, reactor: reactor, time: self, agent: "fuzz", largestAnswer: 1 << 20
                ).read(access))
        } catch {
            return .failure(error)
        }
    }

    // MARK: The world

    func now() -> Instant { state.withLock(\.now) }
    func wallTime() -> WallTime { WallTime(seconds: 1_769_860_800) }

    func sleep(until instant: Instant) async throws(ProbeInterruption) {
        state.withLock { $0.now = max($0.now, instant) }
    }

    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        let fact = ConnectFact(
            endpoint: endpoint, source: nil, elapsed: .milliseconds(1), outcome: .connected, tcp: nil)
        return ConnectAttempt(fact: fact, stream: ScriptedAnswers(self))
    }

    /// Of the next one to this request, all that comes over the wire.
    func answer(to request: [UInt8]) -> [UInt8] {
        let path = request.split(separator: 0x20, maxSplits: 2).dropFirst().first ?? []
        let word = path.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: "/")).last ?? []
        let name = String(decoding: word, as: UTF8.self)
        let body = state.withLock { state -> [UInt8]? in
            guard state.answers[name]?.isEmpty == false else { return nil }
            return state.answers[name]?.removeFirst()
        }
        guard let body = body ?? Self.standard[name].map({ Array($0.utf8) }) else {
            return Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        guard body.first == UInt8(ascii: "{") else { return body }
        return Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }
}

/// One connection: each request has its answer, and behind it the end.
private final class ScriptedAnswers: ByteStream {
    private let server: ScriptedAPI
    private let coming = Mutex<[UInt8]>([])

    init(_ server: ScriptedAPI) {
        self.server = server
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        coming.withLock { $0 += server.answer(to: bytes) }
        return nil
    }

    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        coming.withLock { bytes in
            guard !bytes.isEmpty else { return .end(.closed) }
            defer { bytes.removeFirst(min(count, bytes.count)) }
            return .bytes(Array(bytes.prefix(count)))
        }
    }

    func close() async {}
}

/// What is not used here: an address needs no name, and plain HTTP no TLS.
private struct NoWorld: DNSExchanging, TLSSecuring, DatagramProbing, EchoOpening {
    func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply { throw .cancelled }

    func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake { throw .cancelled }

    func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact { throw .cancelled }

    func exchange(
        _ requests: [[UInt8]], with endpoint: Endpoint, source: IPAddress?, deadline: Instant,
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(ProbeInterruption) -> DatagramReply { throw .cancelled }

    func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession { throw .cancelled }
}
