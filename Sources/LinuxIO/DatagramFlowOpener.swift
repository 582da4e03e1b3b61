import Glibc
import NetValues
import Observations
import ProbeKit

/// Connected UDP sockets on the reactor, each with a port of its own.
package actor UDPFlowOpener: DatagramFlowOpening {
    private nonisolated let reactor: Reactor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func open(to peer: Endpoint, source: IPAddress?) async throws(ProbeInterruption) -> any DatagramFlow {
        do throws(SystemCallFailure) {
            let socket = try OwnedSocket.connecting(type: .datagram, to: peer, source: source)
            // A burst of answers must not be lost in our own queue; the kernel cuts it to net.core.rmem_max, but for root.
            do { try socket.set(SOL_SOCKET, SO_RCVBUFFORCE, to: Self.room) } catch {
                try? socket.set(SOL_SOCKET, SO_RCVBUF, to: Self.room)
            }
            // Sandboxes without it still receive: then the stamp is ours.
            try? socket.set(SOL_SOCKET, SO_TIMESTAMPNS, to: 1)
            let refusal = socket.connect(to: peer)
            let flow = UDPFlow(socket, refusal: refusal == 0 ? nil : socket.failure(refusal), reactor: reactor)
            try await reactor.register(socket.descriptor)
            return flow
        } catch {
            throw .unable(error.inability(to: "open a UDP socket to \(peer)"))
        }
    }

    private static let room: Int32 = 4 << 20
}

/// One connected UDP socket: the kernel gives it the datagrams and the errors of this peer alone.
package actor UDPFlow: DatagramFlow {
    private nonisolated let reactor: Reactor
    private nonisolated let socket: OwnedSocket
    /// Why there is no way to the peer.
    private let refusal: SocketFailure?
    private var batch = DatagramBatch(of: most, capacity: capacity)
    private var isClosed = false

    private static let most = 64
    /// Bytes, more than any answer that is asked for here.
    private static let capacity = 4096

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    init(_ socket: OwnedSocket, refusal: SocketFailure?, reactor: Reactor) {
        self.socket = socket
        self.refusal = refusal
        self.reactor = reactor
    }

    package func send(_ datagrams: [[UInt8]]) -> DatagramDispatch {
        if let refusal { return DatagramDispatch(taken: 0, failure: refusal) }
        for (index, datagram) in datagrams.enumerated() {
            var code = socket.send(datagram[...]).code
            // The error of an earlier datagram waits in the socket and fails the next one, which has not even left.
            if code != 0, code != EAGAIN, socket.nextQueuedError() != nil { code = socket.send(datagram[...]).code }
            guard code == 0 else { return DatagramDispatch(taken: index, failure: socket.failure(code)) }
        }
        return DatagramDispatch(taken: datagrams.count)
    }

    package func receive(until deadline: Instant) async throws(ProbeInterruption) -> [DatagramEvent] {
        if let refusal { return [.failed(refusal)] }
        while !isClosed {
            let events = received()
            if !events.isEmpty { return events }
            guard try await reactor.wait(for: .readable, on: socket.descriptor, until: deadline) else { break }
        }
        return []
    }

    private func received() -> [DatagramEvent] {
        switch batch.receive(from: socket.descriptor) {
        case .nothing: return []
        case .failed(let code): return [.failed(socket.failure(code))]
        case .some:
            let read = EchoStamp.now
            var events: [DatagramEvent] = []
            batch.forEach {
                events.append(.received(Array($0.bytes), at: read.instant(ofKernelStamp: $0.stamp)))
            }
            return events
        }
    }

    package func close() async -> Int {
        guard !isClosed else { return 0 }
        isClosed = true
        await reactor.unregister(socket.descriptor)
        return socket.receiveDrops
    }
}

extension EchoStamp {
    /// The kernel's stamp on the monotonic clock; the moment of reading where there is none, or where the wall clock was set since.
    fileprivate func instant(ofKernelStamp stamp: Int64) -> Instant {
        let age = wall - WallTime(nanoseconds: stamp)
        guard stamp > 0, age >= .zero, age <= .seconds(10) else { return monotonic }
        return monotonic - age
    }
}

extension OwnedSocket {
    /// Datagrams that came and found no room: SK_MEMINFO_DROPS of SO_MEMINFO (linux/sock_diag.h); 0 where the kernel does not tell.
    fileprivate var receiveDrops: Int {
        var values = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(MemoryLayout<UInt32>.stride * values.count)
        let code = getsockopt(descriptor, SOL_SOCKET, Self.memoryInformation, &values, &length)
        return code == 0 && Int(length) >= MemoryLayout<UInt32>.stride * 9 ? Int(values[8]) : 0
    }

    /// SO_MEMINFO (asm-generic/socket.h).
    private static let memoryInformation: Int32 = 55
}
