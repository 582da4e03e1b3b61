import LinuxIO
import NetValues
import Observations
import ProbeKit

/// A listener with one task for each connection. It lives until `stop()` or until it is let go of.
package final class AcceptingServer: Sendable {
    package let endpoint: Endpoint
    private let listener: TCPListener
    private let task: Task<Void, Never>

    /// `serve` gets each accepted stream, which is closed when it returns.
    package init(
        on endpoint: Endpoint, reactor: Reactor, serve: @escaping @Sendable (TCPStream) async -> Void
    ) async throws(Inability) {
        let listener: TCPListener
        do throws(SystemCallFailure) {
            listener = try await TCPListener(on: endpoint, reactor: reactor)
        } catch {
            throw error.inability(to: "listen on \(endpoint)")
        }
        self.listener = listener
        self.endpoint = listener.endpoint
        // On the reactor's thread, where its streams are read: a server that waits for a busy pool looks slow.
        task = Task(executorPreference: reactor.executor) { await Self.acceptAll(listener, serve) }
    }

    deinit {
        task.cancel()
    }

    /// Ends every connection and returns when all are over.
    package func stop() async {
        task.cancel()
        await task.value
    }

    private static func acceptAll(_ listener: TCPListener, _ serve: @escaping @Sendable (TCPStream) async -> Void) async
    {
        await withDiscardingTaskGroup { group in
            // Cancelled, or out of descriptors: in both cases the end.
            while let stream = try? await listener.accept() {
                group.addTask {
                    await serve(stream)
                    await stream.close()
                }
            }
            group.cancelAll()
        }
        await listener.close()
    }
}

extension ByteStream {
    /// Waits until the peer is done, whatever it says meanwhile.
    package func drain() async {
        while case .bytes = try? await read(upTo: 16_384, deadline: .now + .seconds(3600)) {}
    }
}
