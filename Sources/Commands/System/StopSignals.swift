import CLinux
import Glibc
import LinuxIO
import NetValues
import ProbeKit
import Synchronization

/// SIGINT and SIGTERM: the first stops the run so that what was seen can be reported, the second ends the process at once.
///
/// The signals are blocked in every thread and read from a descriptor on the reactor, so that no code runs in a signal
/// handler. Blocking must happen before any other thread exists.
final class StopSignals: Sendable {
    private let descriptor: Int32
    private let seen = Mutex<Int32?>(nil)

    /// Blocks the signals; to be called first of all. SIGPIPE is ignored: writes then fail with EPIPE.
    static func block() {
        var set = stopSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    init() {
        var set = Self.stopSet()
        descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The signal that stopped the run: 2 or 15.
    var received: Int32? { seen.withLock { $0 } }

    /// Waits for signals until its task is cancelled; calls `stop` at the first.
    func watch(on reactor: Reactor, stop: @Sendable () -> Void) async {
        guard descriptor >= 0, (try? await reactor.register(descriptor)) != nil else { return }
        while true {
            do { try await reactor.wait(for: .readable, on: descriptor) } catch { break }
            while let number = next() {
                if seen.withLock({ $0 }) != nil { _exit(128 + number) }
                seen.withLock { $0 = number }
                stop()
            }
        }
        await reactor.unregister(descriptor)
    }

    private func next() -> Int32? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        return read(descriptor, &information, size) == size ? Int32(information.ssi_signo) : nil
    }

    private static func stopSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }
}
