import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// One test from its parameters to its end, on the server's side.
struct IperfServerTest: Sendable {
    let control: IperfControl
    let own: Endpoint
    let peer: Endpoint
    let limits: IperfServer.Limits
    let reactor: Reactor
    /// Begins to take in the TCP streams of this test.
    let streams: @Sendable () async -> AsyncStream<IperfServer.Incoming>

    /// Why a test ends before its end, in words for who runs the server.
    private struct Ending: Error {
        let words: String

        init(_ words: String) { self.words = words }

        init(_ failure: IperfControl.Failure, _ step: String) {
            switch failure {
            case .end(.deadline): words = "the client said nothing \(step)"
            case .end(.failed(let failure)): words = "the control connection broke \(step): \(failure.name)"
            case .end: words = "the client went away \(step)"
            case .malformed(let expected, _): words = "the client did not send \(expected) \(step)"
            }
        }
    }

    private static let patience = Duration.seconds(10)
    private var deadline: Instant { .now + Self.patience }

    func run() async -> IperfServer.Report {
        var report = IperfServer.Report(peer: peer)
        do {
            try await run(&report)
        } catch let ending as Ending {
            report.failure = ending.words
        } catch {
            report.failure = error as? ProbeInterruption == .cancelled ? "this server was stopped" : "\(error)"
        }
        return report
    }

    private func run(_ report: inout IperfServer.Report) async throws {
        let parameters = try await self.parameters()
        report.parameters = parameters
        let sockets = parameters.isUDP ? try await datagramStreams(parameters) : try await tcpStreams(parameters)
        let transfer = IperfServerTransfer(sockets, parameters, limits)
        defer { transfer.close() }
        try await say(.testStart)
        try await say(.testRunning)
        let outcome = try await self.transfer(transfer)
        report.outcome = outcome.received ?? outcome.sent
        report.sent = outcome.received == nil ? nil : outcome.sent
        report.results = try await exchange(outcome.results(parameters))
        try await say(.displayResults)
        _ = try? await control.state(deadline: .now + .seconds(2))
    }

    private func say(_ state: IperfState) async throws {
        if let failure = try await control.send(state, deadline: deadline) { throw Ending(failure, "at \(state)") }
    }

    /// iperf3's number of what is wrong, and no errno.
    private func refuse(_ number: UInt8, _ words: String) async throws -> Never {
        _ = try await control.stream.write(
            [IperfState.serverError.octet, 0, 0, 0, number, 0, 0, 0, 0], deadline: deadline)
        throw Ending(words)
    }

    private func parameters() async throws -> IperfParameters {
        try await say(.exchangeParameters)
        switch try await control.message(deadline: deadline) {
        case .failed(let failure): throw Ending(failure, "when asked for its parameters")
        case .value(let bytes):
            guard let parameters = IperfParameters(decoding: bytes) else {
                try await refuse(114, "its parameters are none of an iperf3 test over TCP or UDP")
            }
            if parameters.connections > limits.streams {
                try await refuse(6, "it asked for \(parameters.connections) streams, of at most \(limits.streams)")
            }
            return parameters
        }
    }

    // MARK: Streams

    /// In the order in which the client opened them, by which it knows them.
    private func tcpStreams(_ parameters: IperfParameters) async throws -> [OwnedSocket] {
        let incoming = await streams()
        try await say(.createStreams)
        let sockets = try await unlessItLeaves {
            var sockets: [(turn: Int, socket: OwnedSocket)] = []
            for await next in incoming {
                if let socket = await next.stream.detach() { sockets.append((next.turn, socket)) }
                if sockets.count == parameters.connections {
                    return sockets.sorted { $0.turn < $1.turn }.map(\.socket)
                }
            }
            return nil
        }
        if let congestion = parameters.congestion {
            for socket in sockets { try? socket.setCongestionControl(congestion) }
        }
        return sockets
    }

    /// The streams, unless they take too long, or the client speaks or goes meanwhile: it has nothing to say before they stand, and who is
    /// gone keeps nobody waiting.
    private func unlessItLeaves(
        _ open: @escaping @Sendable () async throws -> [OwnedSocket]?
    ) async throws -> [OwnedSocket] {
        let control = control
        let sockets = try await withThrowingTaskGroup(of: [OwnedSocket]?.self) { group in
            group.addTask { try await open() }
            group.addTask {
                _ = try await control.state(deadline: .now + Self.patience)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let sockets else { throw Ending("the client did not open its streams") }
        return sockets
    }

    /// Each on a socket of its own at the same port, connected to whoever greets it from the client's address. The next one is there
    /// before the one before it is answered.
    private func datagramStreams(_ parameters: IperfParameters) async throws -> [OwnedSocket] {
        let first = try datagramSocket()
        try await say(.createStreams)
        return try await unlessItLeaves { try await accept(parameters.connections, first) }
    }

    private func accept(_ count: Int, _ first: OwnedSocket) async throws -> [OwnedSocket] {
        var sockets: [OwnedSocket] = []
        var next = first
        for index in 0..<count {
            let socket = next
            guard let sender = try await greeting(on: socket) else {
                throw Ending("no datagram of the client came to UDP port \(own.port)")
            }
            guard socket.connect(to: sender) == 0 else { throw Ending("there is no way back to \(sender)") }
            if index + 1 < count { next = try datagramSocket() }
            _ = socket.send(IperfGreeting.reply[...])
            sockets.append(socket)
        }
        return sockets
    }

    private func datagramSocket() throws(SystemCallFailure) -> OwnedSocket {
        let socket = try OwnedSocket(
            family: own.address.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, to: 1)
        try socket.bind(to: own)
        return socket
    }

    private func greeting(on socket: OwnedSocket) async throws -> Endpoint? {
        try await reactor.register(socket.descriptor)
        do {
            let sender = try await sender(greeting: socket)
            await reactor.unregister(socket.descriptor)
            return sender
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
    }

    private func sender(greeting socket: OwnedSocket) async throws -> Endpoint? {
        var head = [leadsman_datagram()]
        var buffer = [UInt8](repeating: 0, count: 64)
        let end = deadline
        while try await reactor.wait(for: .readable, on: socket.descriptor, until: end) {
            while leadsman_receive_datagrams(socket.descriptor, &head, &buffer, UInt32(buffer.count), 1) > 0 {
                guard let sender = Endpoint(head[0].sender), sender.address == peer.address,
                    IperfGreeting.isHello(Array(buffer.prefix(Int(min(head[0].length, 64)))))
                else { continue }
                return sender
            }
        }
        return nil
    }

    // MARK: The transfer

    private func transfer(_ transfer: IperfServerTransfer) async throws -> IperfServerTransfer.Outcome {
        async let watch = Self.watch(control, transfer, until: .now + transfer.span + Self.patience)
        let outcome: IperfServerTransfer.Outcome
        do {
            outcome = try await transfer.run()
        } catch {
            await control.stream.close()
            _ = await watch
            throw error
        }
        if outcome.isBeyondLimits {
            _ = try? await control.send(.serverTerminate, deadline: deadline)
            await control.stream.close()
            _ = await watch
            throw Ending("it went on beyond this server's limits, and was ended")
        }
        switch await watch {
        case .failed(let failure): throw Ending(failure, "during the transfer")
        case .value(.testEnd): return outcome
        case .value(.clientTerminate): throw Ending("the client gave up")
        case .value: throw Ending("the client said something else than the end of the test")
        }
    }

    private static func watch(
        _ control: IperfControl, _ transfer: IperfServerTransfer, until deadline: Instant
    ) async -> IperfControl.Reading<IperfState> {
        let reading = try? await control.state(deadline: deadline)
        transfer.halt()
        return reading ?? .failed(.end(.closed))
    }

    /// - Returns: the client's results.
    private func exchange(_ own: IperfResults) async throws -> IperfResults {
        try await say(.exchangeResults)
        switch try await control.message(deadline: deadline) {
        case .failed(let failure): throw Ending(failure, "when asked for its results")
        case .value(let bytes):
            guard let results = IperfResults(decoding: bytes) else { throw Ending("its results make no sense") }
            if let failure = try await control.send(message: own.encoded, deadline: deadline) {
                throw Ending(failure, "when it was told the results")
            }
            return results
        }
    }
}
