import Glibc
import LinuxIO

/// Runs `body` on a thread of its own: for work that blocks, which would keep a task's thread from everybody else.
/// - Throws: where the process may have no further thread; `body` is not run then.
func onOwnThread(_ body: @escaping @Sendable () -> Void) async throws(SystemCallFailure) {
    let code: Int32 = await withUnsafeContinuation { continuation in
        let work = ThreadWork {
            body()
            continuation.resume(returning: 0)
        }
        let box = Unmanaged.passRetained(work)
        var id = pthread_t()
        let code = pthread_create(
            &id, nil,
            { pointer in
                // SAFETY: balances passRetained above; pthread_create calls this exactly once with that pointer.
                guard let pointer else { return nil }
                Unmanaged<ThreadWork>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return continuation.resume(returning: code)
        }
        pthread_detach(id)
    }
    if code != 0 { throw SystemCallFailure("pthread_create", code: code) }
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
