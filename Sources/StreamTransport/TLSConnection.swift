import LinuxIO
import NetValues
import Observations
import ProbeKit

/// Carries a session's bytes over a stream, on the reactor's thread; after the handshake, the secured stream itself.
actor TLSConnection: ByteStream {
    enum HandshakeEnd {
        case done
        case timedOut
        case failed(TLSFailure)
    }

    private nonisolated let reactor: Reactor
    private let stream: any ByteStream
    private let session: TLSSession
    /// Read while we waited for something else.
    private var plaintext: [UInt8] = []
    private var isFlushing = false
    private var isSecured = false
    private var isClosed = false
    /// Over TCP, while the handshake lasted.
    private(set) var sentBytes = 0
    private(set) var receivedBytes = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    private static let recordLength = 16_384
    private static let shownBytes = 64

    init(_ stream: any ByteStream, context: TLSContext, role: TLSSession.Role, reactor: Reactor) throws(Inability) {
        self.reactor = reactor
        self.stream = stream
        session = try TLSSession(context: context, role: role)
    }

    /// What the session knows, for the fact that is made of it.
    func reading<Value: Sendable>(_ body: @Sendable (TLSSession) -> Value) -> Value { body(session) }

    // MARK: Handshake

    func handshake(until deadline: Instant) async throws(ProbeInterruption) -> HandshakeEnd {
        var prelude = Prelude()
        while true {
            let step = session.handshake()
            let unsent = try await flush(until: deadline)
            switch step {
            case .done:
                isSecured = true
                return .done
            case .failed(let reason): return .failed(failure(reason))
            case .wantsInput: break
            }
            // A peer that has hung up on us may have said why before.
            let patience = unsent == nil ? deadline : min(deadline, .now + .milliseconds(100))
            switch try await stream.read(upTo: Self.recordLength, deadline: patience) {
            case .bytes(let bytes):
                receivedBytes += bytes.count
                switch prelude.take(bytes) {
                case .undecided: continue
                case .foreign(let start): return .failed(.notTLS(Array(start.prefix(Self.shownBytes))))
                case .tls(let bytes): session.feed(bytes)
                }
            case .end(let end): return Self.handshakeEnd(unsent ?? end)
            }
        }
    }

    private static func handshakeEnd(_ end: StreamEnd) -> HandshakeEnd {
        switch end {
        case .deadline, .satisfied: .timedOut
        case .closed: .failed(.closed)
        case .failed(let failure): .failed(.transport(failure))
        case .tlsFailed(let reason): .failed(.other(reason))
        }
    }

    private func failure(_ reason: String) -> TLSFailure {
        session.observer.fatalAlert.map { .alert($0) } ?? .other(reason)
    }

    /// Waits for the server's word on a certificate that we did not send; in TLS 1.3 it comes only after the handshake.
    /// Nil when the server said nothing against us until the deadline.
    func lateRefusal(until deadline: Instant) async throws(ProbeInterruption) -> TLSFailure? {
        while !session.observer.sawTicket {
            switch try await stream.read(upTo: Self.recordLength, deadline: deadline) {
            case .bytes(let bytes): session.feed(bytes)
            case .end(.closed): return .closed
            case .end(.failed(let failure)): return .transport(failure)
            case .end: return nil
            }
            let reading = session.read(upTo: Self.recordLength)
            _ = try await flush(until: deadline)
            switch reading {
            case .bytes(let bytes):
                plaintext = bytes
                return nil
            case .closed: return nil
            case .failed(let reason): return failure(reason)
            case .wantsInput: continue
            }
        }
        return nil
    }

    // MARK: ByteStream

    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        if !plaintext.isEmpty { return .bytes(takePlaintext(count)) }
        while !isClosed {
            let reading = session.read(upTo: count)
            let unsent = try await flush(until: deadline)
            switch reading {
            case .bytes(let bytes): return .bytes(bytes)
            case .closed: return .end(.closed)
            case .failed(let reason): return .end(.tlsFailed(session.observer.fatalAlert ?? reason))
            case .wantsInput: break
            }
            if let unsent { return .end(unsent) }
            switch try await stream.read(upTo: Self.recordLength, deadline: deadline) {
            case .bytes(let bytes): session.feed(bytes)
            // RFC 8446 section 6.1: without close_notify the data may have been cut.
            case .end(.closed): return .end(.tlsFailed(HTTPFact.endWithoutCloseNotify))
            case .end(let end): return .end(end)
            }
        }
        return .end(.closed)
    }

    private func takePlaintext(_ count: Int) -> [UInt8] {
        let part = Array(plaintext.prefix(max(count, 1)))
        plaintext.removeFirst(part.count)
        return part
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard !isClosed else { return .closed }
            let record = Array(rest.prefix(Self.recordLength))
            let step = session.write(record)
            if case .failed(let reason) = step { return .tlsFailed(session.observer.fatalAlert ?? reason) }
            if let end = try await flush(until: deadline) { return end }
            switch step {
            case .done, .failed: rest = rest.dropFirst(record.count)
            // TLS 1.2: the server wants another handshake first.
            case .wantsInput: if let end = try await feedOnce(until: deadline) { return end }
            }
        }
        return nil
    }

    private func feedOnce(until deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        switch try await stream.read(upTo: Self.recordLength, deadline: deadline) {
        case .bytes(let bytes):
            session.feed(bytes)
            return nil
        case .end(let end): return end
        }
    }

    func progress() async -> StreamProgress? { await stream.progress() }

    func close() async {
        guard !isClosed else { return }
        isClosed = true
        session.shutDown()
        // Best effort: what does not fit into the socket's buffer at once is not worth waiting for.
        _ = try? await flush(until: .now + .milliseconds(50))
        await stream.close()
    }

    /// Writes what the session wants sent. A reader and a writer may both come here: the first one writes for both, so that
    /// records never mix.
    private func flush(until deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        guard !isFlushing else { return nil }
        isFlushing = true
        defer { isFlushing = false }
        while case let bytes = session.takeOutput(), !bytes.isEmpty {
            if let end = try await stream.write(bytes, deadline: deadline) { return end }
            if !isSecured { sentBytes += bytes.count }
        }
        return nil
    }
}

/// The first bytes of a peer, until it is clear whether they begin a TLS record.
private struct Prelude {
    enum Verdict {
        case undecided
        case tls([UInt8])
        case foreign([UInt8])
    }

    private var held: [UInt8] = []
    private var isTLS = false

    mutating func take(_ bytes: [UInt8]) -> Verdict {
        if isTLS { return .tls(bytes) }
        held += bytes
        // RFC 8446 section 5.1: type alert (21) or handshake (22), then a version whose first byte is 3.
        guard let type = held.first else { return .undecided }
        guard type == 21 || type == 22 else { return .foreign(held) }
        guard held.count > 1 else { return .undecided }
        guard held[1] == 3 else { return .foreign(held) }
        isTLS = true
        return .tls(held)
    }
}
