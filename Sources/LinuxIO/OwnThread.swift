import Glibc
import NetValues

/// A thread for one piece of work: what keeps a processor busy, or blocks, must not stand between other checks and their clock.
package enum OwnThread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Returns: its number; it frees itself when `work` is done.
    @discardableResult
    static func start(_ work: @escaping @Sendable () -> Void) throws(SystemCallFailure) -> pthread_t {
        let box = Unmanaged.passRetained(Work(work))
        var id = pthread_t()
        let code = pthread_create(
            &id, nil,
            { pointer in
                // SAFETY: balances passRetained above; pthread_create calls this exactly once with that pointer.
                guard let pointer else { return nil }
                Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw SystemCallFailure("pthread_create", code: code)
        }
        pthread_detach(id)
        return id
    }

    /// Returns when `work` is done.
    /// - Throws: where the process may have no further thread; `work` is not run then.
    package static func run(_ work: @escaping @Sendable () -> Void) async throws(SystemCallFailure) {
        let failure: SystemCallFailure? = await withUnsafeContinuation { continuation in
            do throws(SystemCallFailure) {
                try start {
                    work()
                    continuation.resume(returning: nil)
                }
            } catch { continuation.resume(returning: error) }
        }
        if let failure { throw failure }
    }

    /// Processor time of the calling thread: in user space, and in the kernel for it.
    static var processorTime: (user: Duration, system: Duration) {
        var usage = rusage()
        guard getrusage(ownThread, &usage) == 0 else { return (.zero, .zero) }
        func span(_ time: timeval) -> Duration { .seconds(time.tv_sec) + .microseconds(time.tv_usec) }
        return (span(usage.ru_utime), span(usage.ru_stime))
    }

    /// How long the calling thread was ready and waited for a processor, its control group's quota included: the second number of
    /// schedstat (Documentation/scheduler/sched-stats.rst). Nil where the kernel does not say.
    package static var processorWait: Duration? {
        guard let text = SmallFile.read("/proc/thread-self/schedstat") else { return nil }
        let fields = text.split { $0 == " " || $0 == "\n" }
        return fields.count >= 2 ? Int64(fields[1]).map { .nanoseconds($0) } : nil
    }

    /// RUSAGE_THREAD (sys/resource.h)
    private static let ownThread: Int32 = 1
}
