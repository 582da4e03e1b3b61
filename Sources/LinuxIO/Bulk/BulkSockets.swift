import Glibc
import NetValues
import Observations
import ProbeKit
import Synchronization

/// The connected sockets of one transfer, and the thread that fills or empties them.
package final class BulkSockets: BulkTransfer {
    private let sockets: [OwnedSocket]
    private let transport: ThroughputFact.Transport
    private let flags = BulkFlags()

    package init(_ sockets: [OwnedSocket], _ transport: ThroughputFact.Transport) {
        self.sockets = sockets
        self.transport = transport
    }

    deinit {
        close()
    }

    package func run(_ course: BulkCourse) async throws(ProbeInterruption) -> BulkOutcome {
        let (sockets, transport, flags) = (sockets, transport, flags)
        let result: Result<BulkOutcome, SystemCallFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemCallFailure) {
                    try OwnThread.start {
                        BulkSockets.work(sockets, transport, course, flags) {
                            continuation.resume(returning: .success($0))
                        }
                    }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            flags.isHalted.store(true, ordering: .relaxed)
        }
        if Task.isCancelled { throw .cancelled }
        switch result {
        case .success(let outcome): return outcome
        case .failure(let failure): throw .unable(failure.inability(to: "start a thread for the transfer"))
        }
    }

    private static func work(
        _ sockets: [OwnedSocket], _ transport: ThroughputFact.Transport, _ course: BulkCourse, _ flags: BulkFlags,
        report: (BulkOutcome) -> Void
    ) {
        switch (transport, course.role) {
        case (.tcp, .send):
            var sending = StreamSending(sockets, course, flags)
            report(sending.run())
        case (.udp, .send):
            var sending = DatagramSending(sockets, course, flags)
            report(sending.run())
        case (.tcp, .receive):
            var receiving = StreamReceiving(sockets, course, flags)
            report(receiving.run())
            receiving.drain()
        case (.udp, .receive):
            var receiving = DatagramReceiving(sockets, course, flags)
            report(receiving.run())
        }
    }

    package func halt() { flags.isHalted.store(true, ordering: .relaxed) }

    package func close() {
        guard !flags.isClosed.exchange(true, ordering: .relaxed) else { return }
        halt()
        for socket in sockets {
            // What is in the send queue goes with it (socket(7), SO_LINGER); the descriptor is closed when the thread is done.
            var option = linger(l_onoff: 1, l_linger: 0)
            _ = setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }
}

/// What others tell the transfer's thread.
final class BulkFlags: Sendable {
    let isHalted = Atomic(false)
    let isClosed = Atomic(false)

    var mustEnd: Bool { isHalted.load(ordering: .relaxed) }
}

/// Waits for several descriptors.
struct Readiness {
    private var polls: [pollfd]
    /// So long at most, that a halt is soon seen.
    private static let patience = Duration.milliseconds(20)

    init(_ sockets: [OwnedSocket], for events: Int32) {
        polls = sockets.map { pollfd(fd: $0.descriptor, events: Int16(truncatingIfNeeded: events), revents: 0) }
    }

    mutating func wait(until instant: Instant?) {
        let now = Instant.now
        let span = min(Self.patience, instant.map { $0 - now } ?? Self.patience)
        for index in polls.indices { polls[index].revents = 0 }
        _ = poll(&polls, nfds_t(polls.count), Int32(clamping: (max(span, .zero).nanoseconds + 999_999) / 1_000_000))
    }

    func isReady(_ index: Int) -> Bool { polls[index].revents != 0 }
}
