import NetValues
import Observations
import ProbeKit

/// One series at a hub, which runs it on the reactor's thread; the task that asked for it sleeps until the series is over.
actor EchoSocketSession: EchoSession {
    nonisolated let executor: ReactorExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let hub: EchoHub
    private let member: EchoMember

    init(_ member: EchoMember, at hub: EchoHub, _ executor: ReactorExecutor) {
        self.member = member
        self.hub = hub
        self.executor = executor
    }

    deinit {
        executor.submit { [hub, member] _ in hub.leave(member) }
    }

    func run(_ course: any EchoCourse) async throws(ProbeInterruption) {
        guard hub.has(member) else { throw .unable(Self.wasClosed) }
        let reason = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: Wake.cancelled)
                } else {
                    hub.begin(course, member, continuation)
                }
            }
        } onCancel: { [hub, member] in
            // Queued behind the job that begins, so that it always finds the course there.
            executor.submit { _ in hub.end(member, .cancelled) }
        }
        if reason == .cancelled { throw .cancelled }
    }

    func close() {
        hub.leave(member)
    }

    private static let wasClosed = Inability(
        .internalFault, action: "use an ICMP session", reason: "it was closed before",
        fix: "please report this with the command line")
}
