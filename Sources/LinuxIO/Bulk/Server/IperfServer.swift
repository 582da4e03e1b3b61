import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// The other end of transfers: iperf3's server side, for its clients and for Leadsmen. One test at a time, each within limits; a
/// connection that says nothing keeps nobody from testing.
package actor IperfServer {
    package static let usualPort: UInt16 = 5201

    package struct Limits: Sendable {
        /// Of each test.
        package var span = Duration.seconds(60)
        package var bytes = 10_000_000_000
        package var streams = 32
        /// Who may; empty for everybody.
        package var allowed: [AddressRange] = []
        /// Ends after so many tests; nil for no end.
        package var tests: Int?

        package init() {}
    }

    /// One test, when it is over.
    package struct Report: Sendable {
        package var peer: Endpoint
        package var parameters: IperfParameters?
        package var outcome: BulkOutcome?
        /// What was sent, of a test of both ways; `outcome` is then what came.
        package var sent: BulkOutcome?
        package var results: IperfResults?
        /// Why it did not come to its end; nil when it did.
        package var failure: String?
    }

    /// The streams that a test waits for come from connections that show its cookie.
    private struct Current {
        let cookie: IperfCookie
        var waiting: AsyncStream<Incoming>.Continuation?
    }

    /// A connection, by its turn: which of a test's streams it is follows from that alone.
    struct Incoming: Sendable {
        let turn: Int
        let stream: TCPStream
    }

    private nonisolated let reactor: Reactor
    private let limits: Limits
    private let told: @Sendable (Report) -> Void
    private let listeners: [TCPListener]
    private var current: Current?
    /// Those that have not shown a cookie yet, the oldest first.
    private var undecided: [Incoming] = []
    private var turns = 0
    private var done = 0

    package nonisolated let endpoints: [Endpoint]
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    private static let mostUndecided = 64
    private static let cookiePatience = Duration.seconds(5)
    private static let pause = Duration.milliseconds(10)

    /// - Parameter endpoints: where to listen; of those with port 0 the kernel chooses.
    package init(
        on endpoints: [Endpoint], limits: Limits, reactor: Reactor, told: @escaping @Sendable (Report) -> Void
    ) async throws(SystemCallFailure) {
        var listeners: [TCPListener] = []
        for endpoint in endpoints {
            do throws(SystemCallFailure) {
                listeners.append(try await TCPListener(on: endpoint, reactor: reactor))
            } catch {
                // A host without IPv6 has IPv4 all the same.
                if error.code == EAFNOSUPPORT, endpoints.count > 1 { continue }
                for listener in listeners { await listener.close() }
                throw error
            }
        }
        self.listeners = listeners
        self.endpoints = listeners.map(\.endpoint)
        self.reactor = reactor
        self.limits = limits
        self.told = told
    }

    /// Until the task is cancelled, or the tests are done.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for listener in listeners {
                group.addTask { await self.acceptAll(listener) }
            }
        }
    }

    private func acceptAll(_ listener: TCPListener) async {
        await withDiscardingTaskGroup { group in
            while let stream = await next(listener) {
                if isDone { break }
                turns += 1
                let incoming = Incoming(turn: turns, stream: stream)
                group.addTask { await self.decide(incoming) }
            }
            group.cancelAll()
        }
        await listener.close()
    }

    /// Nil when nobody listens any more.
    private func next(_ listener: TCPListener) async -> TCPStream? {
        while true {
            do throws(ProbeInterruption) {
                return try await listener.accept()
            } catch {
                // No descriptor is left, say: a crowd of connections must not end it.
                guard case .unable = error else { return nil }
                await dismissOldest()
                guard (try? await reactor.sleep(until: .now + Self.pause)) != nil else { return nil }
            }
        }
    }

    private var isDone: Bool { limits.tests.map { done >= $0 } ?? false }

    /// By its cookie a connection is a new test, a stream of the one at work, or one too many.
    private func decide(_ incoming: Incoming) async {
        let stream = incoming.stream
        guard let ends = await stream.ends(), isAllowed(ends.peer.address) else { return await stream.close() }
        let control = IperfControl(stream)
        let reading = await cookie(of: incoming, control)
        guard case .value(let bytes)? = reading, let cookie = IperfCookie(bytes) else { return await stream.close() }
        if let current {
            if current.cookie == cookie, let waiting = current.waiting {
                waiting.yield(incoming)
            } else {
                _ = try? await control.send(.accessDenied, deadline: .now + .seconds(1))
                await stream.close()
            }
            return
        }
        current = Current(cookie: cookie)
        // The test begins by two: what is sent meanwhile would wait for the client, and count as fast.
        await stream.sendAtOnce()
        let test = IperfServerTest(
            control: control, own: ends.own, peer: ends.peer, limits: limits, reactor: reactor,
            streams: { await self.expectStreams() })
        let report = await test.run()
        current?.waiting?.finish()
        current = nil
        // Whoever does not know what to ask for has used up none.
        if report.parameters != nil { done += 1 }
        await stream.close()
        told(report)
        if isDone { for listener in listeners { await listener.close() } }
    }

    /// Of too many that say nothing the one that had longest to do so goes: it keeps nobody away.
    private func cookie(of incoming: Incoming, _ control: IperfControl) async -> IperfControl.Reading<[UInt8]>? {
        if undecided.count >= Self.mostUndecided { await dismissOldest() }
        undecided.append(incoming)
        defer { undecided.removeAll { $0.turn == incoming.turn } }
        return try? await control.take(IperfCookie.length, deadline: .now + Self.cookiePatience)
    }

    private func dismissOldest() async {
        guard !undecided.isEmpty else { return }
        await undecided.removeFirst().stream.close()
    }

    private func isAllowed(_ address: IPAddress) -> Bool {
        limits.allowed.isEmpty || limits.allowed.contains { $0.contains(address) }
    }

    /// From now on connections with the test's cookie are its streams.
    private func expectStreams() -> AsyncStream<Incoming> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Incoming.self, bufferingPolicy: .bufferingOldest(limits.streams))
        current?.waiting = continuation
        return stream
    }
}
