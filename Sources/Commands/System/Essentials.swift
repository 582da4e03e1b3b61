import Glibc
import LinuxIO

/// What the process cannot do without, tried before anything rests on it: without a thread to run on the libraries wait for one
/// for ever, and without descriptors they trap.
enum Essentials {
    /// The event queue, its wake-up, the resolver's files and one socket.
    private static let descriptors = 6
    /// Address space in bytes: several times what a small run takes.
    private static let memory = 64 << 20
    /// The reactor and those that carry the tasks.
    private static let threads = 4

    /// What is missing and how to mend it; nil when all is there.
    static func shortage() -> String? {
        // Swift reads the arguments there, and libdispatch ends the process when it cannot count its threads.
        guard access("/proc/self/task", R_OK) == 0 else {
            return "cannot read /proc/self: \(SystemCallFailure("access"))\n  to mend it: mount -t proc proc /proc"
        }
        if let failure = missingDescriptors() {
            return
                "cannot open \(descriptors) files: \(failure)\n  to mend it: raise the limit of open files (ulimit -n)"
        }
        if let failure = missingMemory() {
            return
                "cannot have \(memory >> 20) MiB of memory: \(failure)\n  to mend it: raise the limit of memory (ulimit -v)"
        }
        if let failure = missingThreads() {
            return "cannot start \(threads) threads: \(failure)\n  to mend it: "
                + "raise the limits of processes and of memory (ulimit -u, ulimit -v, pids.max and memory.max of the cgroup)"
        }
        return nil
    }

    private static func missingDescriptors() -> SystemCallFailure? {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        for _ in 0..<descriptors {
            let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
            guard descriptor >= 0 else { return SystemCallFailure("fcntl") }
            opened.append(descriptor)
        }
        return nil
    }

    private static func missingMemory() -> SystemCallFailure? {
        guard let space = mmap(nil, memory, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), space != MAP_FAILED else {
            return SystemCallFailure("mmap")
        }
        munmap(space, memory)
        return nil
    }

    /// All at once: each of them stays until the last was started.
    private static func missingThreads() -> SystemCallFailure? {
        let gate = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(gate, 0, 0)
        var started: [pthread_t] = []
        // SAFETY: the semaphore lives until every thread that was started has been joined.
        defer {
            for _ in started { sem_post(gate) }
            for thread in started { pthread_join(thread, nil) }
            sem_destroy(gate)
            gate.deallocate()
        }
        for _ in 0..<threads {
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { gate in
                    if let gate { while sem_wait(gate.assumingMemoryBound(to: sem_t.self)) != 0 {} }
                    return nil
                }, gate)
            guard code == 0 else { return SystemCallFailure("pthread_create", code: code) }
            started.append(thread)
        }
        return nil
    }
}
