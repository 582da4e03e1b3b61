import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit

/// Opens connections to the API server: its name, TCP, TLS, and whether it is the right one, before anything is told to it.
struct APIDoor {
    private let access: ClusterAccess
    private let capabilities: Capabilities
    private let time: any TimeSource

    init(_ access: ClusterAccess, capabilities: Capabilities, time: any TimeSource) {
        self.access = access
        self.capabilities = capabilities
        self.time = time
    }

    func open(_ credentials: Credentials, until deadline: Instant) async throws(ClusterProblem) -> any ByteStream {
        let (stream, endpoint) = try await connect(deadline)
        guard access.server.scheme == .https else { return stream }
        let settings = settings(credentials)
        let handshake = try await access.carrying { () throws(ProbeInterruption) in
            try await capabilities.tls.secure(stream, to: endpoint, settings: settings, deadline: deadline)
        }
        guard let secured = handshake.stream else { throw failed(handshake.fact) }
        if let objection = objection(to: handshake.fact) {
            await secured.close()
            throw objection
        }
        return secured
    }

    // MARK: TCP

    private func connect(_ deadline: Instant) async throws(ClusterProblem) -> (any ByteStream, Endpoint) {
        let resolution = try await access.carrying { () throws(ProbeInterruption) in
            try await AddressResolver(capabilities, time: time).resolve(
                access.server.host, family: .any, source: nil, deadline: deadline)
        }
        let addresses = resolution.addresses.prefix(Self.mostAddresses)
        guard !addresses.isEmpty else {
            throw unreachable(["its name has no address (\(resolution.fact.outcome.words))"])
        }
        var refusals: [String] = []
        for (index, address) in addresses.enumerated() {
            let now = time.now()
            guard now < deadline else { break }
            let end = now + (deadline - now) / (addresses.count - index)
            let endpoint = Endpoint(address, access.server.port)
            let attempt = try await access.carrying { () throws(ProbeInterruption) in
                try await capabilities.streams.connect(to: endpoint, source: nil, deadline: end)
            }
            if let stream = attempt.stream { return (stream, endpoint) }
            refusals.append("\(endpoint): \(attempt.fact.outcome.words)")
        }
        throw unreachable(refusals)
    }

    private static let mostAddresses = 4

    private func unreachable(_ refusals: [String]) -> ClusterProblem {
        let host = access.server.host.plain
        let target = "\(host.contains(":") ? "[\(host)]" : host):\(access.server.port)"
        let proxy = ["HTTPS_PROXY", "https_proxy"].contains { ProcessEnvironment.value(of: $0)?.isEmpty == false }
        return access.problem(
            "cannot be reached: \(refusals.joined(separator: "; "))",
            "check the way to it: leadsman check \(access.server.scheme == .https ? "tls" : "tcp")://\(target)"
                + (proxy ? " (HTTPS_PROXY is set, and not used here)" : ""))
    }

    // MARK: TLS

    private func settings(_ credentials: Credentials) -> TLSSettings {
        let host = access.serverName ?? access.server.host
        var settings = TLSSettings(serverName: host.name == nil ? nil : host.plain, expectedName: host)
        settings.text = TLSText(
            authorities: access.authorities, certificate: credentials.certificate, key: credentials.key)
        settings.alpn = ["http/1.1"]
        // A refusal is told by the first exchange as well.
        settings.graceForLateAlert = .zero
        return settings
    }

    private func failed(_ fact: TLSFact) -> ClusterProblem {
        switch fact.outcome {
        case .timedOut, .established: access.problem("does not finish the TLS handshake in time", "try again later")
        case .failed(.alert(let name)):
            access.problem(
                "refuses TLS with the alert \(name.escaped(limit: 60))",
                name.contains("certificate")
                    ? "renew the client certificate of this user" : "check `tls-server-name` and `server`")
        case .failed(.notTLS): access.problem("does not speak TLS", "correct `server`: http:// or another port")
        case .failed(.closed):
            access.problem("ends the connection within the TLS handshake", "check what stands between")
        case .failed(.transport(let failure)):
            access.problem(
                "ends the connection within the TLS handshake (\(failure.name))", "check what stands between")
        case .failed(.other(let reason)):
            access.problem("the TLS handshake fails: \(reason.escaped(limit: 200))", "check `server`")
        }
    }

    /// Why the server is not the one that is meant.
    private func objection(to fact: TLSFact) -> ClusterProblem? {
        guard !access.isUnverified else { return nil }
        let problems = fact.verification.filter { $0.kind != .weak }
        if let expired = problems.first(where: { $0.kind == .expired || $0.kind == .notYetValid }) {
            let leaf = fact.chain.indices.contains(expired.depth) ? fact.chain[expired.depth] : nil
            let when =
                leaf.map { expired.kind == .expired ? " (\($0.notAfter.spoken))" : " (\($0.notBefore.spoken))" } ?? ""
            return access.problem(
                expired.kind == .expired
                    ? "its certificate has expired\(when)" : "its certificate is not valid yet\(when)",
                "renew the API server's certificate (kubeadm certs renew), or set this machine's clock")
        }
        if let problem = problems.first {
            return access.problem(
                "its certificate is not to be trusted: \(problem.reason.escaped(limit: 200))",
                "take the cluster's certificate-authority-data anew (for AKS: az aks get-credentials)")
        }
        guard fact.nameMatch != true else { return nil }
        let names = fact.chain.first.map { $0.dnsNames + $0.ipAddresses.map(\.description) } ?? []
        return access.problem(
            "its certificate is for \(names.prefix(8).joined(separator: ", ").escaped(limit: 300)), not for "
                + fact.expectedName.escaped(limit: 260),
            "ask it by one of these names, or set `tls-server-name`")
    }
}

extension ConnectFact.Outcome {
    fileprivate var words: String {
        switch self {
        case .connected: "connected"
        case .timedOut: "no answer"
        case .failed(let failure): failure.name == "ECONNREFUSED" ? "refused" : failure.name
        }
    }
}

extension ResolutionFact.Outcome {
    fileprivate var words: String {
        switch self {
        case .addresses: "addresses"
        case .nameNotFound: "no such name"
        case .noAddress: "no record"
        case .failed: "no name server answers"
        }
    }
}
