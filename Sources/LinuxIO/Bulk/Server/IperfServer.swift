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
        package var results: IperfResults?
        /// Why it did not come to its end; nil when it did.
        package var failure: String?
    }

    /// The streams that a test waits for come from connections that show its cookie.
    private struct Current {
        let cookie: IperfCookie
        var waiting: AsyncStream<TCPStream>.Continuation?
    }

    private nonisolated let reactor: Reactor
    private let limits: Limits
    private let told: @Sendable (Report) -> Void
    private let listeners: [TCPListener]
    private var current: Current?
    private var undecided = 0
    private var done = 0

    package nonisolated let endpoints: [Endpoint]
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    private static let mostUndecided = 64
    private static let cookiePatience = Duration.seconds(5)

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
            while let stream = try? await listener.accept() {
                if isDone { break }
                group.addTask { await self.decide(stream) }
            }
            group.cancelAll()
        }
        await listener.close()
    }

    private var isDone: Bool { limits.tests.map { done >= $0 } ?? false }

    /// By its cookie a connection is a new test, a stream of the one at work, or one too many.
    private func decide(_ stream: TCPStream) async {
        guard let ends = await stream.ends(), isAllowed(ends.peer.address), undecided < Self.mostUndecided else {
            return await stream.close()
        }
        undecided += 1
        let control = IperfControl(stream)
        let reading = try? await control.take(IperfCookie.length, deadline: .now + Self.cookiePatience)
        undecided -= 1
        guard case .value(let bytes)? = reading, let cookie = IperfCookie(bytes) else { return await stream.close() }
        if let current {
            if current.cookie == cookie, let waiting = current.waiting {
                waiting.yield(stream)
            } else {
                _ = try? await control.send(.accessDenied, deadline: .now + .seconds(1))
                await stream.close()
            }
            return
        }
        current = Current(cookie: cookie)
        let test = IperfServerTest(
            control: control, own: ends.own, peer: ends.peer, limits: limits, reactor: reactor,
            streams: { await self.expectStreams() })
        let report = await test.run()
        current?.waiting?.finish()
        current = nil
        done += 1
        await stream.close()
        told(report)
        if isDone { for listener in listeners { await listener.close() } }
    }

    private func isAllowed(_ address: IPAddress) -> Bool {
        limits.allowed.isEmpty || limits.allowed.contains { $0.contains(address) }
    }

    /// From now on connections with the test's cookie are its streams.
    private func expectStreams() -> AsyncStream<TCPStream> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: TCPStream.self, bufferingPolicy: .bufferingOldest(limits.streams))
        current?.waiting = continuation
        return stream
    }
}
