import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// One raw socket for all series that send alike. A socket for each would get a copy of every reply to any of them, so that
/// a thousand series cost a million copies.
///
/// `@unchecked Sendable`: touched only on the reactor's thread, to which the actors that hold it are pinned.
final class RawEchoHub: @unchecked Sendable {
    /// What series must have in common to share a socket.
    struct Key: Hashable {
        let family: IPAddress.Family
        let source: IPAddress?
        let hopLimit: Int?
        let dontFragment: Bool
    }

    private struct Member {
        weak var session: EchoSocketSession?
    }

    /// Some thousand replies of ordinary size.
    private static let room: Int32 = 8 << 20
    private static let mostInOneCall = 64
    /// So many calls, then the reactor's other work has its turn.
    private static let mostCalls = 8

    let socket: EchoSocket
    private let reactor: Reactor
    private let source: IPAddress?
    private var members: [UInt16: Member] = [:]
    private var batch: EchoBatch
    private var largest: Int
    /// False when the last member has left.
    private(set) var isOpen = true

    init(_ key: Key, _ settings: EchoSettings, reactor: Reactor) throws(SystemCallFailure) {
        socket = try EchoSocket(.raw, key.family)
        try socket.configure(settings, room: Self.room)
        source = key.source
        if let source { try socket.bind(to: source) }
        try reactor.executor.register(socket.descriptor)
        self.reactor = reactor
        largest = settings.size
        batch = Self.batch(settings.size)
        Task(executorPreference: reactor.executor) { await self.watch() }
    }

    /// Few of large ones: a quarter of a megabyte in all.
    private static func batch(_ size: Int) -> EchoBatch {
        EchoBatch(of: max(1, min(mostInOneCall, (1 << 18) / (size + 128))), size: size)
    }

    // MARK: Members

    var hasRoom: Bool { members.count < 32_768 }

    /// Raw sockets see each other's replies, so no two series of this process may share an identifier, whatever hub they are
    /// of. Where those begin is random, so that two processes rarely share one.
    private static let lastIdentifier = Atomic<UInt16>(UInt16.random(in: .min ... .max))

    private func unusedIdentifier() -> UInt16 {
        while true {
            let identifier = Self.lastIdentifier.wrappingAdd(1, ordering: .relaxed).newValue
            if members[identifier] == nil { return identifier }
        }
    }

    /// A new series, whose requests and replies carry an identifier of its own.
    func session(to address: IPAddress, size: Int) -> EchoSocketSession {
        let identifier = unusedIdentifier()
        if size > largest {
            largest = size
            batch = Self.batch(size)
        }
        let session = EchoSocketSession(sharing: self, identifier, to: address, size: size, reactor: reactor)
        members[identifier] = Member(session: session)
        return session
    }

    func leave(_ identifier: UInt16) {
        members[identifier] = nil
        guard members.isEmpty, isOpen else { return }
        isOpen = false
        reactor.executor.unregister(socket.descriptor)
    }

    /// The own address that packets to `target` leave from; nil where the system does not say.
    func source(towards target: IPAddress) -> IPAddress? {
        if let source { return source }
        // Connecting a datagram socket sends nothing and chooses the address.
        guard let probe = try? OwnedSocket(family: target.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0),
            probe.connect(to: Endpoint(target, 9)) == 0
        else { return nil }
        return probe.localEndpoint?.address
    }

    // MARK: Reading

    private func watch() async {
        while isOpen {
            do { try await reactor.wait(for: .readable, on: socket.descriptor) } catch { return }
            while isOpen, drain(untilNothing: true) { await Task.yield() }
        }
    }

    /// Hands what waits in the socket to those it is for. True when it stopped before the socket was empty.
    ///
    /// - Parameter untilNothing: an error may wait behind the last datagram, and no edge tells of it again; who reads only to
    ///   have its own replies early need not look.
    func drain(untilNothing: Bool) -> Bool {
        for _ in 0..<Self.mostCalls {
            switch batch.receive(from: socket) {
            case .nothing: return false
            case .failed: readErrors()
            case .some:
                batch.forEach(socket, deliver)
                if batch.hasRoom, !untilNothing { return false }
            }
        }
        return true
    }

    private func deliver(_ datagram: EchoDatagram) {
        guard case .echoReply(let echo) = try? ICMPMessage(decoding: datagram.message, socket.family),
            let session = members[echo.identifier]?.session
        else { return }
        session.assumeIsolated { $0.take(echo, datagram) }
    }

    /// Empties the error queue; returns the last error of the own kernel, which belongs to the call that has just failed.
    @discardableResult
    func readErrors() -> ICMPErrorReport? {
        var local: ICMPErrorReport?
        for _ in 0..<EchoSocketSession.mostAtOnce {
            guard let record = socket.nextQueuedError() else { break }
            guard let report = record.failure.icmp, report.origin != .local else {
                local = record.failure.icmp ?? local
                continue
            }
            guard let echo = QuotedEcho(decoding: record.quoted[...], socket.family),
                let session = members[echo.identifier]?.session
            else { continue }
            session.assumeIsolated { $0.take(record, report, echo) }
        }
        return local
    }
}
