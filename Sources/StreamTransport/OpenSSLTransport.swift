import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// TLS by OpenSSL 3, over any stream of bytes.
package final class OpenSSLTransport: TLSSecuring {
    private let reactor: Reactor
    private let contexts: TLSContextTable

    package init(reactor: Reactor, places: TrustPlaces = .ofEnvironment()) {
        self.reactor = reactor
        contexts = TLSContextTable(places: places)
    }

    package func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake {
        do throws(ProbeInterruption) {
            let (connection, trustStore) = try await connection(over: stream, settings)
            let attempt = Attempt(
                endpoint: endpoint, settings: settings, trustStore: trustStore, connection: connection)
            return try await attempt.run(until: deadline)
        } catch {
            await stream.close()
            throw error
        }
    }

    private func connection(
        over stream: any ByteStream, _ settings: TLSSettings
    ) async throws(ProbeInterruption) -> (TLSConnection, String) {
        do throws(Inability) {
            let entry = try await contexts.entry(for: settings)
            let role = TLSSession.Role.client(serverName: settings.serverName)
            let connection = try TLSConnection(stream, context: entry.context, role: role, reactor: reactor)
            return (connection, entry.store.description)
        } catch {
            throw .unable(error)
        }
    }
}

/// One handshake and the fact that comes of it.
private struct Attempt {
    let endpoint: Endpoint
    let settings: TLSSettings
    let trustStore: String
    let connection: TLSConnection

    func run(until deadline: Instant) async throws(ProbeInterruption) -> TLSHandshake {
        let start = Instant.now
        let end = try await connection.handshake(until: deadline)
        let elapsed = Instant.now - start
        switch end {
        case .done: return try await established(elapsed, start, deadline)
        case .timedOut: return await failed(.timedOut, elapsed)
        case .failed(let failure): return await failed(.failed(failure), elapsed)
        }
    }

    private func established(
        _ elapsed: Duration, _ start: Instant, _ deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake {
        var fact = await fact(.established, elapsed)
        if fact.version == "TLSv1.3", fact.clientCertificate != nil, !fact.sentClientCertificate {
            let patience = min(deadline, .now + settings.graceForLateAlert)
            if let failure = try await connection.lateRefusal(until: patience) {
                return await failed(.failed(failure), Instant.now - start)
            }
            fact.alerts = await connection.reading { $0.observer.alerts }
        }
        return TLSHandshake(fact: fact, stream: connection)
    }

    private func failed(_ outcome: TLSFact.Outcome, _ elapsed: Duration) async -> TLSHandshake {
        var fact = await fact(outcome, elapsed)
        if outcome == .timedOut { fact.progress = await connection.progress() }
        await connection.close()
        return TLSHandshake(fact: fact, stream: nil)
    }

    private func fact(_ outcome: TLSFact.Outcome, _ elapsed: Duration) async -> TLSFact {
        var fact = TLSFact(endpoint: endpoint, serverName: settings.serverName, outcome: outcome, elapsed: elapsed)
        fact.trustStore = trustStore
        fact.expectedName = settings.expectedName.withoutFinalDot
        fact = await connection.reading { [fact] session in fact.completed(from: session) }
        (fact.sentBytes, fact.receivedBytes) = await (connection.sentBytes, connection.receivedBytes)
        fact.nameMatch = fact.chain.first.map { leaf in
            CertificateNames.areValid(
                for: settings.expectedName, dnsNames: leaf.dnsNames, ipAddresses: leaf.ipAddresses)
        }
        return fact
    }
}

extension Host {
    fileprivate var withoutFinalDot: String {
        switch self {
        case .name(let name): name.labels.joined(separator: ".")
        case .address(let address): address.description
        }
    }
}

extension TLSFact {
    fileprivate func completed(from session: TLSSession) -> TLSFact {
        var fact = self
        let observer = session.observer
        // Before ServerHello these would be our own wishes.
        if observer.sawServerHello {
            (fact.version, fact.cipher) = (session.version, session.cipher)
            (fact.group, fact.alpn) = (session.group, session.alpn)
        }
        fact.chain = observer.chain
        fact.verification = observer.problems
        fact.clientCertificate = observer.request
        fact.sentClientCertificate = observer.sentCertificate
        fact.alerts = observer.alerts
        return fact
    }
}
