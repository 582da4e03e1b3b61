import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// A raw socket for the ICMP errors of this host, where CAP_NET_RAW allows one, shared by all flows of a family: what it adds is the
/// quoted header, and the errors that the kernel gives to nobody, since a device on the way has rewritten the packet that they quote.
///
/// `@unchecked Sendable`: touched only on the reactor's thread, to which the actors that hold it are pinned.
final class QuoteListener: @unchecked Sendable {
    typealias Taker = (PathQuote) -> Bool

    private let socket: OwnedSocket
    private let family: IPAddress.Family
    private let reactor: Reactor
    private var takers: [QuoteKey: Taker] = [:]
    private var batch = DatagramBatch(of: most, capacity: capacity)
    private var isClosed = false

    private static let most = 16
    /// RFC 4884 section 4.1 has routers quote 128 bytes at least; what is looked at stands before that.
    private static let capacity = 512
    /// What one turn reads.
    private static let mostCalls = 16

    /// Nil without the right.
    init?(_ family: IPAddress.Family, _ reactor: Reactor) {
        let number = Int32(family == .v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)
        guard
            let socket = try? OwnedSocket(family: family, type: Int32(SOCK_RAW.rawValue), protocol: number),
            (try? Self.passOnlyErrors(socket, family)) != nil
        else { return nil }
        self.socket = socket
        self.family = family
        self.reactor = reactor
        socket.reportArrivals(family)
        guard (try? reactor.executor.register(socket.descriptor)) != nil else { return nil }
        Task(executorPreference: reactor.executor) { await self.work() }
    }

    private static func passOnlyErrors(_ socket: OwnedSocket, _ family: IPAddress.Family) throws(SystemCallFailure) {
        switch family {
        case .v4:
            // icmp(7), raw(7): ICMP_FILTER is a mask of the types to be withheld.
            let errors = [ICMPType.destinationUnreachable, ICMPType.timeExceeded, ICMPType.parameterProblem]
            try socket.set(SOL_RAW, 1, to: ~errors.reduce(0) { $0 | 1 << Int32($1) })
        case .v6:
            // RFC 3542 section 3.2 as Linux has it: 256 bits, set for the types to be withheld.
            var mask = [UInt32](repeating: .max, count: 8)
            let errors = [
                ICMPv6Type.destinationUnreachable, ICMPv6Type.packetTooBig, ICMPv6Type.timeExceeded,
                ICMPv6Type.parameterProblem,
            ]
            for type in errors { mask[0] &= ~(1 << UInt32(type)) }
            let length = socklen_t(MemoryLayout<UInt32>.stride * mask.count)
            guard setsockopt(socket.descriptor, Int32(IPPROTO_ICMPV6), ICMP6_FILTER, &mask, length) == 0 else {
                throw SystemCallFailure("setsockopt")
            }
        }
    }

    func join(_ key: QuoteKey, _ taker: @escaping Taker) { takers[key] = taker }

    func leave(_ key: QuoteKey) { takers[key] = nil }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        takers = [:]
        reactor.executor.unregister(socket.descriptor)
    }

    private func work() async {
        while !isClosed {
            drain()
            do throws(ProbeInterruption) {
                try await reactor.wait(for: .readable, on: socket.descriptor)
            } catch {
                return
            }
        }
    }

    /// Reads what is there. The kernel gives raw sockets their copy before it fills an error queue, so that whoever reads a queue and
    /// then this has the quote of each error.
    func drain() {
        for _ in 0..<Self.mostCalls {
            guard batch.receive(from: socket.descriptor) == .some else { return }
            let read = EchoStamp.now
            batch.forEach { hand(out: EchoDatagram($0, hasHeader: family == .v4), read) }
            if batch.hasRoom { return }
        }
    }

    private func hand(out datagram: EchoDatagram, _ read: EchoStamp) {
        guard let quote = PathQuote(datagram, family, read: read) else { return }
        if let key = quote.key, let taker = takers[key], taker(quote) { return }
        // Who has rewritten the port has rewritten what it is found by; the cookie says whose it is.
        _ = takers.values.first { $0(quote) }
    }
}
